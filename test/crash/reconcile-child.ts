import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { atAnswers, beforeCommits } from './points.ts';
import { reconcileScenarios, type ScenarioName } from './reconcile-scenarios.ts';

/** What the parent gives on standard input. */
export interface ReconcileTask {
  readonly dir: string;
  readonly keyHex: string;
  readonly primary: RigServer;
  readonly relay: RigServer;
  readonly scenario: ScenarioName;
  /** Kill this process at the n-th point: at each durable step, before each commit, at each answer of a server; 0 for never. */
  readonly crashAt: number;
}

const pieces: Buffer[] = [];
for await (const piece of process.stdin) pieces.push(piece as Buffer);
const task = JSON.parse(Buffer.concat(pieces).toString('utf8')) as ReconcileTask;

const points: string[] = [];
const point = (name: string): void => {
  points.push(name);
  if (points.length === task.crashAt) process.kill(process.pid, 'SIGKILL');
};
const clock = new ShiftClock();
const aroundImap = (gateway: ImapGateway): ImapGateway => atAnswers(gateway, point);
const { primary, relay } = task;
const rig = await EngineRig.attach(
  { primary, relay, clock, step: point, aroundImap },
  { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') },
);
const { store } = rig.engine;
beforeCommits(store.handle, point);
beforeCommits(store.outboxHandle, point);
await reconcileScenarios[task.scenario].drive(rig, clock);
await rig.engine.stop();
process.stdout.write(`steps ${points.length}\npoints ${JSON.stringify(points)}\n`);
