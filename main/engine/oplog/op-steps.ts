import { MailError } from '../../../shared/errors.ts';
import { asMailboxId, asSourceId, asUid, type Uid } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { provedAppend } from '../imap/proved-append.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op, OpChange } from '../store/ops.ts';
import { selectProven, type OpTarget } from './op-target.ts';
import type { ReplayContext } from './replay.ts';

type Of<K extends OpChange['kind']> = Extract<OpChange, { kind: K }>;

/** What the carrying out of one operation left to be stored with its confirmation. */
export interface StepOutcome {
  /** The message is no longer where it was. */
  readonly isSourceGone?: boolean;
  /** The server kept the original, marked as deleted, because it cannot remove single messages (no UIDPLUS). */
  readonly isSourceLeft?: boolean;
  readonly flags?: readonly string[];
}

function getMailbox({ store }: ReplayContext, id: number): Mailbox {
  const mailbox = store.mailboxes.get(asMailboxId(id));
  if (mailbox && mailbox.vanishedAt === null) return mailbox;
  throw new MailError('mailbox-missing', { scope: 'mailbox', retry: 'never', detail: 'target mailbox is gone' });
}

/** Adds and removes flags; doing it twice does no harm. */
export async function setFlags(session: ImapSession, target: OpTarget, change: Of<'set-flags'>): Promise<StepOutcome> {
  await selectProven(session, target);
  const uids = [target.placement.uid];
  if (change.add.length > 0) await session.storeFlags(uids, 'add', change.add);
  if (change.remove.length > 0) await session.storeFlags(uids, 'remove', change.remove);
  const [now] = await session.fetchFlags(uids);
  return now ? { flags: now.flags } : { isSourceGone: true };
}

/** UIDNEXT of the target noted before anything is copied there: whatever is found from there on is ours or newer. */
async function noteFloor(context: ReplayContext, session: ImapSession, op: Op, path: string): Promise<Uid> {
  const noted = op.stepResult['floor'];
  if (typeof noted === 'number') return asUid(noted);
  const { uidNext } = await session.status(path);
  context.record(op, 'claimed', { ...op.stepResult, floor: uidNext });
  context.step('oplog.floor-noted');
  return uidNext;
}

/** Whether a copy of the message stands in the target since the floor was noted: by Message-ID and size. */
async function findCopy(session: ImapSession, path: string, floor: Uid, messageId: string | null, sizeBytes: number): Promise<Uid | null> {
  if (messageId === null) return null;
  await session.select(path);
  const uids = await session.searchMessageId(messageId, floor);
  if (uids.length === 0) return null;
  for await (const one of session.fetchSummaries(uids)) {
    if (!('error' in one) && one.sizeBytes === sizeBytes) return one.uid;
  }
  return null;
}

/** Removes exactly one message; without UIDPLUS it is only marked, for a plain EXPUNGE would take other clients' mail too. */
async function removeSource(session: ImapSession, target: OpTarget): Promise<StepOutcome> {
  await selectProven(session, target);
  await session.storeFlags([target.placement.uid], 'add', ['\\Deleted']);
  if (!session.caps.uidplus) return { isSourceLeft: true };
  await session.expunge([target.placement.uid]);
  return { isSourceGone: true };
}

async function copyProven(context: ReplayContext, session: ImapSession, op: Op, target: OpTarget, to: Mailbox): Promise<Uid> {
  const { placement } = target;
  const floor = await noteFloor(context, session, op, to.path);
  if ((await findCopy(session, to.path, floor, placement.messageId, placement.sizeBytes)) !== null) return floor;
  await selectProven(session, target);
  const { mappings } = await session.copy([placement.uid], to.path);
  context.step('oplog.copied');
  if (mappings?.some((one) => one.source === placement.uid)) return floor;
  if ((await findCopy(session, to.path, floor, placement.messageId, placement.sizeBytes)) !== null) return floor;
  throw new MailError('operation-unsafe', { scope: 'message', retry: 'never', side: session.side, detail: 'the copy cannot be proved' });
}

/** Copies once: a repeated try looks for its earlier copy first. */
export async function copy(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  target: OpTarget,
  change: Of<'copy'>,
): Promise<StepOutcome> {
  await copyProven(context, session, op, target, getMailbox(context, change.targetMailboxId));
  return {};
}

/** UID MOVE where offered; else copy, prove, note, and only then remove (bar O11: delete is last). */
export async function move(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  target: OpTarget,
  change: Of<'move'>,
): Promise<StepOutcome> {
  const to = getMailbox(context, change.targetMailboxId);
  if (to.id === target.mailbox.id) return {};
  if (session.caps.move) {
    await noteFloor(context, session, op, to.path);
    await selectProven(session, target);
    await session.move([target.placement.uid], to.path);
    return { isSourceGone: true };
  }
  if (op.state !== 'copied') {
    const floor = await copyProven(context, session, op, target, to);
    context.record(op, 'copied', { ...op.stepResult, floor });
    context.step('oplog.copy-noted');
  }
  return removeSource(session, target);
}

/** After a lost confirmation the source is gone already: the move counts when its copy is found in the target. */
export async function isMoveDone(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  target: OpTarget,
  change: OpChange,
): Promise<boolean> {
  const floor = op.stepResult['floor'];
  if (change.kind !== 'move' || typeof floor !== 'number') return false;
  const to = getMailbox(context, change.targetMailboxId);
  const { messageId, sizeBytes } = target.placement;
  return (await findCopy(session, to.path, asUid(floor), messageId, sizeBytes)) !== null;
}

export const remove = removeSource;

/** Files a stored source once: a repeated try looks for its earlier copy above the noted UIDNEXT. */
export async function append(context: ReplayContext, session: ImapSession, op: Op, change: Of<'append'>): Promise<StepOutcome> {
  const { store } = context;
  const { path } = getMailbox(context, change.mailboxId);
  const { floor, epoch, acknowledged } = op.stepResult;
  await provedAppend(session, {
    path,
    raw: Buffer.concat([...store.sources.raw(asSourceId(change.sourceId))]),
    flags: change.flags,
    internalDate: change.internalDate,
    // Several mails may have this source; only equal bytes count.
    messageId: null,
    noted: typeof floor === 'number' && typeof epoch === 'number' ? { floor, epoch, isAcknowledged: acknowledged === 1 } : null,
    record: (note) => {
      context.record(op, 'claimed', { ...op.stepResult, floor: note.floor, epoch: note.epoch, acknowledged: Number(note.isAcknowledged) });
      context.step(note.isAcknowledged ? 'oplog.append-acknowledged' : 'oplog.floor-noted');
    },
  });
  return {};
}

export async function createMailbox(session: ImapSession, change: Of<'create-mailbox'>): Promise<StepOutcome> {
  const exists = (await session.list()).some((one) => one.path === change.path);
  if (!exists) await session.createMailbox(change.path);
  await session.subscribe(change.path, true);
  return {};
}

export async function renameMailbox(context: ReplayContext, session: ImapSession, change: Of<'rename-mailbox'>): Promise<StepOutcome> {
  const mailbox = getMailbox(context, change.mailboxId);
  const remote = await session.list();
  const isDone = !remote.some((one) => one.path === mailbox.path) && remote.some((one) => one.path === change.path);
  if (!isDone) await session.renameMailbox(mailbox.path, change.path);
  // Servers keep subscriptions by name (RFC 9051 6.3.7): the new one has to be told, or the mailbox seems to be gone.
  await session.subscribe(change.path, true);
  await session.subscribe(mailbox.path, false);
  return {};
}

/** Only an empty mailbox is deleted: its mail has to be moved first, or another client's mail would go with it. */
export async function deleteMailbox(context: ReplayContext, session: ImapSession, change: Of<'delete-mailbox'>): Promise<StepOutcome> {
  const mailbox = getMailbox(context, change.mailboxId);
  if (!(await session.list()).some((one) => one.path === mailbox.path)) return {};
  const { messages } = await session.status(mailbox.path);
  if (messages > 0) {
    throw new MailError('operation-unsafe', { scope: 'mailbox', retry: 'never', side: session.side, detail: 'the mailbox is not empty' });
  }
  await session.deleteMailbox(mailbox.path);
  return {};
}
