import { limits } from '../../../shared/limits.ts';
import { MailError } from '../../../shared/errors.ts';
import type { SourceId } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';
import type { Placement } from '../store/placements.ts';
import type { MirrorContext } from './mirror-context.ts';
import type { ReadSource } from './store-source.ts';

/**
 * Fetches a large source in slices, each durable before the next is asked for. After a kill it goes on where the stored
 * segments end.
 */
export async function fetchSliced(context: MirrorContext, session: ImapSession, placement: Placement): Promise<ReadSource> {
  const { store, deps, step } = context;
  const sourceId = beginOrResume(context, placement);
  const sliced = deps.ingest.begin();
  try {
    for (const segment of store.sources.segments(sourceId)) await sliced.replay(segment);
    let offset = store.sources.storedBytes(sourceId);
    for (;;) {
      const slice = await session.fetchSlice(placement.uid, offset, limits.sliceBytes);
      const length = slice.byteLength;
      if (length === 0) break;
      offset += length;
      refuseOversize(offset);
      const { segments, rawEnd } = await sliced.push(slice);
      store.handle.tx('mirror.store-slice', () => store.sources.append(sourceId, segments, rawEnd));
      step('mirror.store-slice');
      if (length < limits.sliceBytes) break;
    }
    return { placement, ingested: await sliced.end(), slicedInto: sourceId };
  } catch (error) {
    sliced.abandon();
    throw error;
  }
}

function beginOrResume({ store, step }: MirrorContext, placement: Placement): SourceId {
  if (placement.bodyState === 'partial' && placement.sourceId !== null) return placement.sourceId;
  const id = store.handle.tx('mirror.begin-source', () => {
    const sourceId = store.sources.begin(placement.sizeBytes);
    store.placements.setBody(placement.id, 'partial', sourceId);
    return sourceId;
  });
  step('mirror.begin-source');
  return id;
}

/** A server may announce less than it sends. */
function refuseOversize(bytes: number): void {
  if (bytes <= limits.maxSourceBytes) return;
  throw new MailError('message-too-large', { scope: 'message', retry: 'never', detail: `over ${limits.maxSourceBytes} bytes` });
}
