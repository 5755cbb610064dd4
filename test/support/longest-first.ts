import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** About how many seconds the files need that need many, in the sampled run on two cores; what is not here is short. */
const SECONDS: Readonly<Record<string, number>> = {
  ...{ 'sample-mail': 8, 'lease-gate': 6 },
  ...{
    'proxy-clients': 66,
    'outbox-worker': 30,
    'arrivals-between': 25,
    'double-cut': 20,
    'cut-appends': 17,
    'mirror-poison': 15,
    proxy: 15,
  },
  ...{ 'continuity-delivery': 11, 'ingest-memory': 10 },
  ...{ complaints: 81, 'not-accepting': 56, 'set-back': 25, delivery: 19, 'gmail-compose': 19, 'sign-in-submission': 19 },
  ...{ 'cli-continuity': 17, cli: 17, 'relay-clock': 16, watch: 14, continuity: 11 },
  ...{ reconcile: 50, 'disk-engine': 42, outbox: 32, 'oplog-points': 29, changes: 24, 'first-mirror': 20, 'oplog-cuts': 18 },
  ...{ 'append-restore': 15, 'delete-last': 15, migrations: 15, 'outbox-recovery': 15, 'capabilities-change': 13 },
  ...{ 'disk-faults': 11, drafts: 11, 'imap-faults': 11, interrupts: 11 },
  ...{ 'imap-hostile': 56, 'mirror-lies': 44, 'outbox-bars': 37, 'malformed-mail': 18, 'outbox-retry': 17, 'mime-robustness': 17 },
  ...{ 'many-clients': 14, herd: 12, 'uid-validity-within': 12, 'imap-cut-answers': 11, 'large-mail': 11, 'submission-silence': 10 },
  ...{ 'reconnect.alone': 33, 'idle.alone': 19 },
  ...{ 'app-policy': 49, 'app-one-account': 47, 'app-reconcile': 44, 'app-desktop': 43, 'app-outage-blackhole': 42, 'app-told': 37 },
  ...{ 'app-store-fault': 36, 'app-hostile-mail': 34, 'app-demo': 31, 'app-outage-refused': 29, 'app-one-mailbox': 28 },
  ...{ 'app-outage-stopped': 26, 'app-heavy-mail': 25, 'app-compose': 19, 'app-engine': 19, 'app-recovery-key': 19, 'app-second-wall': 19 },
  ...{ 'app-readiness': 18, 'app-mail': 17, 'app-two-accounts': 17, 'app-text-places': 16, 'app-keyboard': 15, 'app-lease': 14 },
  ...{ 'app-outbox': 14, 'app-window': 13, 'app-empty': 12, 'app-plain-text': 12 },
};

const secondsOf = ({ moduleId }: TestSpecification): number => SECONDS[basename(moduleId, '.test.ts')] ?? 0;

/** Long ones in turn with those of half the list further: what takes longest mostly waits, and leaves its time to what works. */
function mixed(files: readonly TestSpecification[]): TestSpecification[] {
  const longest = files.filter((one) => secondsOf(one) > 0).sort((a, b) => secondsOf(b) - secondsOf(a));
  const half = Math.ceil(longest.length / 2);
  const inTurn = longest.slice(0, half).flatMap((one, n) => [one, ...longest.slice(half + n, half + n + 1)]);
  return [...inTurn, ...files.filter((one) => secondsOf(one) === 0)];
}

/**
 * Begins with what takes long, so that no worker is left alone with it in the end. Files of a project stay together, since they share what they
 * import; projects whose files share nothing come first in their group.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))].sort(
      ({ config: a }, { config: b }) => a.sequence.groupOrder - b.sequence.groupOrder || Number(b.isolate) - Number(a.isolate),
    );
    return projects.flatMap((project) => mixed(sorted.filter((one) => one.project === project)));
  }
}
