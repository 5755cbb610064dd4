import { createHash } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { MailError } from '../../../shared/errors.ts';
import { encodeLines, type LineEnding } from './base64-lines.ts';
import type { Piece } from './piece.ts';
import type { Segment } from './protocol.ts';

/** Bits of `Segment.codec`. */
export const codecBits = { deflated: 1, base64: 2, lfOnly: 4 } as const;

/** Smaller pieces are not shared: a digest and an index entry would cost more than they save. */
const MIN_SHARED_BYTES = 2048;
/** Below this a deflate stream saves less than its own set-up costs. */
const MIN_DEFLATE_BYTES = 160;
/** Up to this size trying costs no more than probing. */
const PROBE_FROM_BYTES = 16 * 1024;
const PROBE_CHUNKS = 4;
const PROBE_CHUNK_BYTES = 1024;
/** Deflated content must be below this share of the input, else the time to inflate it again is not earned. */
const WORTHWHILE = 0.92;

/** Packs a piece for the store: decoded where it is base64, deflated where that helps. */
export function encodeSegment(piece: Piece): Segment {
  const { raw, decoded, lineWidth } = piece;
  const plain = decoded ?? raw;
  const deflated = deflateIfWorthwhile(plain);
  const kind = decoded ? codecBits.base64 + (piece.ending === 'lf' ? codecBits.lfOnly : 0) : 0;
  return {
    digest: raw.length >= MIN_SHARED_BYTES ? createHash('sha256').update(raw).digest() : null,
    rawBytes: raw.length,
    codec: kind + (deflated ? codecBits.deflated : 0),
    lineWidth,
    content: deflated ?? plain,
  };
}

/**
 * Unpacks a stored segment into the piece it came from; base64 lines are written again only when their `raw` is asked for.
 * @throws MailError `store-corrupt` when the content cannot be what was stored.
 */
export function decodePiece(segment: Segment): Omit<Piece, 'isHeader'> {
  const { codec, lineWidth, rawBytes } = segment;
  const ending: LineEnding = (codec & codecBits.lfOnly) !== 0 ? 'lf' : 'crlf';
  const plain = plainContent(segment);
  if ((codec & codecBits.base64) === 0) {
    if (plain.length !== rawBytes) throw corrupt('length of a segment');
    return { raw: plain, decoded: null, lineWidth: 0, ending };
  }
  const chars = Math.ceil(plain.length / 3) * 4;
  const gap = ending === 'crlf' ? 2 : 1;
  const full = lineWidth > 0 ? chars + Math.ceil(chars / lineWidth) * gap : 0;
  if (rawBytes !== full && rawBytes !== full - gap) throw corrupt('length of a base64 segment');
  let raw: Buffer | null = null;
  return {
    get raw() {
      return (raw ??= encodeLines(plain, lineWidth, ending, rawBytes));
    },
    decoded: plain,
    lineWidth,
    ending,
  };
}

/** The raw bytes of a stored segment, exactly as they came. @throws MailError `store-corrupt`. */
export function decodeSegment(segment: Segment): Buffer {
  return decodePiece(segment).raw;
}

/** Content of a segment without its deflate layer: the decoded bytes where it is base64, else the raw ones. */
export function plainContent(segment: Segment): Buffer {
  const { content, codec, rawBytes } = segment;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if ((codec & codecBits.deflated) === 0) return bytes;
  try {
    return inflateRawSync(bytes, { maxOutputLength: rawBytes, chunkSize: Math.max(1024, rawBytes) });
  } catch (cause) {
    throw corrupt('deflated segment', cause);
  }
}

function deflateIfWorthwhile(plain: Buffer): Buffer | null {
  if (plain.length < MIN_DEFLATE_BYTES) return null;
  if (plain.length >= PROBE_FROM_BYTES && !looksCompressible(plain)) return null;
  const deflated = deflateRawSync(plain, { level: 3, chunkSize: chunkSizeFor(plain.length) });
  return deflated.length < plain.length * WORTHWHILE ? deflated : null;
}

/** Deflates a sample spread over the content: JPEG, zip and most PDF streams are told from text at nearly no cost. */
function looksCompressible(plain: Buffer): boolean {
  const sample = Buffer.allocUnsafe(PROBE_CHUNKS * PROBE_CHUNK_BYTES);
  const step = Math.floor((plain.length - PROBE_CHUNK_BYTES) / (PROBE_CHUNKS - 1));
  for (let i = 0; i < PROBE_CHUNKS; i++) {
    plain.copy(sample, i * PROBE_CHUNK_BYTES, i * step, i * step + PROBE_CHUNK_BYTES);
  }
  const options = { level: 1, strategy: constants.Z_HUFFMAN_ONLY, windowBits: 12, memLevel: 5, chunkSize: sample.length + 256 };
  return deflateRawSync(sample, options).length < sample.length * WORTHWHILE;
}

/** One output chunk holds the usual result, so that zlib neither over-allocates nor joins chunks. */
function chunkSizeFor(length: number): number {
  return Math.max(1024, Math.min(64 * 1024, length));
}

function corrupt(detail: string, cause?: unknown): MailError {
  return new MailError('store-corrupt', { scope: 'message', retry: 'never', detail, cause });
}
