import type { MailboxId, ModSeq, PlacementId, Uid } from '../../../shared/model/ids.ts';
import { FLAG_FLAGGED, flagBits } from '../store/flags.ts';
import type { KnownPlacement, Placement } from '../store/placements.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { ChangeBatch } from './change-batch.ts';
import type { MirrorContext } from './mirror-context.ts';
import { markSetBack } from './set-back.ts';
import { successorOf } from './successor.ts';
import { isMassVanish } from './vanish-guard.ts';
import { viewContext } from './view-context.ts';
import { isInWindow, mailboxWindowStart } from './window.ts';

export interface FlagChange {
  readonly placement: KnownPlacement;
  readonly text: string;
  readonly modSeq: ModSeq | null;
}

/** A message that its server no longer answers with. */
type Gone = Pick<KnownPlacement, 'id' | 'entryId'>;

/** So few may have been deleted while the server was given its new UIDVALIDITY. */
const FEW = 5;

/** Rows changed in one transaction; keeps the write lock short. */
const ROWS_PER_TX = 500;

/** Stores flags as the server has them now. A message that was held back as vanished and answers again is present. */
export function applyFlags(context: MirrorContext, changes: readonly FlagChange[]): void {
  const { store, deps, accountId, onListsChanged, step } = context;
  const lists = new ChangeBatch(onListsChanged);
  for (let start = 0; start < changes.length; start += ROWS_PER_TX) {
    store.handle.tx('mirror.apply-flags', () => {
      const view = viewContext(store, accountId);
      for (const { placement, text, modSeq } of changes.slice(start, start + ROWS_PER_TX)) {
        store.placements.setFlags(placement.id, text, modSeq);
        if (placement.state === 'held') store.placements.setState(placement.id, 'present', deps.clock.now());
        lists.add(store.entries.refresh(placement.entryId, view));
      }
    });
    step('mirror.apply-flags');
    lists.flush();
  }
}

/**
 * Those of a mass deletion that have to be held in place, each with its mailbox; none where it is no mass deletion. What was seen
 * in another mailbox since the last look at its own has been moved there and does not count.
 */
function heldOf(
  context: MirrorContext,
  mailboxes: readonly Mailbox[],
  gone: readonly Gone[],
  knownBefore: number,
): ReadonlyMap<PlacementId, MailboxId> {
  const { store, deps } = context;
  if (!isMassVanish(gone.length, knownBefore)) return new Map();
  const lastPasses = new Map(mailboxes.map((one) => [one.id, one.lastPassAt]));
  const lost = gone.flatMap(({ id }) => {
    const one = store.placements.get(id);
    return one !== null && successorOf(context, one, lastPasses.get(one.mailboxId) ?? Infinity) === null ? [one] : [];
  });
  if (!isMassVanish(lost.length, knownBefore)) return new Map();
  for (const { id } of mailboxes) deps.log.warn({ ev: 'mirror.mass-vanish', mailbox: id, messages: lost.length, of: knownBefore });
  return new Map(lost.map((one) => [one.id, one.mailboxId]));
}

/**
 * Unlinks what these mailboxes lost at once: one full cycle later it turns up elsewhere (a move) or becomes recoverable. So much that
 * it looks like an accident is held where it is. Call inside a transaction. Returns the lists that changed.
 */
function letGo(context: MirrorContext, mailboxes: readonly Mailbox[], gone: readonly Gone[], knownBefore: number): MailboxId[] {
  const { store, deps, accountId } = context;
  const held = heldOf(context, mailboxes, gone, knownBefore);
  const now = deps.clock.now();
  for (const mailboxId of new Set(held.values())) store.mailboxes.setHeld(mailboxId, now);
  const view = viewContext(store, accountId);
  return gone.flatMap(({ id, entryId }) => {
    store.placements.setState(id, held.has(id) ? 'held' : 'unlinked', now);
    // What is held is shown as before.
    return held.has(id) ? [] : store.entries.refresh(entryId, view);
  });
}

/** Takes note that messages are gone from a mailbox. Returns how many. */
export function applyVanished(
  context: MirrorContext,
  mailbox: Mailbox,
  known: readonly KnownPlacement[],
  vanished: readonly Uid[],
): number {
  const { store, onListsChanged, step } = context;
  const uids = new Set<number>(vanished);
  const present = known.filter((one) => one.state === 'present');
  const gone = present.filter((one) => uids.has(one.uid));
  if (gone.length === 0) return 0;
  const lists = new ChangeBatch(onListsChanged);
  store.handle.tx('mirror.apply-vanished', () => lists.add(letGo(context, [mailbox], gone, present.length)));
  step('mirror.apply-vanished');
  lists.flush();
  return gone.length;
}

/**
 * The new epoch of a mailbox is complete: what it did not take over is gone from the server. Held back where that is most
 * of the mailbox: a server set up anew and empty must not empty the list. What has left the window was not asked for, and stays until it
 * expires. Call inside a transaction.
 */
export function releaseSuperseded(context: MirrorContext, mailbox: Mailbox): void {
  const { placements } = context.store;
  const since = mailboxWindowStart(context.deps.clock.now(), context.account().config.retention, mailbox);
  const isAsked = (one: Placement): boolean => isInWindow(one.internalDate, since, (flagBits(one.flags) & FLAG_FLAGGED) !== 0);
  const left = placements.inMailbox(mailbox.id, 'superseded').filter(isAsked);
  if (left.length === 0) return;
  const kept = placements.inMailbox(mailbox.id, 'present').length;
  // Nobody makes an INBOX anew but who sets the server up anew.
  if (mailbox.role === 'inbox' && (left.length > FEW || kept === 0)) markSetBack(context);
  letGo(context, [mailbox], left, left.length + kept);
}

/** LIST does not answer these mailboxes any more. Call inside a transaction. Returns the lists that changed. */
export function loseMailboxes(context: MirrorContext, mailboxes: readonly Mailbox[]): MailboxId[] {
  const { store, deps } = context;
  const left = mailboxes.flatMap(({ id }) =>
    (['present', 'superseded'] as const).flatMap((state) => store.placements.inMailbox(id, state)),
  );
  const now = deps.clock.now();
  for (const { id } of mailboxes) {
    deps.log.info({ ev: 'mirror.mailbox-vanished', mailbox: id });
    store.mailboxes.markVanished(id, now);
  }
  return letGo(context, mailboxes, left, left.length);
}
