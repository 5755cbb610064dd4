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
export function countGoodLines(
  bytes: Buffer,
  start: number,
  lines: number,
  width: number,
  stride: number,
): { good: number; padded: boolean } {
  for (let line = 0, at = start; line < lines; line++, at += stride) {
    if (isDigits(bytes, at, at + width)) continue;
    const padded = bytes[at + width - 1] === PAD && isCanonical(bytes, at, at + width);
    return { good: padded ? line + 1 : line, padded };
  }
  return { good: lines, padded: false };
}

/**
 * Decodes raw base64 lines that are framed as countFramedLines says; null when writing the result again would not give the
 * same bytes. The decoder of Node skips what is no digit and takes `-` and `_` for digits: a result of full length from
 * lines without those two is therefore proof, where the decoder is known to do so, and else the lines are written again.
 */
export function decodeLines(raw: Buffer, width: number, ending: LineEnding): Buffer | null {
  const gap = endingBytes(ending);
  const chars = charsIn(raw, width, gap);
  const lastChar = raw[raw.length - 1] === LF ? raw.length - gap : raw.length;
  if (chars === 0 || chars % 4 !== 0 || !isCanonical(raw, lastChar - 4, lastChar)) return null;
  if (raw.indexOf('-') >= 0 || raw.indexOf('_') >= 0) return null;
  const padding = raw[lastChar - 1] !== PAD ? 0 : raw[lastChar - 2] !== PAD ? 1 : 2;
  const length = (chars / 4) * 3 - padding;
  const decoded = Buffer.allocUnsafeSlow(length);
  if (decoded.write(raw.toString('latin1'), 0, 'base64') !== length) return null;
  decoderIsTrusted ??= decoderSkipsStrangers();
  return decoderIsTrusted || encodeLines(decoded, width, ending, raw.length).equals(raw) ? decoded : null;
}

/** Base64 characters in raw lines, by their length alone. */
function charsIn(raw: Buffer, width: number, gap: number): number {
  const full = Math.floor(raw.length / (width + gap));
  const rest = raw.length - full * (width + gap);
  const tail = rest > 0 && raw[raw.length - 1] === LF ? rest - gap : rest;
  return full * width + tail;
}

let decoderIsTrusted: boolean | null = null;

/** Tries every byte that is no digit at several places of two lines: none may pass without shortening the result. */
function decoderSkipsStrangers(): boolean {
  const lines = Buffer.from(`${'Zm9v'.repeat(19)}\r\n${'YmFy'.repeat(19)}\r\n`);
  const target = Buffer.alloc(120);
  for (const at of [0, 1, 2, 3, 37, 74, 75, 78, 99, 153]) {
    for (let byte = 0; byte < 256; byte++) {
      if (isDigit[byte] === 1 || byte === 45 || byte === 95) continue;
      const strange = Buffer.from(lines);
      strange[at] = byte;
      if (target.write(strange.toString('latin1'), 0, 'base64') >= 114) return false;
    }
  }
  return target.write(lines.toString('latin1'), 0, 'base64') === 114;
}
