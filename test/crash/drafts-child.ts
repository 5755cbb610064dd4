import { systemClock } from '../../main/engine/core/clock.ts';
import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { emptyContent } from '../support/draft-random.ts';
import { atAnswers, beforeCommits } from './points.ts';

/** What the parent gives on standard input. */
export interface DraftsTask {
  readonly dir: string;
  readonly keyHex: string;
  readonly primary: RigServer;
  /** The primary refuses copies from this size on. */
  readonly tooLargeBytes: number;
  /** Kill this process at the n-th point: at each durable step, before each commit, at each answer of the server; 0 for never. */
  readonly crashAt: number;
}

/** What was acknowledged to the person, a line each, so that the parent knows what must not be lost. */
export type Acknowledged = { readonly saved: [name: string, text: string] } | { readonly discarded: string } | { readonly sent: string };

const pieces: Buffer[] = [];
for await (const piece of process.stdin) pieces.push(piece as Buffer);
const task = JSON.parse(Buffer.concat(pieces).toString('utf8')) as DraftsTask;

let points = 0;
const point = (): void => {
  points += 1;
  if (points === task.crashAt) process.kill(process.pid, 'SIGKILL');
};
let aheadMs = 0;
const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
const aroundImap = (gateway: ImapGateway): ImapGateway => atAnswers(gateway, point);
const rig = await EngineRig.attach(
  { primary: task.primary, clock, step: point, aroundImap },
  { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') },
);
beforeCommits(rig.engine.store.outboxHandle, point);
const { desk } = rig.engine.features.compose;

const told = (line: Acknowledged): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const to = [{ name: '', address: 'bob@example.org' }];
const content = (subject: string, text: string) => emptyContent({ accountId: rig.accountId, to, subject, text });

async function filed(): Promise<void> {
  aheadMs += 20_000;
  await rig.mirror();
}

async function begin(name: string, text = 'first'): Promise<{ id: Awaited<ReturnType<typeof desk.start>>['id']; version: number }> {
  const { id } = await desk.start({ kind: 'new', accountId: null, mailto: null });
  const { version } = desk.save(id, 0, content(name, text));
  told({ saved: [name, text] });
  await filed();
  return { id, version };
}

const kept = await begin('kept');
desk.save(kept.id, kept.version, content('kept', 'second'));
told({ saved: ['kept', 'second'] });
desk.addFile(kept.id, { name: 'a.txt', mimeType: 'text/plain', isInline: false, content: Buffer.from('file') });
await filed();
// Refused, and written shorter: the refusal is noted, and overcome.
const refused = await begin('refused', 'x'.repeat(task.tooLargeBytes));
desk.save(refused.id, refused.version, content('refused', 'shorter'));
told({ saved: ['refused', 'shorter'] });
aheadMs += 60_000;
await filed();
const dropped = await begin('dropped');
desk.discard(dropped.id);
told({ discarded: 'dropped' });
await filed();
const sent = await begin('sent');
await desk.send(sent.id, sent.version);
told({ sent: 'sent' });
await filed();
await rig.engine.stop();
process.stdout.write(`steps ${points}\n`);
