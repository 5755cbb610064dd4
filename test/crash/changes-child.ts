import { readFileSync, writeSync } from 'node:fs';
import type { ImapGateway } from '../../main/engine/imap/gateway.ts';
import { asEntryId, asMailboxId, type EntryId, type MailboxId } from '../../shared/model/ids.ts';
import { EngineRig, type RigServer } from '../support/engine-rig.ts';
import { ShiftClock } from '../support/shift-clock.ts';
import { aroundCommits, atAnswers, isPlace, type Place } from './points.ts';

/** What the parent gives on standard input. */
export interface ChangesTask {
  readonly dir: string;
  readonly keyHex: string;
  readonly primary: RigServer;
  /** How much later than now it is. */
  readonly aheadMs: number;
  /** Kill this process there; null runs to the end. */
  readonly crashAt: Place | null;
}

const MAX_LOOKS = 30;
const ROUND_MS = 130_000;

const task = JSON.parse(readFileSync(0, 'utf8')) as ChangesTask;
const tell = (line: string): void => void writeSync(1, `${line}\n`);

const passed = new Map<string, number>();
const point = (name: string): void => {
  const nth = (passed.get(name) ?? 0) + 1;
  passed.set(name, nth);
  if (task.crashAt === null || !isPlace(task.crashAt, name, nth)) return;
  tell(`killed at ${name}`);
  process.kill(process.pid, 'SIGKILL');
};

const clock = new ShiftClock();
clock.pass(task.aheadMs);
const aroundImap = (gateway: ImapGateway): ImapGateway => atAnswers(gateway, point);
const rig = await EngineRig.attach(
  { primary: task.primary, clock, step: point, aroundImap },
  { dir: task.dir, key: Buffer.from(task.keyHex, 'hex') },
);
const { actions, store } = rig.engine;
const { db } = store.handle;
aroundCommits(store.handle, point);

const entry = (name: string): EntryId => {
  const id = db.prepare('SELECT id FROM entries WHERE message_id = ? ORDER BY id LIMIT 1').pluck().get(`<${name}@example.com>`);
  return asEntryId(id as number);
};
const mailbox = (path: string): MailboxId =>
  asMailboxId(store.mailboxes.list(rig.accountId, 'primary').find((one) => one.path === path)!.id);
const changesOf = (id: EntryId): number => db.prepare('SELECT count(*) FROM ops WHERE entry_id = ?').pluck().get(id) as number;
const hasChange = (kind: string): boolean => db.prepare('SELECT 1 FROM ops WHERE kind = ?').get(kind) !== undefined;

/** Does it unless a process before has done it. */
function once(name: string, act: (id: EntryId) => unknown): void {
  const id = entry(name);
  if (changesOf(id) === 0) act(id);
  tell(`done ${name}`);
}

function onceMailbox(change: Parameters<typeof actions.changeMailbox>[1]): void {
  if (!hasChange(change.kind)) actions.changeMailbox(rig.accountId, change);
  tell(`done ${change.kind}`);
}

function asPerson(): void {
  once('back', (id) => actions.move([id], mailbox('Projects')));
  actions.undo(db.prepare('SELECT group_id FROM ops WHERE entry_id = ?').pluck().get(entry('back')) as number);
  tell('done undo');
  once('flagged', (id) => actions.setFlag([id], 'flagged', true));
  once('filed', (id) => actions.archive([id]));
  once('gone', (id) => actions.delete([id]));
  // It has been put into the Trash before; what is not there any more is left alone.
  actions.restore([entry('again')]);
  tell('done again');
  actions.recordMark(entry('marked'), '\\answered', 'outbox:1');
  tell('done marked');
  once('twice', (id) => actions.changePlace(id, { kind: 'copy', targetMailboxId: mailbox('Projects') }));
  onceMailbox({ kind: 'create-mailbox', path: 'New' });
  if (!hasChange('rename-mailbox')) onceMailbox({ kind: 'rename-mailbox', mailboxId: mailbox('Old'), path: 'Renamed' });
  if (!hasChange('delete-mailbox')) onceMailbox({ kind: 'delete-mailbox', mailboxId: mailbox('Full') });
}

asPerson();
for (let n = 0; n < MAX_LOOKS && (n < 2 || store.ops.countOpen(rig.accountId) > 0); n += 1) {
  await rig.engine.mirrorOnce();
  clock.pass(ROUND_MS);
}
for (const { opId, kind } of actions.failed()) {
  actions.dismiss(opId);
  tell(`dismissed ${kind}`);
}
await rig.engine.stop();
tell('ended');
