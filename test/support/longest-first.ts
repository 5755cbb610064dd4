import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** About how many seconds the files need that need many, in the sampled run on two cores; what is not here is short. */
const SECONDS: Readonly<Record<string, number>> = {
  ...{ 'sample-mail': 6, 'outbox-worker': 11 },
  ...{ complaints: 53, cli: 25, 'cli-continuity': 25 },
  ...{ 'oplog-points': 52, reconcile: 46, interrupts: 45, 'delete-last': 32, drafts: 30, migrations: 25 },
  ...{ 'imap-hostile': 85, 'mirror-capabilities': 44, 'mime-robustness': 35, 'mirror-random': 33, 'mirror-lies': 30 },
  ...{
    'app-hostile-mail': 120,
    'app-second-wall': 120,
    'app-one-mailbox': 80,
    'app-one-account': 70,
    'app-two-accounts': 60,
    'app-recovery-key': 70,
    'app-heavy-mail': 60,
    'app-empty': 45,
    'app-keyboard': 55,
  },
  ...{ 'app-reconcile': 50, 'app-desktop': 49, 'app-store-fault': 47 },
  ...{ 'app-outage-blackhole': 40, 'app-outage-refused': 40, 'app-outage-stopped': 40 },
};

const secondsOf = ({ moduleId }: TestSpecification): number => SECONDS[basename(moduleId, '.test.ts')] ?? 0;

/**
 * Begins with what takes longest, so that no worker is left alone with it in the end. Files of a project stay together, since they share what they
 * import; projects whose files share nothing come first in their group.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))].sort(
      ({ config: a }, { config: b }) => a.sequence.groupOrder - b.sequence.groupOrder || Number(b.isolate) - Number(a.isolate),
    );
    return projects.flatMap((project) => sorted.filter((one) => one.project === project).sort((a, b) => secondsOf(b) - secondsOf(a)));
  }
}
