import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { atAnswers, beforeCommits } from './points.ts';

/** What the parent gives on standard input. */
export interface ReconcileTask {
  readonly dir: string;
  readonly keyHex: string;
  readonly primary: RigServer;
  readonly relay: RigServer;
  /** `carry`: the primary is back. `double`: a person wants our copy of a double removed. */
  readonly scenario: 'carry' | 'double';
  /** Kill this process at the n-th point: at each durable step, before each commit, at each answer of a server; 0 for never. */
  readonly crashAt: number;
}

/** Time that passes between two looks: more than any grace or wait of the parts. */
const ROUND_MS = 130_000;
const ROUNDS = 6;

const pieces: Buffer[] = [];
for await (const piece of process.stdin) pieces.push(piece as Buffer);
const task = JSON.parse(Buffer.concat(pieces).toString('utf8')) as ReconcileTask;

let points = 0;
const point = (): void => {
  points += 1;
  if (points === task.crashAt) process.kill(process.pid, 'SIGKILL');
};
const clock = new ShiftClock();
const aroundImap = (gateway: ImapGateway): ImapGateway => atAnswers(gateway, point);
const { primary, relay } = task;
const rig = await EngineRig.attach(
  { primary, relay, clock, step: point, aroundImap },
  { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') },
);
const { store, features } = rig.engine;
beforeCommits(store.handle, point);
beforeCommits(store.outboxHandle, point);

if (task.scenario === 'carry') features.monitor.setControl(rig.accountId, 'forced-normal');
else {
  const [run] = features.reconciler.list();
  const double = store.reconcile.items(run!.id, ['exception']).find((one) => one.operation === 'note-double');
  if (double) features.reconciler.removeDouble(run!.id, double.id);
}
for (let n = 0; n < ROUNDS; n += 1) {
  await rig.mirror();
  clock.pass(ROUND_MS);
  if (task.scenario === 'double' && n === 1) break;
}
await rig.engine.stop();
process.stdout.write(`steps ${points}\n`);
