import type { Ingest } from './ingest/protocol.ts';
import type { ContentReader } from './outbox/find-copy.ts';

/** A reader in the worker that reads mirrored mail; nothing of it is stored. */
export function contentReader(ingest: Pick<Ingest, 'begin'>): ContentReader {
  const sliced = ingest.begin();
  return {
    push: async (piece) => void (await sliced.push(Uint8Array.from(piece))),
    end: async () => (await sliced.end()).parsed.contentDigest,
    abandon: () => sliced.abandon(),
  };
}
