import { MailError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { ImapSession, RemoteSummary, SelectedMailbox } from '../imap/gateway.ts';
import { isSameMessage, type KnownMessage } from '../imap/same-message.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { hasLabels, leadAtPrimary } from '../store/labels.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Baseline, Op } from '../store/ops.ts';
import type { Placement } from '../store/placements.ts';
import type { ReplayContext } from './replay-context.ts';

/** A message in its place on a server, with what proves that it is the one meant. */
export interface Located extends KnownMessage {
  readonly mailbox: Pick<Mailbox, 'id' | 'path'>;
  readonly uidValidity: Placement['uidValidity'];
  readonly uid: Placement['uid'];
}

export interface OpTarget {
  readonly placement: Placement;
  readonly mailbox: Mailbox;
}

export const locatedAt = ({ placement, mailbox }: OpTarget): Located => ({
  mailbox,
  uidValidity: placement.uidValidity,
  uid: placement.uid,
  messageId: placement.messageId,
  sizeBytes: placement.sizeBytes,
  internalDate: placement.internalDate,
  summaryDigest: placement.summaryDigest,
});

/**
 * Where an operation on a message has to be carried out. `wait`: a pass has yet to find its place, or it has yet to arrive at
 * the primary.
 */
export function findTarget(
  { store, side, awaitsPrimary }: Pick<ReplayContext, 'store' | 'side' | 'awaitsPrimary'>,
  op: Op,
): OpTarget | 'wait' | 'other-side' | 'gone' {
  const placements = op.entryId === null ? [] : store.placements.ofEntry(op.entryId);
  const own: Side = placements.some((one) => one.side === 'primary') ? 'primary' : 'relay';
  if (own === 'relay' && placements.length > 0 && op.entryId !== null && awaitsPrimary(op.entryId)) return 'wait';
  if (placements.length > 0 && own !== side) return 'other-side';
  const candidates = placements.filter((one) => one.side === side);
  const standing = candidates.filter((one) => one.state === 'present');
  const originals = standing.filter((one) => !isCopyOf(op, one));
  const from = originals.length > 0 ? originals : standing;
  const present = labelOfBaseline(store, op, from) ?? leadAtPrimary(store, from) ?? from.at(-1);
  const mailbox = present ? store.mailboxes.get(present.mailboxId) : null;
  if (present && mailbox) return { placement: present, mailbox };
  return candidates.some((one) => one.state !== 'vanished') ? 'wait' : 'gone';
}

/** Where mailboxes are labels: the one by which the mail went when the person acted, if it still has that. */
const labelOfBaseline = (store: EngineStore, { accountId, baseline }: Op, placements: readonly Placement[]): Placement | undefined =>
  hasLabels(store, accountId) ? placements.find((one) => one.mailboxId === baseline?.mailboxId) : undefined;

/** A copy that a move has made: its original is yet to be removed. */
const isCopyOf = ({ state, change }: Op, one: Placement): boolean =>
  state === 'copied' && change.kind === 'move' && one.mailboxId === change.targetMailboxId;

/** The message of this entry on the primary, live; null when it has none. */
export function livePrimary(store: EngineStore, op: Op): OpTarget | null {
  if (op.entryId === null) return null;
  const live = store.placements.ofEntry(op.entryId).filter((one) => one.state === 'present' && !one.flags.includes('\\deleted'));
  const present = leadAtPrimary(store, live);
  const mailbox = present ? store.mailboxes.get(present.mailboxId) : null;
  return present && mailbox ? { placement: present, mailbox } : null;
}

/**
 * The baseline as it counts for a target. Mail that was recorded while the relay alone held it arrives at the primary fresh:
 * wherever that is, and without flags.
 */
export function baselineFor(op: Op, side: Side): Pick<Baseline, 'mailboxId' | 'flags'> | null {
  const { baseline } = op;
  if (baseline === null) return null;
  return baseline.side === side ? baseline : { mailboxId: null, flags: '' };
}

/**
 * Selects the mailbox for a change and proves that the UID still is the message meant: same epoch, and the same message by what the
 * server says of it. A UID alone is never trusted.
 * @throws MailError uid-validity-changed (a pass finds the message again), message-missing, operation-unsafe.
 */
export async function selectProven(session: ImapSession, known: Located): Promise<{ selected: SelectedMailbox; summary: RemoteSummary }> {
  const { mailbox, uidValidity, uid } = known;
  const selected = await session.select(mailbox.path, { forChange: true });
  requireEpoch(selected, uidValidity, session.side);
  const summary = await summaryOf(session, uid);
  // A placement whose summary was unreadable has no size to compare.
  if (isSameMessage(known, summary)) return { selected, summary };
  // The mailbox may have been made anew after it was selected, and the server may not have said so.
  requireEpoch(await session.select(mailbox.path, { forChange: true }), uidValidity, session.side);
  throw new MailError('operation-unsafe', {
    scope: 'message',
    retry: 'never',
    side: session.side,
    detail: 'another message has this UID',
  });
}

async function summaryOf(session: ImapSession, uid: Placement['uid']): Promise<RemoteSummary> {
  for await (const summary of session.fetchSummaries([uid])) {
    if ('error' in summary) throw summary.error;
    if (summary.uid === uid) return summary;
  }
  throw new MailError('message-missing', { scope: 'message', retry: 'later', side: session.side });
}

function requireEpoch(selected: SelectedMailbox, uidValidity: Placement['uidValidity'], side: Side): void {
  if (selected.uidValidity !== uidValidity) throw new MailError('uid-validity-changed', { scope: 'mailbox', retry: 'later', side });
}

/** MODSEQ up to which a change may be conditional (RFC 7162 3.1.3); null where the server's counters cannot be relied on. */
export function guardOf(
  { store }: Pick<ReplayContext, 'store'>,
  session: ImapSession,
  selected: SelectedMailbox,
  one: { mailbox: Pick<Mailbox, 'id'>; summary: RemoteSummary },
) {
  if (!session.caps.condstore || selected.highestModSeq === null || one.summary.modSeq === null || one.summary.modSeq === 0n) return null;
  const known = store.mailboxes.get(one.mailbox.id)?.highestModSeq ?? null;
  return known !== null && selected.highestModSeq < known ? null : one.summary.modSeq;
}
