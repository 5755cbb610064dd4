import { writeSync } from 'node:fs';
import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { aroundCommits, atAnswers, beforeCommits, isPlace, type Place } from './points.ts';
import type { ScenarioName } from './reconcile-points.ts';
import { reconcileScenarios } from './reconcile-scenarios.ts';

/** What the parent gives on standard input. */
export interface ReconcileTask {
  readonly dir: string;
  readonly keyHex: string;
  readonly primary: RigServer;
  readonly relay: RigServer;
  readonly scenario: ScenarioName;
  /** How much later than now it is. */
  readonly aheadMs: number;
  /** Kill this process at the n-th point: at each durable step, before each commit, at each answer of a server; 0 for never. Or at a named one. */
  readonly crashAt: number | Place;
}

const pieces: Buffer[] = [];
for await (const piece of process.stdin) pieces.push(piece as Buffer);
const task = JSON.parse(Buffer.concat(pieces).toString('utf8')) as ReconcileTask;

const { crashAt } = task;
const points: string[] = [];
const point = (name: string): void => {
  points.push(name);
  if (typeof crashAt === 'number' ? points.length !== crashAt : !isPlace(crashAt, name, 1)) return;
  writeSync(1, `killed at ${name}\n`);
  process.kill(process.pid, 'SIGKILL');
};
const clock = new ShiftClock();
clock.pass(task.aheadMs);
const { drive, aroundSession = (session) => session } = reconcileScenarios[task.scenario];
const aroundImap = (gateway: ImapGateway): ImapGateway =>
  atAnswers({ connect: async (...args) => aroundSession(await gateway.connect(...args)) }, point);
const { primary, relay } = task;
const rig = await EngineRig.attach(
  { primary, relay, clock, step: point, aroundImap },
  { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') },
);
const { store } = rig.engine;
const watch = typeof crashAt === 'number' ? beforeCommits : aroundCommits;
watch(store.handle, point);
watch(store.outboxHandle, point);
await drive(rig, clock);
await rig.engine.stop();
process.stdout.write(`steps ${points.length}\npoints ${JSON.stringify(points)}\n`);
