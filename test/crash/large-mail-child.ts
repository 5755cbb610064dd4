import { randomBytes } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { emptyContent } from '../support/draft-random.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { peakMemory } from '../support/memory-peak.ts';
import { RateClock } from '../support/rate-clock.ts';
import { until } from '../support/until.ts';

/** What the parent gives on standard input: servers in a process of their own, so that what is measured is the engine's. */
export interface LargeMailTask {
  readonly primary: RigServer;
  readonly fileBytes: readonly number[];
}

/** What it tells on standard output. */
export interface LargeMailOutcome {
  readonly filingPeakBytes: number;
  readonly sendingPeakBytes: number;
  readonly mailBytes: number;
}

const UNTOUCHED_MS = 20_000;
const LIMIT_MS = 120_000;

const task = JSON.parse(readFileSync(0, 'utf8')) as LargeMailTask;
const clock = new RateClock();
const rig = await EngineRig.open({ primary: task.primary, clock, config: { continuity: { undoSendSeconds: 0 } } });
await rig.mirror();
// A server of which it is not known is given minutes to file a copy of its own.
rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', false, clock.now());
const { compose, outbox } = rig.engine.features;
const { desk } = compose;
const { id } = await desk.start({ kind: 'new', accountId: null, mailto: null });
const to = [{ name: '', address: 'bob@example.org' }];
desk.save(
  id,
  0,
  emptyContent({ accountId: rig.accountId, to, bcc: [{ name: '', address: 'blind@example.org' }], subject: 'large', text: 'x' }),
);
for (const [n, bytes] of task.fileBytes.entries()) {
  desk.addFile(id, { name: `${n}.bin`, mimeType: 'application/octet-stream', isInline: false, content: randomBytes(bytes) });
}
const copies = rig.engine.store.drafts.copies;
const filing = await peakMemory(async () => {
  rig.engine.start();
  // At once, not by a clock that runs faster: a transfer that takes its time would look like a server that is silent.
  clock.pass(UNTOUCHED_MS);
  await until('the draft is filed', () => copies.ofDraft(id).some((one) => one.state === 'filed'), LIMIT_MS);
});
const sending = await peakMemory(async () => {
  const { outboxId } = await desk.send(id, desk.get(id).version);
  await until('the mail is filed', () => outbox.item(outboxId).state === 'filed', LIMIT_MS);
  return outbox.item(outboxId).sizeBytes;
});
const outcome: LargeMailOutcome = { filingPeakBytes: filing.peakBytes, sendingPeakBytes: sending.peakBytes, mailBytes: sending.result };
writeSync(1, `${JSON.stringify(outcome)}\n`);
await rig.close();
