import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { scenarios } from './scenarios.ts';
import { finderOf } from './finder.ts';
import { atAnswers, beforeCommits } from './points.ts';

/** What the parent gives on standard input. */
export interface ChildTask {
  readonly dir: string;
  readonly keyHex: string;
  readonly primary: RigServer;
  readonly relay: RigServer;
  readonly scenario: string;
  /** Kill this process at the n-th point: at each answer of a server, before and after each commit; 0 runs to the end. */
  readonly crashAt: number;
  /** Record the user's changes first (once per profile). */
  readonly withOurs: boolean;
}

async function readTask(): Promise<ChildTask> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString('utf8')) as ChildTask;
}

async function main(): Promise<void> {
  const task = await readTask();
  let points = 0;
  const point = (): void => {
    points += 1;
    if (points === task.crashAt) process.kill(process.pid, 'SIGKILL');
  };
  const place = { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') };
  const aroundImap = (gateway: ImapGateway): ImapGateway => atAnswers(gateway, point);
  const rig = await EngineRig.attach({ primary: task.primary, relay: task.relay, step: point, aroundImap }, place);
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
