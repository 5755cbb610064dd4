import { readFileSync } from 'node:fs';
import { enrolmentFileSchema } from '../../shared/model/enrolment-file.ts';
import { openEngine } from '../../main/engine/open-engine.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { memorySecrets } from '../support/memory-secrets.ts';

/** Task: mirror everything once and tell the figures as one line of JSON. The engine is the one of the app. */
interface Task {
  readonly profileDir: string;
  readonly keyHex: string;
  readonly enrolFile: string;
}

const startedAt = performance.now();
const task = JSON.parse(readFileSync(0, 'utf8')) as Task;
const secrets = memorySecrets();
let firstRowsAt = 0;
let connectedAt = 0;
const engine = await openEngine({
  profileDir: task.profileDir,
  storeKey: Buffer.from(task.keyHex, 'hex'),
  secrets,
  log: silentLog,
  onEvent: (name, payload) => {
    if (name === 'sync.state' && connectedAt === 0 && (payload as { phase: string }[]).some((one) => one.phase === 'listing'))
      connectedAt = performance.now();
    if (name === 'messages.changed' && firstRowsAt === 0) firstRowsAt = performance.now();
  },
});
const { accounts } = enrolmentFileSchema.parse(JSON.parse(readFileSync(task.enrolFile, 'utf8')));
const first = accounts[0]!;
const known = engine.store.accounts.list()[0];
const id = known?.id ?? (await engine.enrol(first.config, first.secrets)).id;
await secrets.set(id, 'primary', 'imap', first.secrets!.primary.imap);
const openedAt = performance.now();
const runs = await engine.mirrorOnce();
const endedAt = performance.now();
for (const run of runs) if (run.error !== null) throw run.error as Error;
// A second look in the same process: what the running app does.
const againAt = performance.now();
await engine.mirrorOnce();
const again = performance.now() - againAt;
const counts = engine.store.placements.countMissing(id, 'primary', 2);
engine.store.handle.checkpoint();
const storeBytes = engine.store.handle.sizeBytes();
await engine.stop();
process.stdout.write(
  `${JSON.stringify({
    openMs: openedAt - startedAt,
    mirrorMs: endedAt - openedAt,
    againMs: again,
    firstRowsMs: firstRowsAt === 0 ? 0 : firstRowsAt - (connectedAt || openedAt),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    storeBytes,
    ...counts,
  })}\n`,
);
