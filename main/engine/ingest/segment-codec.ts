import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { MailError } from '../../../shared/errors.ts';
import { encodeLines, type LineEnding } from './base64-lines.ts';
import type { Piece } from './piece.ts';
import type { Segment } from './protocol.ts';

/** Bits of `Segment.codec`. */
export const codecBits = { brotli: 1, base64: 2, lfOnly: 4 } as const;

/** Smaller pieces are not shared: a digest and an index entry would cost more than they save. */
const MIN_SHARED_BYTES = 2048;
/** Below this a compressed stream saves less than its own set-up costs. */
const MIN_PACKED_BYTES = 160;
/** From here on content is probed first: most of it is JPEG, zip or PDF streams. */
const PROBE_FROM_BYTES = 4 * 1024;
const PROBE_CHUNKS = 4;
const PROBE_CHUNK_BYTES = 256;
/** Bits per byte of a sample of 1 KiB above which nothing is to be gained; compressed formats have over 7.7 there, text below 6. */
const MAX_ENTROPY = 7.4;
/** Packed content must be below this share of the input, else the time to unpack it again is not earned. */
const WORTHWHILE = 0.92;
/**
 * Brotli's level 1 packed pieces of 1 to 100 kB in half the time of its level 2 or of deflate, and within a tenth as small.
 * 2^18 bytes cover the largest piece.
 */
const QUALITY = 1;
const WINDOW_BITS = 18;

/** Packs a piece for the store: decoded where it is base64, compressed where that helps. */
export function encodeSegment(piece: Piece): Segment {
  const { raw, decoded, lineWidth } = piece;
  const plain = decoded ?? raw;
  const packed = packIfWorthwhile(plain);
  const kind = decoded ? codecBits.base64 + (piece.ending === 'lf' ? codecBits.lfOnly : 0) : 0;
  return {
    digest: raw.length >= MIN_SHARED_BYTES ? createHash('sha256').update(raw).digest() : null,
    rawBytes: raw.length,
    codec: kind + (packed ? codecBits.brotli : 0),
    lineWidth,
    // Raw bytes are a view of a buffer that is used again.
    content: packed ?? decoded ?? Buffer.from(raw),
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

/** Content of a segment unpacked: the decoded bytes where it is base64, else the raw ones. */
export function plainContent(segment: Segment): Buffer {
  const { content, codec, rawBytes } = segment;
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if ((codec & codecBits.brotli) === 0) return bytes;
  try {
    return brotliDecompressSync(bytes, { maxOutputLength: rawBytes, chunkSize: Math.max(1024, rawBytes) });
  } catch (cause) {
    throw corrupt('compressed segment', cause);
  }
}

function packIfWorthwhile(plain: Buffer): Buffer | null {
  if (plain.length < MIN_PACKED_BYTES) return null;
  if (plain.length >= PROBE_FROM_BYTES && sampleEntropy(plain) > MAX_ENTROPY) return null;
  const packed = brotliCompressSync(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS,
    },
    chunkSize: Math.max(1024, Math.min(64 * 1024, plain.length)),
  });
  return packed.length < plain.length * WORTHWHILE ? packed : null;
}

/** Entropy in bits per byte of a sample spread over the content: a hundredth of the price of trying. */
function sampleEntropy(plain: Buffer): number {
  const counts = new Uint32Array(256);
  const step = Math.floor((plain.length - PROBE_CHUNK_BYTES) / (PROBE_CHUNKS - 1));
  for (let chunk = 0; chunk < PROBE_CHUNKS; chunk++) {
    const from = chunk * step;
    for (let i = from; i < from + PROBE_CHUNK_BYTES; i++) (counts[plain[i] as number] as number)++;
  }
  const total = PROBE_CHUNKS * PROBE_CHUNK_BYTES;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits;
}

function corrupt(detail: string, cause?: unknown): MailError {
  return new MailError('store-corrupt', { scope: 'message', retry: 'never', detail, cause });
}
