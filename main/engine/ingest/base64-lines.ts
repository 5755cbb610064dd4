/** Line ending of a run of base64 lines. */
export type LineEnding = 'crlf' | 'lf';

/** A run is worth decoding from here on; shorter ones are left in the text around them. */
export const MIN_RUN_BYTES = 4096;
export const MIN_LINE_WIDTH = 60;
export const MAX_LINE_WIDTH = 998;

const LINES_PER_BLOCK = 4096;
/** 4,096 lines of the usual 76 characters: wider lines are cut earlier, so that a block stays below 320 KiB. */
const MAX_BLOCK_CHARS = LINES_PER_BLOCK * 76;

const CR = 13;
const LF = 10;
const PAD = 61;

const isDigit = new Uint8Array(256);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') isDigit[char.charCodeAt(0)] = 1;

/** Lines after which a run is cut, counted from its start: the same attachment is cut alike wherever it lies. */
export function linesPerBlock(width: number): number {
  return Math.min(LINES_PER_BLOCK, Math.floor(MAX_BLOCK_CHARS / width));
}

export function endingBytes(ending: LineEnding): number {
  return ending === 'crlf' ? 2 : 1;
}

/** True when every byte is a base64 digit (RFC 4648, section 4), no padding. */
export function isDigits(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (isDigit[bytes[i] as number] === 0) return false;
  return true;
}

/** True when the characters are base64 that writes itself again: whole quantums, padding only at the end, no stray bits in it. */
export function isCanonical(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0 || length % 4 !== 0) return false;
  if (!isDigits(bytes, start, end - 4)) return false;
  const last = bytes.toString('latin1', end - 4, end);
  return Buffer.from(last, 'base64').toString('base64') === last;
}

/** Writes decoded bytes as base64 lines again. `rawBytes` tells whether the last line has an ending. */
export function encodeLines(decoded: Uint8Array, width: number, ending: LineEnding, rawBytes: number): Buffer {
  const bytes = Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength);
  const out = Buffer.allocUnsafe(rawBytes);
  const chars = Math.ceil(bytes.length / 3) * 4;
  const gap = endingBytes(ending);
  const from = rawBytes - chars;
  out.write(bytes.toString('base64'), from, 'latin1');
  // The characters lie at the end of the buffer; moving them line by line to the front never overtakes the reader.
  for (let read = from, write = 0; write < rawBytes; read += width) {
    const line = Math.min(width, rawBytes - read);
    if (read !== write) out.copyWithin(write, read, read + line);
    write += line;
    if (write >= rawBytes) break;
    if (gap === 2) out[write++] = CR;
    out[write++] = LF;
  }
  return out;
}

/** How many of `lines` lines of one width, from `start` on, end with the line ending and hold no padding before their last two characters. */
export function countFramedLines(bytes: Buffer, start: number, lines: number, width: number, ending: LineEnding): number {
  const stride = width + endingBytes(ending);
  for (let line = 0, at = start + width; line < lines; line++, at += stride) {
    if (ending === 'crlf' ? bytes[at] !== CR || bytes[at + 1] !== LF : bytes[at] !== LF) return line;
  }
  return lines;
}

/** Number of leading lines of full width that are base64; `padded` when the last of them carries padding and so ends the run. */
export function countGoodLines(bytes: Buffer, start: number, lines: number, width: number, stride: number): { good: number; padded: boolean } {
  for (let line = 0, at = start; line < lines; line++, at += stride) {
    if (isDigits(bytes, at, at + width)) continue;
    const padded = bytes[at + width - 1] === PAD && isCanonical(bytes, at, at + width);
    return { good: padded ? line + 1 : line, padded };
  }
  return { good: lines, padded: false };
}

/**
 * Decodes raw base64 lines, and proves it by writing them again: null when the result would differ in any byte.
 * The decoder of Node skips what it does not know, so only the comparison is proof.
 */
export function decodeLines(raw: Buffer, width: number, ending: LineEnding): Buffer | null {
  const text = raw.toString('latin1');
  const decoded = Buffer.allocUnsafeSlow(Math.floor((raw.length * 3) / 4) + 3);
  const length = decoded.write(text, 0, 'base64');
  const result = decoded.subarray(0, length);
  return encodeMatches(result, raw, width, ending) ? result : null;
}

function encodeMatches(decoded: Buffer, raw: Buffer, width: number, ending: LineEnding): boolean {
  const chars = Math.ceil(decoded.length / 3) * 4;
  const gap = endingBytes(ending);
  const endings = Math.ceil(chars / width);
  const full = chars + endings * gap;
  if (chars === 0 || (raw.length !== full && raw.length !== full - gap)) return false;
  return encodeLines(decoded, width, ending, raw.length).equals(raw);
}
