import type { PackedError } from '../../../shared/errors.ts';
import type { MessageProblem } from '../../../shared/model/message.ts';
import type { IngestedSource, Segment } from './protocol.ts';

/** What the pool asks of a worker. Sessions are sources that come in several requests. */
export type IngestRequest =
  | { readonly kind: 'ingest'; readonly raw: Uint8Array; readonly problem: MessageProblem | null }
  | { readonly kind: 'begin'; readonly session: number }
  | { readonly kind: 'push'; readonly session: number; readonly slice: Uint8Array }
  | { readonly kind: 'replay'; readonly session: number; readonly segment: Segment }
  | { readonly kind: 'open'; readonly session: number }
  | { readonly kind: 'attachment'; readonly session: number; readonly index: number; readonly maxBytes: number }
  | { readonly kind: 'feed'; readonly session: number; readonly segments: readonly Segment[] }
  | { readonly kind: 'end'; readonly session: number }
  | { readonly kind: 'abandon'; readonly session: number };

/** Answer to `push`; `spare` is the buffer the slice came in, to be used for the next one. */
export interface PushAnswer {
  readonly segments: readonly Segment[];
  readonly rawEnd: number;
  readonly spare: ArrayBuffer;
}

export interface AskMessage {
  readonly id: number;
  readonly request: IngestRequest;
}

/** `certain` comes before an answer that needs a parser: it is what is left if the worker dies on it. */
export type AnswerMessage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly certain: unknown }
  | { readonly id: number; readonly error: PackedError };

/** From here on a buffer of its own is handed over as it is; smaller ones are gathered into one. */
const OWN_BUFFER_BYTES = 48 * 1024;

/** Copies bytes into a buffer of their own, which can be transferred while the original stays. */
export function ownCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** Segments ready to be posted with few transfers: large contents by their own buffers, all else in one. */
export function packSegments(segments: readonly Segment[]): { segments: Segment[]; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  const gathered = new Uint8Array(
    segments.reduce((sum, one) => sum + (one.digest?.length ?? 0) + (canHandOver(one.content) ? 0 : one.content.length), 0),
  );
  let at = 0;
  const gather = (bytes: Uint8Array): Uint8Array => {
    gathered.set(bytes, at);
    const view = gathered.subarray(at, at + bytes.length);
    at += bytes.length;
    return view;
  };
  const packed = segments.map((segment) => {
    const digest = segment.digest ? gather(segment.digest) : null;
    if (!canHandOver(segment.content)) return { ...segment, digest, content: gather(segment.content) };
    transfer.push(segment.content.buffer as ArrayBuffer);
    return { ...segment, digest };
  });
  if (gathered.length > 0) transfer.push(gathered.buffer);
  return { segments: packed, transfer };
}

/** The same for a whole answer. */
export function packSource(source: IngestedSource): { value: IngestedSource; transfer: ArrayBuffer[] } {
  const { segments, transfer } = packSegments(source.segments);
  return { value: { ...source, segments }, transfer };
}

/** A view over (nearly) all of a buffer that nobody else looks at. */
function canHandOver(content: Uint8Array): boolean {
  return content.length >= OWN_BUFFER_BYTES && content.buffer instanceof ArrayBuffer && content.buffer.byteLength - content.length < 16;
}
