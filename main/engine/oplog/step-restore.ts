import { MailError } from '../../../shared/errors.ts';
import { asMailboxId, asUid, asUidValidity, type SourceId } from '../../../shared/model/ids.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { ImapSession, RemoteSummary, SelectedMailbox } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import { provedAppend } from '../imap/proved-append.ts';
import { selectIfThere } from '../imap/select-if-there.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { isSameMessage, knownOf } from '../imap/same-message.ts';
import { hasSameBody } from '../imap/same-source.ts';
import { flagsFromText, flagsToText } from '../store/flags.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op, OpChange } from '../store/ops.ts';
import type { Placement } from '../store/placements.ts';
import { livePrimary, locatedAt, selectProven, type Located } from './op-target.ts';
import { appendNotes, getMailbox, type Arrival, type ReplayContext, type StepOutcome } from './replay-context.ts';
import { transfer } from './step-transfer.ts';

type Restore = Extract<OpChange, { kind: 'restore' }>;

/** What a lost mail is known by. */
interface Wanted {
  readonly op: Op & { readonly entryId: NonNullable<Op['entryId']> };
  readonly placements: readonly Placement[];
  readonly messageId: string | null;
  readonly sourceId: SourceId | null;
  readonly internalDate: number;
}

/** Where a search for it begins; virtual mailboxes show what lies elsewhere. */
const FIRST: readonly MailboxRole[] = ['trash', 'inbox', 'junk', 'archive'];
const VIRTUAL: ReadonlySet<MailboxRole> = new Set(['all', 'flagged']);

function wantedOf({ store }: ReplayContext, op: Op): Wanted {
  const shown = op.entryId === null ? null : store.entries.shown(op.entryId);
  if (op.entryId === null || shown === null) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  const { messageId, sourceId, internalDate } = shown;
  return { op: { ...op, entryId: op.entryId }, placements: store.placements.ofEntry(op.entryId), messageId, sourceId, internalDate };
}

/**
 * Puts a lost, deleted or quarantined mail back, so that exactly one copy of it stands there afterwards: what the primary
 * still has somewhere (the Trash first) is moved; else the stored source is filed with its date and flags.
 * @throws MailError not-found when neither the server nor this machine has it.
 */
export async function restore(context: ReplayContext, session: ImapSession, op: Op, change: Restore): Promise<StepOutcome> {
  const to = getMailbox(context, change.targetMailboxId);
  const wanted = wantedOf(context, op);
  const begun = await goOn(context, session, wanted, to);
  if (begun !== null) return begun;
  const standing = livePrimary(context.store, op);
  if (standing) return restoreStanding(context, session, op, standing, to);
  const found = await findOnServer(context, session, wanted, to);
  if (found === null) return appendStored(context, session, wanted, to);
  if (found.mailbox.id === to.id) return { arrival: await arrivalOf(session, found, to, null) };
  const from = {
    ...{ fromMailbox: found.mailbox.id, fromUid: found.uid, fromEpoch: Number(found.uidValidity) },
    ...{ fromBytes: found.sizeBytes, fromDate: found.internalDate, fromSummary: found.summaryDigest },
  };
  const noted = { ...op, stepResult: { ...op.stepResult, ...from } };
  context.record(op, 'claimed', noted.stepResult);
  context.step('oplog.restore-found');
  return bringBack(context, session, noted, found, to);
}

async function bringBack(context: ReplayContext, session: ImapSession, op: Op, from: Located, to: Mailbox): Promise<StepOutcome> {
  // Where it lies is not mirrored: no placement of ours is left behind.
  return { ...(await transfer(context, session, op, from, to)), isSourceGone: false, isSourceLeft: false };
}

/** Goes on with a transfer that an earlier try had begun; null where there was none, or its original is gone by now. */
async function goOn(context: ReplayContext, session: ImapSession, { op, messageId }: Wanted, to: Mailbox): Promise<StepOutcome | null> {
  const { fromMailbox, fromUid, fromEpoch, fromBytes, fromDate, fromSummary } = op.stepResult;
  if (typeof fromMailbox !== 'number' || typeof fromUid !== 'number' || typeof fromEpoch !== 'number' || typeof fromBytes !== 'number')
    return null;
  const mailbox = context.store.mailboxes.get(asMailboxId(fromMailbox));
  if (mailbox === null) return null;
  const from = {
    ...{ mailbox, uid: asUid(fromUid), uidValidity: asUidValidity(fromEpoch), messageId, sizeBytes: fromBytes },
    internalDate: typeof fromDate === 'number' ? fromDate : null,
    summaryDigest: typeof fromSummary === 'string' ? fromSummary : null,
  };
  try {
    return await bringBack(context, session, op, from, to);
  } catch (error) {
    if (error instanceof MailError && (error.code === 'message-missing' || error.code === 'uid-validity-changed')) return null;
    throw error;
  }
}

/** It stands on the primary: a deletion that was never carried out, or somebody else has put it back. */
async function restoreStanding(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  standing: NonNullable<ReturnType<typeof livePrimary>>,
  to: Mailbox,
): Promise<StepOutcome> {
  const isWhereItWas = op.baseline?.side === 'primary' && op.baseline.mailboxId === standing.mailbox.id;
  // What is known here may be old: a message that is gone by now is looked for after the next pass.
  await selectProven(session, locatedAt(standing));
  if (standing.mailbox.id === to.id || !isWhereItWas) return {};
  return transfer(context, session, op, locatedAt(standing), to);
}

async function findOnServer(context: ReplayContext, session: ImapSession, wanted: Wanted, to: Mailbox): Promise<Located | null> {
  const rank = ({ id, role }: Mailbox): number => (id === to.id ? -1 : FIRST.includes(role) ? FIRST.indexOf(role) : FIRST.length);
  const mailboxes = context.store.mailboxes
    .list(context.accountId, 'primary')
    .filter((one) => one.isSelectable && !VIRTUAL.has(one.role))
    .sort((a, b) => rank(a) - rank(b) || a.id - b.id);
  for (const mailbox of mailboxes) {
    const found = await findIn(context, session, wanted, mailbox);
    if (found !== null) return found;
  }
  return null;
}

async function findIn(context: ReplayContext, session: ImapSession, wanted: Wanted, mailbox: Mailbox): Promise<Located | null> {
  const selected = await open(session, mailbox, wanted.op.attempts);
  if (selected === null || selected.exists === 0) return null;
  const uids = wanted.messageId === null ? toldUids(context, wanted, mailbox, selected) : await session.searchMessageId(wanted.messageId);
  const { uidValidity } = selected;
  // What stands there as another mail of ours (a copy the person made) is left to that one.
  const free = uids.filter(
    (uid) => (context.store.placements.findByUid(mailbox.id, uidValidity, uid)?.entryId ?? wanted.op.entryId) === wanted.op.entryId,
  );
  for (const one of await readSummaries(session, free)) {
    if (hasFlag(one.flags, '\\deleted') || !(await isWanted(context, session, wanted, one))) continue;
    return { mailbox, uidValidity, uid: one.uid, ...knownOf(one) };
  }
  return null;
}

/** Tries before a mailbox that cannot be opened is left out of the search; the Trash is where it most likely lies. */
const MANY_TRIES = 3;

/** Null for a mailbox that is gone, or that stays closed to us: what lies in one that refused once would be doubled. */
async function open(session: ImapSession, mailbox: Mailbox, tries: number): Promise<SelectedMailbox | null> {
  try {
    return await selectIfThere(session, mailbox.path);
  } catch (error) {
    if (!(error instanceof MailError) || error.scope !== 'mailbox') throw error;
    const isWaitedFor = mailbox.role === 'trash' && error.retry === 'later';
    if (tries >= MANY_TRIES && !isWaitedFor) return null;
    throw new MailError('command-refused', { scope: 'mailbox', retry: 'later', side: session.side, detail: error.detail });
  }
}

/** Without a Message-ID only the UID that our own move to this mailbox was told finds it again. */
function toldUids({ store }: ReplayContext, { op }: Wanted, mailbox: Mailbox, { uidValidity }: SelectedMailbox) {
  const told = store.ops.lastMove(op.entryId, op.id);
  const { toUid, toEpoch } = told?.stepResult ?? {};
  const isHere = told?.change.kind === 'move' && told.change.targetMailboxId === mailbox.id && toEpoch === Number(uidValidity);
  return isHere && typeof toUid === 'number' ? [asUid(toUid)] : [];
}

/** The very message: as long as it was on this server, or with the body that is stored here. */
async function isWanted(context: ReplayContext, session: ImapSession, wanted: Wanted, summary: RemoteSummary): Promise<boolean> {
  if (summary.messageId !== wanted.messageId) return false;
  if (wanted.placements.some((one) => one.side === 'primary' && isSameMessage(one, summary))) return true;
  if (wanted.sourceId === null || wanted.messageId === null) return false;
  return hasSameBody(session, summary.uid, Buffer.concat([...context.store.sources.raw(wanted.sourceId)]));
}

/** Flags that go with a restored mail: as the primary had them last, else the relay. */
function flagsOf({ placements }: Wanted): string[] {
  const last = placements.findLast((one) => one.side === 'primary') ?? placements.at(-1);
  return flagsFromText(last?.flags ?? '').filter((flag) => flag !== '\\deleted');
}

async function appendStored(context: ReplayContext, session: ImapSession, wanted: Wanted, to: Mailbox): Promise<StepOutcome> {
  const { op, sourceId, internalDate } = wanted;
  if (sourceId === null)
    throw new MailError('not-found', { scope: 'message', retry: 'never', side: session.side, detail: 'its content is not here' });
  const raw = Buffer.concat([...context.store.sources.raw(sourceId)]);
  const { uid, epoch, isExact } = await provedAppend(session, {
    ...{ path: to.path, raw, internalDate, flags: flagsOf(wanted), messageId: wanted.messageId },
    ...appendNotes(context, op),
  });
  const place = { uid, uidValidity: asUidValidity(epoch) };
  return { arrival: await arrivalOf(session, place, to, isExact ? sourceId : null), note: { toUid: uid, toEpoch: epoch } };
}

/** Reads what the server made of it: size, date and flags may differ from ours. */
async function arrivalOf(
  session: ImapSession,
  at: Pick<Located, 'uid' | 'uidValidity'>,
  mailbox: Mailbox,
  sourceId: SourceId | null,
): Promise<Arrival | null> {
  const { uid, uidValidity } = at;
  if ((await session.select(mailbox.path)).uidValidity !== uidValidity) return null;
  for await (const one of session.fetchSummaries([uid])) {
    if ('error' in one || one.uid !== uid) continue;
    const { internalDate, sizeBytes, structureDigest, emailId } = one;
    return {
      mailbox,
      uid,
      uidValidity,
      sourceId,
      seen: { flags: flagsToText(one.flags), internalDate, sizeBytes, structureDigest, emailId },
    };
  }
  return null;
}
