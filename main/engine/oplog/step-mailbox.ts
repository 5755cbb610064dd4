import { MailError } from '../../../shared/errors.ts';
import { asMailboxId, asSourceId, type MailboxId } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import { provedAppend } from '../imap/proved-append.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op, OpChange } from '../store/ops.ts';
import { appendNotes, getMailbox, type ReplayContext, type StepOutcome } from './replay-context.ts';

type Of<K extends OpChange['kind']> = Extract<OpChange, { kind: K }>;

/** Files a stored source once: a repeated try looks for it above the noted UIDNEXT. */
export async function append(context: ReplayContext, session: ImapSession, op: Op, change: Of<'append'>): Promise<StepOutcome> {
  const { path } = getMailbox(context, change.mailboxId);
  const raw = Buffer.concat([...context.store.sources.raw(asSourceId(change.sourceId))]);
  const { flags, internalDate } = change;
  // Several mails may have this source; only equal bytes count.
  await provedAppend(session, { path, raw, flags, internalDate, messageId: null, ...appendNotes(context, op) });
  return {};
}

export async function createMailbox(session: ImapSession, change: Of<'create-mailbox'>): Promise<StepOutcome> {
  const exists = (await session.list()).some((one) => one.path === change.path);
  if (!exists) await session.createMailbox(change.path);
  await session.subscribe(change.path, true);
  return {};
}

export async function renameMailbox(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  change: Of<'rename-mailbox'>,
): Promise<StepOutcome> {
  const remote = await session.list();
  const has = (path: string): boolean => remote.some((one) => one.path === path);
  const known = context.store.mailboxes.get(asMailboxId(change.mailboxId));
  // An earlier try has renamed it, and a look at the list took it for gone: without mail it could not tell.
  const isTakenForGone = known !== null && known.vanishedAt !== null && op.attempts > 0 && has(change.path) && !has(known.path);
  const mailbox = isTakenForGone ? known : getMailbox(context, change.mailboxId);
  // By an earlier try: noted before it could be confirmed, told by a look at the list, or never answered.
  const isNoted = mailbox.path === change.path;
  const isReplaced = !isNoted && has(change.path) && has(mailbox.path) && (await isAnotherNow(session, op, mailbox.path, change.path));
  const isDone = has(change.path) && (isNoted || isReplaced || !has(mailbox.path));
  if (!isDone) {
    noteIdentity(context, op, mailbox);
    await session.renameMailbox(mailbox.path, change.path);
  }
  // Servers keep subscriptions by name (RFC 9051 6.3.7): the new one has to be told, or the mailbox seems to be gone.
  await session.subscribe(change.path, true);
  // The old name, and what is known here under it, belong to another mailbox: a look tells the rest.
  if (isReplaced) return {};
  if (!isNoted) await forgetName(session, mailbox.path);
  noteName(context, mailbox.id, change.path);
  return {};
}

/** What the mailbox is known by under any name, before it gets another one: a look may see the next mailbox of the old name before the next try. */
function noteIdentity(context: ReplayContext, op: Op, { uidValidity }: Mailbox): void {
  if (uidValidity === null || op.stepResult['uidValidity'] !== undefined) return;
  context.record(op, 'claimed', { ...op.stepResult, uidValidity: String(uidValidity) });
  context.step('oplog.rename-noted');
}

/**
 * Whether an earlier try has renamed it, and the server (which makes some mailboxes by itself) or somebody else has made one of the old name
 * since: what was renamed keeps its UIDVALIDITY, and the new one has another (RFC 9051 2.3.1.1).
 */
async function isAnotherNow(session: ImapSession, op: Op, oldPath: string, newPath: string): Promise<boolean> {
  const known = op.stepResult['uidValidity'];
  if (known === undefined) return false;
  const isKnown = async (path: string): Promise<boolean> => String((await session.status(path)).uidValidity) === known;
  return (await isKnown(newPath)) && !(await isKnown(oldPath));
}

/** Some servers have dropped the subscription with the name, and know neither any more (RFC 9051 6.3.8): the mailbox is renamed all the same. */
async function forgetName(session: ImapSession, path: string): Promise<void> {
  try {
    await session.subscribe(path, false);
  } catch (error) {
    if (!isLesserFailure(error, session)) throw error;
  }
}

/** What is to be put into it next need not wait for a look at the list, which could not tell an empty mailbox by its mail. */
function noteName({ store, accountId }: ReplayContext, id: MailboxId, path: string): void {
  const isTaken = store.mailboxes.list(accountId, 'primary', true).some((one) => one.path === path);
  if (!isTaken) store.handle.tx('oplog.mailbox-renamed', () => store.mailboxes.rename(id, path));
}

/** Only an empty mailbox is deleted: its mail has to be moved first, or another client's mail would go with it. */
export async function deleteMailbox(context: ReplayContext, session: ImapSession, change: Of<'delete-mailbox'>): Promise<StepOutcome> {
  const mailbox = context.store.mailboxes.get(asMailboxId(change.mailboxId));
  if (mailbox === null || mailbox.vanishedAt !== null) return {};
  if (!(await session.list()).some((one) => one.path === mailbox.path)) {
    // Deleted there, or renamed: a look at the list tells.
    throw new MailError('mailbox-missing', { scope: 'mailbox', retry: 'later', side: session.side });
  }
  const { messages } = await session.status(mailbox.path);
  if (messages > 0) {
    throw new MailError('operation-unsafe', { scope: 'mailbox', retry: 'never', side: session.side, detail: 'the mailbox is not empty' });
  }
  await session.deleteMailbox(mailbox.path);
  return {};
}
