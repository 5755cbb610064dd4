import { MailError } from '../../../shared/errors.ts';
import { asUid, type Uid, type UidValidity } from '../../../shared/model/ids.ts';
import type { CopyResult, ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { packFloor, readFloor, unpackFloor, type Floor } from '../imap/floor.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import { isSameMessage } from '../imap/same-message.ts';
import { flagsFromText, flagsToText } from '../store/flags.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op } from '../store/ops.ts';
import { guardOf, selectProven, type Located } from './op-target.ts';
import { conflict, type Arrival, type ReplayContext, type StepOutcome } from './replay-context.ts';

/**
 * UIDNEXT of the target noted before anything is put there: whatever is found from there on is ours or newer. With `mark`, which way
 * it is put there.
 */
async function noteFloor(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  path: string,
  mark: Op['stepResult'] = {},
): Promise<{ op: Op; floor: Floor }> {
  const noted = unpackFloor(op.stepResult);
  if (noted && Object.entries(mark).every(([key, value]) => op.stepResult[key] === value)) return { op, floor: noted };
  const floor = noted ?? (await readFloor(session, path));
  const stepResult = { ...op.stepResult, ...packFloor(floor), ...mark };
  context.record(op, op.state === 'copied' ? 'copied' : 'claimed', stepResult);
  context.step('oplog.floor-noted');
  return { op: { ...op, stepResult }, floor };
}

interface Found {
  readonly uid: Uid;
  readonly uidValidity: UidValidity;
}

/** Refuses a transfer when the message is no longer as it was agreed. @throws MailError changed-on-both-sides */
export type Check = (summary: RemoteSummary) => void;
const always: Check = () => undefined;

/** Noted before COPY is sent: from then on a MOVE, which the next session may offer, would put a second one beside the copy. */
const COPYING = { copying: 1 };
/** A COPY was sent and not refused: its copy may stand. */
export const isCopying = ({ state, stepResult }: Pick<Op, 'state' | 'stepResult'>): boolean =>
  state === 'copied' || stepResult['copying'] === COPYING.copying;

/** Copy of a message that stands in the target since the floor: by its Message-ID (or the lack of one) and what else is told of it. */
async function findCopy(session: ImapSession, path: string, floor: Floor, source: Located): Promise<Found | null> {
  const { uidValidity, uidNext } = await session.select(path);
  // Where a mailbox is a label, what had it before is given no second one.
  const from = uidValidity === floor.uidValidity && !session.caps.labels ? floor.uid : asUid(1);
  if (uidNext <= from) return null;
  const { messageId } = source;
  const uids = messageId === null ? await session.searchUidRange(from, asUid(uidNext - 1)) : await session.searchMessageId(messageId, from);
  if (uids.length === 0) return null;
  for await (const one of session.fetchSummaries(uids)) {
    if (!('error' in one) && isSameMessage(source, one)) return { uid: one.uid, uidValidity };
  }
  return null;
}

/** The new place as COPYUID tells it; null where the server does not say. */
function toldPlace({ mappings, targetUidValidity }: CopyResult, source: Located): Found | null {
  const uid = mappings?.find((one) => one.source === source.uid)?.target;
  return uid === undefined || targetUidValidity === null ? null : { uid, uidValidity: targetUidValidity };
}

const arrivalAt = (mailbox: Mailbox, found: Found | null): Arrival | null => (found === null ? null : { mailbox, ...found });
const arrivalNote = (found: Found | null): Op['stepResult'] =>
  found === null ? {} : { toUid: found.uid, toEpoch: Number(found.uidValidity) };

/** Marks one message as deleted, only as it was seen where the server can tell; false where somebody was quicker. */
async function markDeleted(context: ReplayContext, session: ImapSession, source: Located, seen: Seen): Promise<boolean> {
  const guard = guardOf(context, session, seen.selected, { mailbox: source.mailbox, summary: seen.summary });
  const { modified } = await session.storeFlags([source.uid], 'add', ['\\Deleted'], ...(guard === null ? [] : [guard]));
  return modified.length === 0;
}

type Seen = Awaited<ReturnType<typeof selectProven>>;

/** Removes exactly one marked message; without UIDPLUS the mark stays, for a plain EXPUNGE would take other clients' mail too. */
async function expungeMarked(session: ImapSession, source: Located): Promise<StepOutcome> {
  if (!session.caps.uidplus) return { isSourceLeft: true };
  await session.expunge([source.uid]);
  return { isSourceGone: true };
}

/** Removes a message for good, as long as it is as it was agreed. @throws MailError changed-on-both-sides */
export async function removeForGood(context: ReplayContext, session: ImapSession, source: Located, check: Check): Promise<StepOutcome> {
  const seen = await selectProven(session, source);
  check(seen.summary);
  if (!(await markDeleted(context, session, source, seen))) throw conflict(session.side, 'changed at the last moment');
  return expungeMarked(session, source);
}

/** Copies once, and proves it by COPYUID or by search: a repeated try looks for its earlier copy first. */
export async function copyProved(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  source: Located,
  to: Mailbox,
  check: Check = always,
): Promise<{ op: Op; found: Found }> {
  const hasEarlier = unpackFloor(op.stepResult) !== null;
  const noted = await noteFloor(context, session, op, to.path, COPYING);
  const earlier = hasEarlier ? await findCopy(session, to.path, noted.floor, source) : null;
  if (earlier) return { op: noted.op, found: earlier };
  check((await selectProven(session, source)).summary);
  const answer = await session.copy([source.uid], to.path).catch((error: unknown) => {
    // A refusal is an answer: nothing was copied. A lost connection is none.
    if (isLesserFailure(error, session)) context.record(noted.op, 'claimed', { ...noted.op.stepResult, copying: 0 });
    throw error;
  });
  const told = toldPlace(answer, source);
  context.step('oplog.copied');
  const found = told ?? (await findCopy(session, to.path, noted.floor, source));
  if (found) return { op: noted.op, found };
  throw new MailError('operation-unsafe', { scope: 'message', retry: 'never', side: session.side, detail: 'the copy cannot be proved' });
}

/**
 * UID MOVE where offered; else copy, prove, note, and only then remove (bar O11: delete is last). A server that died in the middle of a
 * MOVE may have both (RFC 6851 3.3): of such a one only the original is left to be removed. `check` has the last word on the message as
 * it stands right before.
 */
export async function transfer(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  source: Located,
  to: Mailbox,
  check: Check = always,
): Promise<StepOutcome> {
  if (session.caps.labels && leavesSource(context, op, source, to)) return addLabel(context, session, op, source, to, check);
  if (session.caps.move && !isCopying(op)) {
    const hasEarlier = unpackFloor(op.stepResult) !== null;
    const noted = await noteFloor(context, session, op, to.path);
    const half = hasEarlier && !session.caps.labels ? await findCopy(session, to.path, noted.floor, source) : null;
    if (half !== null) return endByCopy(context, session, noted.op, source, to, half);
    check((await selectProven(session, source)).summary);
    // A server may take MOVE back in the middle of a session.
    if (!session.caps.move) return transfer(context, session, noted.op, source, to, check);
    const found = toldPlace(await session.move([source.uid], to.path), source);
    const isSourceGone = !session.caps.labels || !(await stillStands(session, source));
    return { isSourceGone, arrival: arrivalAt(to, found), note: arrivalNote(found) };
  }
  // What was copied before a restart has to be there still, or the removal would be the loss of it.
  const copied = await copyProved(context, session, op, source, to, op.state === 'copied' ? always : check);
  return endByCopy(context, session, copied.op, source, to, copied.found);
}

/** The copy stands: that is noted, and then the original goes. */
async function endByCopy(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  source: Located,
  to: Mailbox,
  copy: Found,
): Promise<StepOutcome> {
  context.record(op, 'copied', { ...op.stepResult, ...arrivalNote(copy) });
  context.step('oplog.copy-noted');
  const outcome = await removeCopied(context, session, source, to, copy);
  return { ...outcome, arrival: arrivalAt(to, copy), note: arrivalNote(copy) };
}

/**
 * Whether a mail gets a label and keeps the one by which it goes (Gmail): nothing is taken out of what holds all mail but into the Trash, and
 * what is put back where it was taken from keeps the labels it had besides.
 */
export function leavesSource({ store }: ReplayContext, op: Op, { mailbox }: Pick<Located, 'mailbox'>, to: Mailbox): boolean {
  if (to.role === 'trash' || to.role === 'junk') return false;
  const from = store.mailboxes.get(mailbox.id)?.role;
  if (from === 'archive') return true;
  const undone = op.undoOf === null || from === 'trash' || from === 'junk' ? null : store.ops.get(op.undoOf)?.change;
  return undone?.kind === 'move' && undone.targetMailboxId !== mailbox.id;
}

async function addLabel(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  source: Located,
  to: Mailbox,
  check: Check,
): Promise<StepOutcome> {
  const { found } = await copyProved(context, session, op, source, to, check);
  return { arrival: arrivalAt(to, found), note: arrivalNote(found) };
}

/** Some labels stay with a message that is moved out of them: that it was sent, or is a draft. */
async function stillStands(session: ImapSession, { mailbox, uidValidity, uid }: Located): Promise<boolean> {
  const selected = await session.select(mailbox.path);
  return selected.uidValidity === uidValidity && (await session.fetchFlags([uid])).length > 0;
}

/** Times the copy is brought up to date because the original's flags changed in between. */
const MAX_ROUNDS = 5;
const kept = (flags: readonly string[]): string[] => flagsFromText(flagsToText(flags)).filter((flag) => flag !== '\\deleted');

/** Removes the original of a proved copy; flags that somebody set on it in between go to the copy first. */
async function removeCopied(context: ReplayContext, session: ImapSession, source: Located, to: Mailbox, copy: Found): Promise<StepOutcome> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const original = await selectProven(session, source);
    const wanted = kept(original.summary.flags);
    await session.select(to.path, { forChange: true });
    const [now] = await session.fetchFlags([copy.uid]);
    if (now && kept(now.flags).join(' ') !== wanted.join(' ')) await session.storeFlags([copy.uid], 'set', wanted);
    const seen = await selectProven(session, source);
    const isSame = kept(seen.summary.flags).join(' ') === wanted.join(' ');
    if (isSame && (await markDeleted(context, session, source, seen))) return expungeMarked(session, source);
  }
  throw new MailError('command-refused', { scope: 'message', retry: 'later', side: session.side, detail: 'the flags change all the time' });
}

/** After a lost confirmation the source is gone already: the transfer counts when its copy is found in the target. */
export async function findTransferred(session: ImapSession, op: Op, source: Located, to: Mailbox): Promise<Arrival | null> {
  const floor = unpackFloor(op.stepResult);
  return floor === null ? null : arrivalAt(to, await findCopy(session, to.path, floor, source));
}
