import type { SourceId } from '../../../shared/model/ids.ts';
import type { IngestedSource, ParsedMessage, Segment } from '../ingest/protocol.ts';
import type { ContentMarks, StorableSegment } from '../store/contract.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { EntryContent } from '../store/entries.ts';
import { otherLabels } from '../store/labels.ts';
import type { Placement } from '../store/placements.ts';
import { isDatedAnew, isSameBody, isSameContent, matchOnSameServer } from './match.ts';
import type { ChangeBatch } from './change-batch.ts';
import type { MirrorContext } from './mirror-context.ts';

/** What came out of reading one source. */
export interface ReadSource<S = Segment> {
  readonly placement: Placement;
  readonly ingested: Omit<IngestedSource, 'segments'> & { readonly segments: readonly S[] };
  /** Already stored in slices; else the segments are in `ingested`. */
  readonly slicedInto: SourceId | null;
}

/** The same, ready to be stored: large segments lie in their pack. */
export type ReadySource = ReadSource<StorableSegment>;

/**
 * Stores one source with what was read from it. Two sides that had been taken for one mail by their headers stay one only
 * if their contents are equal; otherwise the newcomer gets its own entry. Call inside a transaction.
 */
export function storeSource(context: MirrorContext, read: ReadySource, view: DeriveContext, lists: ChangeBatch): void {
  const { store } = context;
  const { ingested } = read;
  const held = heldBy(store, read.placement);
  const placement = held.find((one) => one.id === read.placement.id);
  if (!placement) {
    store.sources.abandon(ingested.segments);
    return;
  }
  const sourceId = recordSource(context, read);
  // Read once for all labels of the message.
  const labels = otherLabels(store.placements, view.hasLabels, placement);
  for (const one of [placement, ...labels]) store.placements.setBody(one.id, 'complete', sourceId);
  const { deliveryReport, sentDate } = ingested.parsed;
  if (deliveryReport !== null) context.onDeliveryReport(deliveryReport, sentDate ?? placement.internalDate);
  const others = held.filter((one) => one.id !== placement.id && one.sourceId !== null);
  const rival = others.find((one) => one.side !== placement.side && one.bodyState === 'complete');
  const known = rival ? store.sources.contentMarks(rival.sourceId!) : null;
  if ((known !== null && !isSameContent(known, marksOf(ingested))) || isUnlikeEarlier(store, placement, others, ingested)) {
    splitOff(context, [placement, ...labels], ingested, view, lists);
    return;
  }
  const isLead = placement.side === 'primary' || others.length === 0;
  const isHere = new Set([placement, ...labels].map((one) => one.id));
  const now = held.map((one): Placement => (isHere.has(one.id) ? { ...one, bodyState: 'complete', sourceId } : one));
  if (isLead || !store.entries.isIndexed(placement.entryId)) {
    store.search.index(placement.entryId, ingested.parsed.search);
    lists.add(store.entries.refreshWith(placement.entryId, contentOf(ingested), now, view));
  } else lists.add(store.entries.refresh(placement.entryId, view));
  if (placement.messageId === null) joinByBody(context, placement, sourceId, view, lists);
}

/** It was taken for one that this side had lost, by its head and size alone (see isDatedAnew()): its bytes have the last word. */
function isUnlikeEarlier(
  { sources }: EngineStore,
  placement: Placement,
  others: readonly Placement[],
  ingested: ReadySource['ingested'],
): boolean {
  return others.some((one) => {
    if (one.side !== placement.side || one.state !== 'unlinked' || matchOnSameServer(placement, one) !== 'none') return false;
    const known = one.sourceId === null ? null : sources.contentMarks(one.sourceId);
    return known !== null && isDatedAnew(placement, one) && !isSameBody(known.body, ingested.digest.body);
  });
}

function marksOf({ digest, parsed }: ReadySource['ingested']): ContentMarks {
  return { body: digest.body, content: parsed.contentDigest, blocks: parsed.contentBlocks };
}

/** Placements of the entry; the one that was asked for may have changed its entry while the source was on its way. */
function heldBy(store: EngineStore, asked: Placement): Placement[] {
  const held = store.placements.ofEntry(asked.entryId);
  if (held.some((one) => one.id === asked.id)) return held;
  const placement = store.placements.get(asked.id);
  return placement === null ? [] : store.placements.ofEntry(placement.entryId);
}

function recordSource({ store }: MirrorContext, { ingested, slicedInto }: ReadySource): SourceId {
  if (slicedInto === null) return store.sources.record(ingested);
  store.sources.append(slicedInto, ingested.segments, ingested.digest.sizeBytes);
  return store.sources.complete(slicedInto, ingested);
}

function contentOf({ parsed, digest }: ReadySource['ingested']): EntryContent {
  return { parsed, sizeBytes: digest.sizeBytes };
}

function setContent({ store }: MirrorContext, entryId: Placement['entryId'], content: EntryContent): void {
  store.entries.setContent(entryId, content);
  store.search.index(entryId, content.parsed.search);
}

function splitOff(
  context: MirrorContext,
  [placement, ...labels]: readonly [Placement, ...Placement[]],
  ingested: ReadySource['ingested'],
  view: DeriveContext,
  lists: ChangeBatch,
): void {
  const { store } = context;
  context.deps.log.info({ ev: 'mirror.entry-split', placement: placement.id });
  const entryId = store.entries.duplicate(placement.entryId);
  for (const one of [placement, ...labels]) store.placements.setEntry(one.id, entryId);
  setContent(context, entryId, contentOf(ingested));
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
  for (const one of [placement, ...otherLabels(store.placements, view.hasLabels, placement)])
    store.placements.setEntry(one.id, match.entryId);
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
  for (const one of [placement, ...otherLabels(store.placements, view.hasLabels, placement)])
    store.placements.setBody(one.id, 'complete', known.sourceId);
  if (parsed !== null) setContent(context, placement.entryId, { parsed, sizeBytes: known.sizeBytes });
  if (known.state === 'unlinked' && known.entryId === placement.entryId) store.placements.remove(known.id);
  lists.add(store.entries.refresh(placement.entryId, view));
}
