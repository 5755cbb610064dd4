import type { PackedError } from '../../../shared/errors.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { ItemChange, ItemRow, RunRow } from '../store/reconcile.ts';
import type { PrimaryPlace } from '../store/reconcile-facts.ts';
import type { ReconcileContext } from './context.ts';
import { draftFactOf, evidenceOf, opFactOf, placesOfSameMail, removalFactOf, sentFactOf } from './gather.ts';
import { draftOutcome, opOutcome, removalOutcome, sentOutcome, type Outcome } from './outcome.ts';
import { partOwnCopies } from './own-copy.ts';
import { appendedCopyOf, appendNoteOf, doubleNoteOf, targetOf } from './step-result.ts';

/**
 * What others carry out and is not settled after this long becomes an exception, so that a run comes to an end. It is still
 * watched, and confirmed if it happens after all.
 */
export const STALL_MS = 24 * 3_600_000;

const error = (code: PackedError['code'], retry: PackedError['retry']): PackedError => ({
  ...{ code, retry, scope: 'message', side: 'primary', detail: '' },
});

/**
 * Brings the items of a run in line with what the journal, the outbox, the drafts and the mirror say by now. Exceptions only
 * change to confirmed, and only on evidence. Returns how many changed.
 */
export function refreshItems(context: ReconcileContext, run: RunRow): number {
  const { store, clock } = context;
  const now = clock.now();
  const changed = store.handle.tx('reconcile.refresh', () => {
    let n = 0;
    for (const item of store.reconcile.items(run.id, ['planned', 'running', 'exception'])) {
      const change = changeOf(context, run, item, now);
      if (change === null) continue;
      store.reconcile.changeItem(item.id, change, now);
      n += 1;
    }
    return n;
  });
  if (changed > 0) context.step('reconcile.refreshed');
  return changed;
}

function changeOf(context: ReconcileContext, run: RunRow, item: ItemRow, now: number): ItemChange | null {
  const outcome = outcomeOf(context, run, item, now);
  if (outcome === null) return stalled(run, item, now);
  const isStill = outcome.state === item.state && (outcome.state !== 'exception' || outcome.error?.code === item.error?.code);
  if (isStill) return outcome.state === 'running' ? stalled(run, item, now, outcome.lastError) : null;
  if (outcome.state === 'running' && (item.state === 'exception' || run.begunAt === null)) return null;
  const { state, error: why, detail, reason } = outcome;
  return { state, error: why, ...(detail === undefined ? {} : { detail: wordsWith(item, detail) }), ...(reason ? { reason } : {}) };
}

/** What was to be done stays in view beside how it ended. */
const wordsWith = ({ detail }: ItemRow, ending: string): string => (detail === '' ? ending : `${detail}, ${ending}`).slice(0, 300);

function stalled(run: RunRow, item: ItemRow, now: number, lastError?: PackedError): ItemChange | null {
  if (item.state === 'exception' || run.begunAt === null || item.operation === 'note-double') return null;
  const since = Math.max(run.begunAt, run.primaryBackAt, item.dueAt ?? 0);
  return now - since < STALL_MS ? null : { state: 'exception', error: lastError ?? error('server-timeout', 'later') };
}

function outcomeOf(context: ReconcileContext, run: RunRow, item: ItemRow, now: number): Outcome | null {
  const { store } = context;
  const isLeft = item.state === 'exception';
  if (item.opId !== null) {
    const fact = opFactOf(store, item.opId, context.describe);
    // A failed change that the person has read and put away stays an exception of this outage.
    return fact === null && isLeft ? null : opOutcome(fact);
  }
  if (item.outboxId !== null) {
    const fact = sentFactOf(store, item.outboxId);
    return isLeft && (fact === null || fact.state === 'cancelled') ? null : sentOutcome(fact, now, item.dueAt);
  }
  if (item.draftId !== null && item.operation === 'remove-draft-copy') {
    const fact = removalFactOf(store, item.draftId);
    // What stays at the primary, since somebody wrote on it or the person has put the notice of it away, stays an exception.
    return fact === null && isLeft ? null : removalOutcome(fact);
  }
  if (item.draftId !== null) {
    const planned = item.stepResult['revision'];
    return draftOutcome(draftFactOf(store, item.draftId, run.outageStartedAt), typeof planned === 'number' ? planned : 0);
  }
  if (item.operation === 'note-double') return doubleOutcome(store, item);
  return receivedOutcome(context, item);
}

/** Delivered by the relay's queue, or by whomever: the primary has it. What we filed ourselves is told by the job that did. */
function receivedOutcome({ store }: ReconcileContext, item: ItemRow): Outcome | null {
  if (item.entryId === null) return null;
  const { accountId } = store.reconcile.run(item.runId)!;
  if (evidenceOf(store, item.entryId) === null) {
    return item.state === 'exception' ? null : { state: 'exception', error: error('message-missing', 'never') };
  }
  const place = placesOfSameMail(store, accountId, item.entryId, item.messageId).find((one) => !mayBeOurs(item, one));
  return place === undefined ? null : { state: 'confirmed', error: null, detail: `delivered ${place.path}` };
}

function mayBeOurs(item: ItemRow, place: PrimaryPlace): boolean {
  const note = appendNoteOf(item);
  return note !== null && place.mailboxId === targetOf(item) && place.epoch === note.epoch && place.uid >= note.floor;
}

/**
 * A double ends by itself when one of its two copies is gone. One that was moved is gone from where it was before it is seen elsewhere,
 * and stands there unread at first: as long as that may be, nothing is decided.
 */
function doubleOutcome(store: EngineStore, item: ItemRow): Outcome | null {
  const note = doubleNoteOf(item);
  const own = note === null ? null : store.reconcile.item(note.itemId);
  const copy = own === null ? null : appendedCopyOf(own);
  const entryId = own?.entryId ?? null;
  if (note === null || entryId === null || copy === null || note.removal === 'removing') return null;
  const { accountId } = store.reconcile.run(item.runId)!;
  const places = store.reconcileFacts.primaryPlaces(accountId, entryId, own?.messageId ?? null);
  const { ours, others, unread } = partOwnCopies(
    store,
    copy,
    places.filter((one) => one.isPresent),
  );
  const mayBeBoth = unread.length > 0 || places.some((one) => one.isSought);
  return mayBeBoth || (ours.length > 0 && others.length > 0) ? null : { state: 'confirmed', error: null, detail: 'ended' };
}
