import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { scenarios } from './scenarios.ts';
import { finderOf } from './finder.ts';

/** What the parent gives on standard input. */
export interface ChildTask {
  readonly dir: string;
  readonly keyHex: string;
  readonly primary: RigServer;
  readonly relay: RigServer;
  readonly scenario: string;
  /** Kill this process at the n-th point: before and after each commit; 0 runs to the end. */
  readonly crashAt: number;
  /** Record the user's changes first (once per profile). */
  readonly withOurs: boolean;
}

async function readTask(): Promise<ChildTask> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as ChildTask;
}

/** Calls `point` when all of a transaction's work is done and nothing of it is durable. */
function beforeCommits(handle: { tx: StoreHandle['tx'] }, point: () => void): void {
  const commit = handle.tx.bind(handle);
  handle.tx = (name, work) =>
    commit(name, () => {
      const result = work();
      point();
      return result;
    });
}

async function main(): Promise<void> {
  const task = await readTask();
  let points = 0;
  const point = (): void => {
    points += 1;
    if (points === task.crashAt) process.kill(process.pid, 'SIGKILL');
  };
  const place = { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') };
  const rig = await EngineRig.attach({ primary: task.primary, relay: task.relay, step: point }, place);
  const { meta, handle } = rig.engine.store;
  const { ours } = scenarios.find((one) => one.name === task.scenario) ?? {};
  if (task.withOurs && ours && meta.get('test:ours') === null) {
    handle.tx('test.ours', () => {
      ours(rig.engine, finderOf(rig));
      meta.set('test:ours', '1');
    });
  }
  beforeCommits(handle, point);
  await rig.mirror();
  await rig.engine.stop();
  process.stdout.write(`steps ${points}\n`);
}

await main();
