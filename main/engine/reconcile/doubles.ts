import { asSourceId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { hasLabels } from '../store/labels.ts';
import type { PrimaryPlace } from '../store/reconcile-facts.ts';
import type { ItemRow, NewItem, RunRow } from '../store/reconcile.ts';
import type { ReconcileContext } from './context.ts';
import { placesOfSameMail } from './gather.ts';
import { partOwnCopies, traceDigest } from './own-copy.ts';
import { appendedCopyOf, doubleStep, type AppendedCopy } from './step-result.ts';

/**
 * Finds mail that we filed and that was delivered later all the same, and notes it in the same run: told, never left in silence
 * and never removed by itself. Filed by another device of the person, too, it is the later copy that goes, by the device that filed it:
 * both follow one rule, so that never both go. Returns how many are new.
 */
export function noteDoubles(context: ReconcileContext, run: RunRow): number {
  const { store, clock, step, log } = context;
  const added = store.handle.tx('reconcile.note-doubles', () => {
    const items = store.reconcileFacts.appendedBy(run.id).flatMap((id) => doubleOf(store, run, store.reconcile.item(id)!));
    if (items.length === 0) return 0;
    // The person has seen a report that is not true any more.
    store.reconcile.changeRun(run.id, { acknowledgedAt: null });
    return store.reconcile.addItems(run.id, items, clock.now());
  });
  if (added === 0) return 0;
  step('reconcile.double-noted');
  log.info({ ev: 'reconcile.doubles', run: run.id, added });
  return added;
}

function doubleOf(store: EngineStore, run: RunRow, item: ItemRow): NewItem[] {
  const own = appendedCopyOf(item);
  if (own === null || item.entryId === null) return [];
  const places = placesOfSameMail(store, run.accountId, item.entryId, item.messageId).filter((one) => one.isPresent);
  const {
    ours: [ours],
    others,
  } = partOwnCopies(store, own, places);
  // Another label of our copy is no double of it.
  const isOurs = ({ emailId }: PrimaryPlace): boolean => hasLabels(store, run.accountId) && emailId !== null && emailId === ours?.emailId;
  const other = others.find((one) => !isOurs(one));
  if (!ours || !other) return [];
  const bodies = [ours, other].map((one) => (one.sourceId === null ? null : store.sources.bodyDigest(asSourceId(one.sourceId))));
  const [left, right] = bodies;
  // Judged when both are here; the mirror is fetching them.
  if (!left || !right) return [];
  const isEqual = Buffer.compare(left, right) === 0;
  const isTwin = isEqual && isFiledToo(store, own, other);
  const reason = isTwin ? 'filed-twice' : 'delivered-after-append';
  const { placementId, mailboxId, epoch, uid } = other;
  return [
    {
      ...{ key: `double:${item.id}`, kind: 'received', operation: 'note-double', reason, state: 'exception' },
      ...{ entryId: other.entryId, opId: null, outboxId: null, draftId: null, messageId: item.messageId, dueAt: null },
      ...{ subject: item.subject, detail: `double ${other.path}${isEqual ? '' : ', altered'}` },
      stepResult: doubleStep({
        itemId: item.id,
        other: { placementId, mailboxId, epoch, uid },
        isEqual,
        removal: isTwin && isLater(own, other) ? 'requested' : 'none',
      }),
    },
  ];
}

/** Beside ours, from the same relay: a delivery has another trace line, and the date on which it came. */
const isFiledToo = ({ sources }: EngineStore, own: AppendedCopy, { mailboxId, epoch, internalDate, sourceId }: PrimaryPlace): boolean =>
  mailboxId === own.mailboxId &&
  epoch === own.epoch &&
  internalDate === own.internalDate &&
  sourceId !== null &&
  traceDigest(sources.raw(asSourceId(sourceId))) === own.trace;

const isLater = (own: AppendedCopy, other: PrimaryPlace): boolean => own.uid > other.uid;
