import { limits } from '../../../shared/limits.ts';
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
  | { readonly kind: 'open-inner'; readonly session: number; readonly path: readonly number[] }
  | { readonly kind: 'attachment'; readonly session: number; readonly path: readonly number[]; readonly maxBytes: number }
  | { readonly kind: 'feed'; readonly session: number; readonly segments: readonly Segment[] }
  | { readonly kind: 'end'; readonly session: number }
  | { readonly kind: 'abandon'; readonly session: number };

/** Answer to `ingest`; `spare` is the buffer the source came in. */
export type IngestAnswer = IngestedSource & { readonly spare: ArrayBuffer };

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

/** `certain` comes before an answer that needs a parser: it is what is left if the worker dies on it. `isReady` is told once, unasked. */
export type AnswerMessage =
  | { readonly isReady: true }
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

/** Several contents in one buffer, so that they travel together. */
class Gathered {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
  }

  add(bytes: Uint8Array): Uint8Array {
    const view = this.#bytes.subarray(this.#at, this.#at + bytes.length);
    view.set(bytes);
    this.#at += bytes.length;
    return view;
  }

  get transfer(): ArrayBuffer[] {
    return this.#bytes.length > 0 ? [this.#bytes.buffer] : [];
  }
}

/**
 * Segments ready to be posted with few transfers: large contents by their own buffers, the others in two. Those that stay in
 * memory until their transaction are not gathered with those that leave it before, or they would keep them there.
 */
export function packSegments(segments: readonly Segment[]): { segments: Segment[]; transfer: ArrayBuffer[] } {
  const isSmall = ({ content }: Segment): boolean => content.length < limits.packedFromBytes;
  const lengthOf = (list: readonly Segment[]): number => list.reduce((sum, one) => sum + one.content.length, 0);
  const digests = segments.reduce((sum, one) => sum + (one.digest?.length ?? 0), 0);
  const small = new Gathered(digests + lengthOf(segments.filter(isSmall)));
  const medium = new Gathered(lengthOf(segments.filter((one) => !isSmall(one) && !canHandOver(one.content))));
  const transfer: ArrayBuffer[] = [];
  const packed = segments.map((segment) => {
    const digest = segment.digest ? small.add(segment.digest) : null;
    if (isSmall(segment)) return { ...segment, digest, content: small.add(segment.content) };
    if (!canHandOver(segment.content)) return { ...segment, digest, content: medium.add(segment.content) };
    transfer.push(segment.content.buffer as ArrayBuffer);
    return { ...segment, digest };
  });
  return { segments: packed, transfer: [...transfer, ...small.transfer, ...medium.transfer] };
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
