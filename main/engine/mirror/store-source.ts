import type { SourceId } from '../../../shared/model/ids.ts';
import type { IngestedSource, ParsedMessage } from '../ingest/protocol.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { Placement } from '../store/placements.ts';
import { isSameBody } from './match.ts';
import type { ChangeBatch } from './change-batch.ts';
import type { MirrorContext } from './mirror-context.ts';

/** What came out of reading one source, ready to be stored. */
export interface ReadSource {
  readonly placement: Placement;
  readonly ingested: IngestedSource;
  /** Already stored in slices; else the segments are in `ingested`. */
  readonly slicedInto: SourceId | null;
}

/**
 * Stores one source with what was read from it. Two sides that had been taken for one mail by their headers stay one only
 * if their bodies are equal; otherwise the newcomer gets its own entry. Call inside a transaction.
 */
export function storeSource(context: MirrorContext, read: ReadSource, view: DeriveContext, lists: ChangeBatch): void {
  const { store } = context;
  const { ingested } = read;
  // The placement may have moved, vanished or changed its entry while the source was on its way.
  const placement = store.placements.get(read.placement.id);
  if (!placement) return;
  const sourceId = recordSource(context, read);
  const others = store.placements.ofEntry(placement.entryId).filter((one) => one.id !== placement.id && one.sourceId !== null);
  store.placements.setBody(placement.id, 'complete', sourceId);
  const rival = others.find((one) => one.side !== placement.side && one.bodyState === 'complete');
  const rivalBody = rival ? store.sources.bodyDigest(rival.sourceId!) : null;
  if (rivalBody !== null && !isSameBody(rivalBody, ingested.digest.body)) {
    splitOff(context, placement, ingested, view, lists);
    return;
  }
  const isLead = placement.side === 'primary' || others.length === 0;
  if (isLead || !store.entries.isIndexed(placement.entryId)) setContent(context, placement.entryId, ingested);
  lists.add(store.entries.refresh(placement.entryId, view));
  if (placement.messageId === null) joinByBody(context, placement, sourceId, view, lists);
}

function recordSource({ store }: MirrorContext, { ingested, slicedInto }: ReadSource): SourceId {
  if (slicedInto === null) return store.sources.record(ingested);
  store.sources.append(slicedInto, ingested.segments, ingested.digest.sizeBytes);
  return store.sources.complete(slicedInto, ingested);
}

function setContent(context: MirrorContext, entryId: Placement['entryId'], ingested: IngestedSource): void {
  const { store } = context;
  store.entries.setContent(entryId, { parsed: ingested.parsed, sizeBytes: ingested.digest.sizeBytes });
  store.search.index(entryId, ingested.parsed.search);
  store.entries.setIndexed(entryId, true);
}

function splitOff(context: MirrorContext, placement: Placement, ingested: IngestedSource, view: DeriveContext, lists: ChangeBatch): void {
  const { store } = context;
  context.deps.log.info({ ev: 'mirror.entry-split', placement: placement.id });
  const entryId = store.entries.duplicate(placement.entryId);
  store.placements.setEntry(placement.id, entryId);
  setContent(context, entryId, ingested);
  lists.add(store.entries.refresh(placement.entryId, view));
  lists.add(store.entries.refresh(entryId, view));
}

/** Mail without a Message-ID is one with its copy on the other side when the bodies and the summaries are equal. */
function joinByBody(context: MirrorContext, placement: Placement, sourceId: SourceId, view: DeriveContext, lists: ChangeBatch): void {
  const { store, accountId } = context;
  const other = placement.side === 'primary' ? 'relay' : 'primary';
  const own = store.sources.bodyDigest(sourceId);
  const isAlone = store.placements.ofEntry(placement.entryId).every((one) => one.side === placement.side);
  if (!isAlone || own === null) return;
  const match = store.placements
    .withMessageId(accountId, other, null, placement.summaryDigest)
    .find((one) => isFreeTwin(context, one, placement, own));
  if (!match) return;
  store.placements.setEntry(placement.id, match.entryId);
  lists.add(store.entries.refresh(placement.entryId, view));
  lists.add(store.entries.refresh(match.entryId, view));
}

function isFreeTwin(context: MirrorContext, one: Placement, placement: Placement, body: Uint8Array): boolean {
  const { store } = context;
  if (one.sourceId === null || one.bodyState !== 'complete') return false;
  const digest = store.sources.bodyDigest(one.sourceId);
  if (digest === null || !isSameBody(digest, body)) return false;
  return store.placements.ofEntry(one.entryId).every((other) => other.side !== placement.side);
}

/** Uses a body stored before for a message whose header block proved to be the same. Call inside a transaction. */
export function adoptSource(
  context: MirrorContext,
  placement: Placement,
  known: Placement,
  parsed: ParsedMessage | null,
  view: DeriveContext,
  lists: ChangeBatch,
): void {
  const { store } = context;
  if (!store.placements.get(placement.id) || known.sourceId === null) return;
  store.placements.setBody(placement.id, 'complete', known.sourceId);
  if (parsed !== null) {
    store.entries.setContent(placement.entryId, { parsed, sizeBytes: known.sizeBytes });
    store.search.index(placement.entryId, parsed.search);
    store.entries.setIndexed(placement.entryId, true);
  }
  if (known.state === 'unlinked' && known.entryId === placement.entryId) store.placements.remove(known.id);
  lists.add(store.entries.refresh(placement.entryId, view));
}
