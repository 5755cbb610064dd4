import { readFileSync, writeSync } from 'node:fs';
import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { asEntryId } from '../../shared/model/ids.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { outlast } from '../support/outlast.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { aroundCommits, atAnswers } from './points.ts';

/** What the parent gives on standard input. */
export interface OplogTask {
  readonly dir: string;
  readonly keyHex: string;
  readonly primary: RigServer;
  readonly flagged: readonly number[];
  readonly moved: readonly number[];
  /** Mailbox they are moved to. */
  readonly target: number;
  /** The engine runs, and no pause lasts, until nothing is left to be done; without it there are two looks. */
  readonly isRunning?: boolean;
  /** Kill this process the n-th time that the point of this name is reached; null runs to the end. */
  readonly crashAt: { readonly name: string; readonly nth: number } | null;
}

const task = JSON.parse(readFileSync(0, 'utf8')) as OplogTask;
const tell = (line: string): void => void writeSync(1, `${line}\n`);
const passed = new Map<string, number>();

const point = (name: string): void => {
  const nth = (passed.get(name) ?? 0) + 1;
  passed.set(name, nth);
  if (name === task.crashAt?.name && nth === task.crashAt.nth) process.kill(process.pid, 'SIGKILL');
};

const aroundImap = (gateway: ImapGateway): ImapGateway => atAnswers(gateway, point);
const clock = new ShiftClock();
const rig = await EngineRig.attach(
  { primary: task.primary, clock, step: point, aroundImap },
  { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') },
);
aroundCommits(rig.engine.store.handle, point);
const { actions } = rig.engine;
actions.setFlag(task.flagged.map(asEntryId), 'flagged', true);
tell('recorded flag');
actions.move(task.moved.map(asEntryId), task.target as Parameters<typeof actions.move>[1]);
tell('recorded move');
if (task.isRunning === true) {
  rig.engine.start();
  await outlast(rig, clock, () => rig.engine.store.ops.countOpen(rig.accountId) === 0);
} else for (let n = 0; n < 2; n += 1) await rig.mirror();
await rig.engine.stop();
tell(`passed ${JSON.stringify(Object.fromEntries(passed))}`);
