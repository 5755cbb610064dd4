import type { EntryId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Placement } from '../store/placements.ts';
import type { Arrival } from './replay-context.ts';

/** The placement whose evidence and body a message keeps when we move or restore it. */
function predecessor(placements: readonly Placement[], from: Placement | null): Placement | null {
  return from ?? placements.findLast((one) => one.side === 'primary') ?? placements.at(-1) ?? null;
}

type Named = Pick<Placement, 'messageId'>;
const isOther = (left: Named, right: Named): boolean =>
  left.messageId !== null && right.messageId !== null && left.messageId !== right.messageId;

export interface ArrivalResult {
  readonly isPlaced: boolean;
  /** A mail for which a pass had taken the copy before it was known to be ours; to be shown anew. */
  readonly displaced: EntryId | null;
}

const UNPLACED: ArrivalResult = { isPlaced: false, displaced: null };

/**
 * Takes note of the place a message has by our own doing, as COPYUID, APPENDUID or a search proved it, so that the next
 * change need not wait for a pass to find it. Unplaced where the mailbox is not mirrored, or has another epoch by now: then a
 * pass finds it. Call in the transaction that confirms the operation.
 */
export function recordArrival(store: EngineStore, entryId: EntryId, arrival: Arrival, from: Placement | null, now: number): ArrivalResult {
  const mailbox = store.mailboxes.get(arrival.mailbox.id);
  if (!mailbox?.isMirrored || (mailbox.uidValidity !== null && mailbox.uidValidity !== arrival.uidValidity)) return UNPLACED;
  const known = predecessor(store.placements.ofEntry(entryId), from);
  const found = store.placements.findByUid(mailbox.id, arrival.uidValidity, arrival.uid);
  const seenBefore = found !== null && known !== null && isOther(found, known) ? null : found;
  // The server was set back: what had this UID is there no more.
  if (found !== seenBefore) store.placements.displace(found!.id, now);
  if (seenBefore) {
    const isOther = seenBefore.entryId !== entryId;
    if (isOther) store.placements.setEntry(seenBefore.id, entryId);
    if (seenBefore.state !== 'present') store.placements.setState(seenBefore.id, 'present', now);
    return { isPlaced: true, displaced: isOther ? seenBefore.entryId : null };
  }
  if (known === null) return UNPLACED;
  const { messageId, summaryDigest, structureDigest, emailId, internalDate, sizeBytes, flags, sourceId, bodyState } = known;
  // Only a body that came from this server, or that was put there by us, is known to be the same bytes.
  const isBodyKnown = known.side === 'primary' && bodyState === 'complete' && arrival.seen === undefined;
  const ours =
    arrival.sourceId !== undefined && arrival.sourceId !== null && arrival.seen?.sizeBytes === store.sources.storedBytes(arrival.sourceId);
  const body = isBodyKnown ? sourceId : ours ? arrival.sourceId! : null;
  store.placements.insert({
    ...{ entryId, mailboxId: mailbox.id, side: 'primary', uidValidity: arrival.uidValidity, uid: arrival.uid, modSeq: null },
    ...{ messageId, summaryDigest, structureDigest, emailId, internalDate, sizeBytes, flags },
    ...arrival.seen,
    ...{ sourceId: body, bodyState: body === null ? (bodyState === 'too-large' ? 'too-large' : 'missing') : 'complete', at: now },
  });
  return { isPlaced: true, displaced: null };
}
