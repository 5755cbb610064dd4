import { limits } from '../../../shared/limits.ts';
import { nextTurn } from '../core/clock.ts';
import type { EntryId } from '../../../shared/model/ids.ts';
import { hasLabels, otherLabels } from '../store/labels.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Placement } from '../store/placements.ts';
import { ChangeBatch } from './change-batch.ts';
import { isSameContent } from './match.ts';
import type { MirrorContext } from './mirror-context.ts';
import { mayBeOneMail, successorOf } from './successor.ts';
import { isRelayOnlySettled, recordFirstPrimaryPass, recordRelayOnlySettled, viewContext } from './view-context.ts';
import { expiryLimits, mailboxWindowStart, mayExpire } from './window.ts';
import { FLAG_FLAGGED, FLAG_SEEN, flagBits } from '../store/flags.ts';

const DAY_MS = 86_400_000;
/** Rows in one transaction, after which others have their turn: some ten milliseconds of work. */
const PORTION = 100;

/** Two instants of a look at a whole side, milliseconds since 1970. */
export interface Look {
  /** When it began: what was missed before has been looked for everywhere that could be read. */
  readonly lookedFrom: number;
  /** What was missed before this, and is found nowhere, is lost; earlier than `lookedFrom` where some mailboxes could not be read. */
  readonly lostBefore: number;
}

function settleOne(context: MirrorContext, gone: Placement, lostBefore: number, followed: EntryId[]): void {
  const { store } = context;
  const successor = successorOf(context, gone);
  if (successor === null && gone.stateSince >= lostBefore) return;
  // Its body may still have to be proven and taken over by the successor: wait for the body step.
  if (successor !== null && isBodyAwaited(context, gone)) return;
  if (successor === null) {
    // It is gone since it was missed.
    store.placements.setState(gone.id, 'vanished', gone.stateSince);
    return;
  }
  store.placements.remove(gone.id);
  if (successor.entryId === gone.entryId) return;
  // Its new mailbox was passed first, so that it was taken for another mail: the other side's copy goes along, else it would look
  // like mail that this side has lost, and so does what the person did with it.
  for (const one of copiesLeft(context, gone, successor)) store.placements.setEntry(one.id, successor.entryId);
  followed.push(successor.entryId);
  if (store.placements.ofEntry(gone.entryId).length === 0) store.ops.follow(gone.entryId, successor.entryId, successor.stateSince);
}

/** Copies on the other side that are all that an entry has left, and that its successor's entry lacks. */
function copiesLeft({ store }: MirrorContext, gone: Placement, successor: Placement): Placement[] {
  const left = store.placements.ofEntry(gone.entryId);
  if (left.some((one) => one.side === gone.side)) return [];
  if (store.placements.ofEntry(successor.entryId).some((one) => one.side !== gone.side)) return [];
  return left.filter((one) => mayBeOneMail(store, one, successor, isSameContent));
}

function isBodyAwaited(context: MirrorContext, gone: Placement): boolean {
  if (gone.bodyState !== 'complete') return false;
  return context.store.placements
    .withMessageId(context.accountId, gone.side, gone.messageId, gone.summaryDigest)
    .some((one) => one.state === 'present' && (one.bodyState === 'missing' || one.bodyState === 'partial') && one.fetchAttempts < 2);
}

/**
 * Ends the transit of messages that lost their UID before this look. Those found elsewhere are dropped here, the others become
 * recoverable. Returns how many were looked at.
 */
export async function settleUnlinked(context: MirrorContext, { lookedFrom, lostBefore }: Look): Promise<number> {
  const { store, accountId, side } = context;
  const unlinked = store.placements.inState(accountId, side, 'unlinked', lookedFrom);
  await inPortions(context, unlinked, settlePortion, ({ id }) => {
    const one = store.placements.get(id);
    // Taken over meanwhile by what the other side's mirror found.
    if (one?.state !== 'unlinked') return [];
    const followed: EntryId[] = [];
    settleOne(context, one, lostBefore, followed);
    return [one.entryId, ...followed];
  });
  return unlinked.length;
}

/**
 * Lets go of mail held back after a mass deletion once the hold is over: it becomes recoverable. A mailbox whose held mail
 * has come back or was let go is no longer told of.
 */
export async function releaseHeld(context: MirrorContext): Promise<number> {
  const { store, deps, accountId, side, step } = context;
  const now = deps.clock.now();
  const dueBefore = now - limits.massVanishHoldDays * DAY_MS;
  const due = store.placements.inState(accountId, side, 'held', dueBefore);
  const holding = store.mailboxes.list(accountId, side, true).filter((one) => one.heldSince !== null);
  if (due.length === 0 && holding.length === 0) return 0;
  await inPortions(context, due, releasePortion, ({ id }) => {
    const one = store.placements.get(id);
    // Back on the server meanwhile, or gone with its mailbox.
    if (one?.state !== 'held' || one.stateSince >= dueBefore) return [];
    store.placements.setState(id, 'vanished', now);
    return [one.entryId];
  });
  const ended = holding.filter(({ id }) => store.placements.inMailbox(id, 'held').length === 0);
  if (ended.length > 0) {
    store.handle.tx('mirror.end-hold', () => {
      for (const { id } of ended) store.mailboxes.setHeld(id, null);
    });
    step('mirror.end-hold');
  }
  return due.length;
}

/**
 * The primary was read as a whole. Where it is for the first time, what only the relay has is looked at anew: older mail of it was deleted or filed
 * at the primary before. Ended by a kill, it begins again with the next look.
 */
export async function settleRelayOnly(context: MirrorContext): Promise<void> {
  const { store, deps, accountId, step } = context;
  if (isRelayOnlySettled(store, accountId)) return;
  store.handle.tx('mirror.first-pass', () => recordFirstPrimaryPass(store, accountId, deps.clock.now()));
  step('mirror.first-pass');
  await inPortions(context, store.entries.relayOnly(accountId), relayOnlyPortion, (id) => [id]);
  store.handle.tx('mirror.relay-only-settled', () => recordRelayOnlySettled(store, accountId));
  step('mirror.relay-only-settled');
}

type Commit = (context: MirrorContext, work: () => void) => void;

function settlePortion({ store, step }: MirrorContext, work: () => void): void {
  store.handle.tx('mirror.settle-unlinked', work);
  step('mirror.settle-unlinked');
}

function releasePortion({ store, step }: MirrorContext, work: () => void): void {
  store.handle.tx('mirror.release-held', work);
  step('mirror.release-held');
}

function relayOnlyPortion({ store, step }: MirrorContext, work: () => void): void {
  store.handle.tx('mirror.relay-only', work);
  step('mirror.relay-only');
}

/** Changes some rows in one transaction, derives anew the entries that it names, tells the lists, and lets others have their turn. */
async function inPortions<T>(
  context: MirrorContext,
  all: readonly T[],
  commit: Commit,
  change: (one: T) => readonly EntryId[],
): Promise<void> {
  const { store, accountId, onListsChanged } = context;
  const lists = new ChangeBatch(onListsChanged);
  for (let at = 0; at < all.length; at += PORTION) {
    if (at > 0) await nextTurn();
    commit(context, () => {
      const view = viewContext(store, accountId);
      for (const one of all.slice(at, at + PORTION)) for (const id of change(one)) lists.add(store.entries.refresh(id, view));
    });
    lists.flush();
  }
}

/**
 * Lets mail go that left the retention window. Local only: it cannot create an operation, and what it removed is not
 * fetched again because the window is asked for by date. Others have their turn in between: a window that was made shorter may let go of
 * most of a large mailbox.
 * @param mayGoOn asked after each portion; what is left goes with the next look
 */
export async function expire(context: MirrorContext, mayGoOn: () => boolean): Promise<number> {
  const { store, deps, accountId, side, onListsChanged, step } = context;
  const now = deps.clock.now();
  const { retention } = context.account().config;
  const lists = new ChangeBatch(onListsChanged);
  let removed = 0;
  for (const mailbox of store.mailboxes.list(accountId, side, true)) {
    const since = mailboxWindowStart(now, retention, mailbox);
    if (since <= 0) continue;
    const { seenBefore, unseenBefore } = expiryLimits(since, now);
    /** Those that are kept for now: the next portion is behind them. */
    let offset = 0;
    while (mayGoOn()) {
      const rows = store.placements.olderThan(mailbox.id, seenBefore, unseenBefore, { limit: PORTION, offset });
      if (rows.length === 0) break;
      const sending = beingSent(context);
      const due = rows.filter((one) => isDue(context, one, sending, since, now));
      offset += rows.length - due.length;
      if (due.length === 0) continue;
      store.handle.tx('mirror.expire', () => {
        const view = viewContext(store, accountId);
        for (const one of due.flatMap((each) => [each, ...archivedWith(context, each, mailbox)]))
          lists.add(removePlacement(context, one, view));
        // A clock that was fast comes right again: what was let go must then be asked for again.
        store.mailboxes.raiseCovered(mailbox.id, seenBefore);
      });
      step('mirror.expire');
      removed += due.length;
      lists.flush();
      await nextTurn();
    }
  }
  if (removed > 0) deps.log.info({ ev: 'mirror.expired', side, messages: removed });
  return removed;
}

/**
 * What holds all mail has a sent one, too, and would keep it as long as what was received: it goes with its place in Sent, unless it stands
 * under another label besides.
 */
function archivedWith({ store, accountId }: MirrorContext, gone: Placement, { role }: Mailbox): Placement[] {
  if (role !== 'sent') return [];
  const labels = otherLabels(store.placements, hasLabels(store, accountId), gone);
  return labels.every((one) => store.mailboxes.get(one.mailboxId)?.role === 'archive') ? labels : [];
}

interface BeingSent {
  readonly messageIds: ReadonlySet<string>;
  readonly originals: ReadonlySet<EntryId>;
}

/** Mail in the outbox that is not settled, and the mail it answers or forwards. */
function beingSent({ store, accountId }: MirrorContext): BeingSent {
  const rows = store.outbox.unsettled(accountId);
  const originals = rows.flatMap((one) => (one.original === null ? [] : [one.original.entryId]));
  return { messageIds: new Set(rows.map((one) => one.messageId)), originals: new Set(originals) };
}

function isDue(context: MirrorContext, one: Placement, sending: BeingSent, since: number, now: number): boolean {
  const bits = flagBits(one.flags);
  const { ops } = context.store;
  const isSent = sending.originals.has(one.entryId) || (one.messageId !== null && sending.messageIds.has(one.messageId));
  const isLinked = isSent || ops.hasOpen(one.entryId) || ops.hasUnseenFailure(one.entryId) || isToBeCarriedBack(context, one);
  const isFlagged = (bits & FLAG_FLAGGED) !== 0;
  return mayExpire({ internalDate: one.internalDate, isFlagged, isSeen: (bits & FLAG_SEEN) !== 0, isLinked }, since, now);
}

/** Mail of an outage that is not reconciled stays, however long that takes: the primary may not have it. */
function isToBeCarriedBack({ store, accountId }: MirrorContext, one: Placement): boolean {
  if (store.reconcile.hasOpen(one.entryId)) return true;
  const outage = one.side === 'relay' ? store.outages.current(accountId) : null;
  return outage !== null && (one.internalDate >= outage.troubleAt - DAY_MS || one.id > outage.relayMark);
}

function removePlacement(context: MirrorContext, one: Placement, view: ReturnType<typeof viewContext>) {
  const { store } = context;
  store.placements.remove(one.id);
  const changed = store.entries.refresh(one.entryId, view);
  if (one.sourceId !== null) store.sources.removeUnreferenced([one.sourceId]);
  return changed;
}
