import type { ModSeq, PlacementId, Uid } from '../../../shared/model/ids.ts';
import type { KnownPlacement } from '../store/placements.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { ChangeBatch } from './change-batch.ts';
import type { MirrorContext } from './mirror-context.ts';
import { successorOf } from './successor.ts';
import { isMassVanish } from './vanish-guard.ts';
import { viewContext } from './view-context.ts';

export interface FlagChange {
  readonly placement: KnownPlacement;
  readonly text: string;
  readonly modSeq: ModSeq | null;
}

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
 * Those of a mass deletion that have to be held in place; none where it is no mass deletion. What was seen in another mailbox
 * since the last look at its own has been moved there and does not count. All of `mailboxes` lost them at once.
 */
function heldOf(
  context: MirrorContext,
  mailboxes: readonly Mailbox[],
  gone: readonly PlacementId[],
  knownBefore: number,
): ReadonlySet<PlacementId> {
  const { store, deps } = context;
  if (!isMassVanish(gone.length, knownBefore)) return new Set();
  const lastPasses = new Map(mailboxes.map((one) => [one.id, one.lastPassAt]));
  const lost = gone.filter((id) => {
    const one = store.placements.get(id);
    return one !== null && successorOf(context, one, lastPasses.get(one.mailboxId) ?? Infinity) === null;
  });
  if (!isMassVanish(lost.length, knownBefore)) return new Set();
  for (const { id } of mailboxes) deps.log.warn({ ev: 'mirror.mass-vanish', mailbox: id, messages: lost.length, of: knownBefore });
  return new Set(lost);
}

/**
 * Takes note that messages are gone from a mailbox. They are only unlinked: one full cycle later they turn up elsewhere
 * (a move) or become recoverable. So many at once that it looks like an accident are held where they are.
 */
export function applyVanished(
  context: MirrorContext,
  mailbox: Mailbox,
  known: readonly KnownPlacement[],
  vanished: readonly Uid[],
): number {
  const { store, deps, accountId, onListsChanged, step } = context;
  const gone = new Set<number>(vanished);
  const hit = known.filter((one) => one.state === 'present' && gone.has(one.uid));
  if (hit.length === 0) return 0;
  const present = known.filter((one) => one.state === 'present').length;
  const ids = hit.map((one) => one.id);
  const held = heldOf(context, [mailbox], ids, present);
  const now = deps.clock.now();
  const lists = new ChangeBatch(onListsChanged);
  store.handle.tx('mirror.apply-vanished', () => {
    const view = viewContext(store, accountId);
    for (const one of hit) {
      store.placements.setState(one.id, held.has(one.id) ? 'held' : 'unlinked', now);
      lists.add(store.entries.refresh(one.entryId, view));
    }
    if (held.size > 0) store.mailboxes.setHeld(mailbox.id, now);
  });
  step('mirror.apply-vanished');
  lists.flush();
  return hit.length;
}

/**
 * The new epoch of a mailbox is complete: what it did not take over is gone from the server. Held back where that is most
 * of the mailbox: a server set up anew and empty must not empty the list. Call inside a transaction.
 */
export function releaseSuperseded(context: MirrorContext, mailbox: Mailbox): void {
  const { store, deps, accountId } = context;
  const left = store.placements.inMailbox(mailbox.id, 'superseded');
  if (left.length === 0) return;
  const now = deps.clock.now();
  const present = store.placements.inMailbox(mailbox.id, 'present').length;
  const ids = left.map((one) => one.id);
  const held = heldOf(context, [mailbox], ids, left.length + present);
  const view = viewContext(store, accountId);
  for (const one of left) {
    store.placements.setState(one.id, held.has(one.id) ? 'held' : 'unlinked', now);
    store.entries.refresh(one.entryId, view);
  }
  if (held.size > 0) store.mailboxes.setHeld(mailbox.id, now);
}

/**
 * LIST does not answer these mailboxes any more. Their mail turns up elsewhere (another name, another epoch) or becomes
 * recoverable; so much at once that it looks like an accident is held where it is. Call inside a transaction.
 */
export function loseMailboxes(context: MirrorContext, mailboxes: readonly Mailbox[], lists: ChangeBatch): void {
  const { store, deps, accountId } = context;
  const now = deps.clock.now();
  const left = mailboxes.flatMap(({ id }) =>
    (['present', 'superseded'] as const).flatMap((state) => store.placements.inMailbox(id, state)),
  );
  const ids = left.map((one) => one.id);
  const held = heldOf(context, mailboxes, ids, ids.length);
  for (const { id } of mailboxes) {
    deps.log.info({ ev: 'mirror.mailbox-vanished', mailbox: id });
    store.mailboxes.markVanished(id, now);
  }
  const view = viewContext(store, accountId);
  for (const one of left) {
    const isHeld = held.has(one.id);
    store.placements.setState(one.id, isHeld ? 'held' : 'unlinked', now);
    if (isHeld) store.mailboxes.setHeld(one.mailboxId, now);
    lists.add(store.entries.refresh(one.entryId, view));
  }
}
