import { GUESSED_BYTES, isPlainlyNoBase64 } from './base64-guess.ts';
import type { TransferEncoding } from './part.ts';
import { UuLines } from './uu-lines.ts';

const CR = 13;
const LF = 10;
const EQUALS = 61;

/**
 * Takes the body of a leaf off its transfer encoding, bytes in any slices, and hands the content on. The line end in front
 * of a boundary belongs to the boundary (RFC 2046, section 5.1.1), so the last one is held back.
 */
export class TransferDecoder {
  #encoding: TransferEncoding;
  #writesCrlf: boolean;
  readonly #onContent: (content: Buffer) => void;
  #digits = '';
  #held: Buffer = Buffer.alloc(0);
  /** Base64 is expected and has not been seen yet: what is held decides. */
  #isGuessing = true;
  /** Padding came: base64 may go on behind it, and so may words that a mailing list put there. */
  #isPadded = false;
  /** What follows is no part of the content. */
  #isOver = false;
  readonly #uu = new UuLines();

  /**
   * `writesCrlf`: what is made of lines gets CRLF (RFC 2045, 2.7 and 6.7), so that a message gives the same content however
   * its lines end.
   */
  constructor(encoding: TransferEncoding, writesCrlf: boolean, onContent: (content: Buffer) => void) {
    this.#encoding = encoding;
    this.#writesCrlf = writesCrlf && encoding !== 'binary';
    this.#onContent = onContent;
  }

  /** Content that is handed on may be a view of `bytes`. */
  push(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#encoding === 'base64') this.#pushBase64(bytes, false);
    else if (this.#encoding === 'uuencode') this.#emit(this.#uu.push(bytes));
    else if (this.#encoding === 'quoted-printable') this.#pushQuoted(bytes);
    else this.#pushIdentity(bytes);
  }

  /** Base64 lines together with what they decode to. */
  pushLines(lines: { readonly raw: Buffer; readonly decoded: Buffer }): void {
    const isWhole = !this.#isOver && this.#encoding === 'base64' && this.#digits === '' && this.#held.length === 0;
    if (!isWhole) {
      this.push(lines.raw);
      return;
    }
    this.#onContent(lines.decoded);
    this.#isPadded = lines.raw[lines.raw.length - 1 - lineEndLength(lines.raw)] === EQUALS;
    this.#isGuessing = this.#isPadded;
  }

  end(): void {
    if (this.#encoding === 'base64') this.#pushBase64(NOTHING, true);
    if (this.#encoding === 'base64') this.#flushDigits();
    else if (this.#encoding === 'uuencode') this.#emit(this.#uu.end());
    else if (this.#encoding === 'quoted-printable') this.#emitQuoted(withoutLineEnd(this.#held));
    else this.#emitIdentity(withoutLineEnd(this.#held));
    this.#held = NOTHING;
  }

  #pushBase64(bytes: Buffer, isLast: boolean): void {
    let rest = this.#join(bytes);
    while (rest.length > 0 || this.#isGuessing) {
      if (this.#isGuessing) {
        if (this.#isPadded) rest = rest.subarray(spanOf(rest, isPaddingOrSpace));
        this.#held = rest.length < GUESSED_BYTES && !isLast ? Buffer.from(rest) : NOTHING;
        if (this.#held.length > 0 || rest.length === 0) return;
        this.#isGuessing = false;
        if (isPlainlyNoBase64(rest.subarray(0, GUESSED_BYTES))) {
          this.#goOnPlainly(rest);
          return;
        }
      }
      // Padding ends a stretch: some senders put several padded ones into one body.
      const end = rest.indexOf(EQUALS);
      this.#digitsOf(rest.toString('latin1', 0, end < 0 ? rest.length : end));
      if (end < 0) break;
      this.#flushDigits();
      this.#isGuessing = true;
      this.#isPadded = true;
      rest = rest.subarray(end);
    }
    this.#held = NOTHING;
  }

  #digitsOf(text: string): void {
    const digits = this.#digits + text.replace(/[^A-Za-z0-9+/]+/g, '');
    const whole = digits.length - (digits.length % 4);
    if (whole > 0) this.#onContent(Buffer.from(digits.slice(0, whole), 'base64'));
    this.#digits = digits.slice(whole);
  }

  /** The body is not what it says. Behind the padding of a file, such words are none of its bytes. */
  #goOnPlainly(rest: Buffer): void {
    if (this.#isPadded && this.#writesCrlf) {
      this.#isOver = true;
      return;
    }
    const isText = !rest.subarray(0, GUESSED_BYTES).some((byte) => byte === 0 || byte >= 0x80);
    if (!isText) this.#writesCrlf = false;
    this.#encoding = 'lines';
    if (this.#isPadded) this.#onContent(Buffer.from('\n'));
    this.#pushIdentity(rest);
  }

  #emit(content: Buffer): void {
    if (content.length > 0) this.#onContent(content);
  }

  #flushDigits(): void {
    if (this.#digits.length > 1) this.#onContent(Buffer.from(this.#digits, 'base64'));
    this.#digits = '';
  }

  #pushIdentity(bytes: Buffer): void {
    const all = this.#join(bytes);
    const end = all.length - lineEndLength(all);
    this.#held = Buffer.from(all.subarray(end));
    this.#emitIdentity(all.subarray(0, end));
  }

  #emitIdentity(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#onContent(this.#writesCrlf ? withCrlf(bytes) : bytes);
  }

  #pushQuoted(bytes: Buffer): void {
    const all = this.#join(bytes);
    // An escape, a soft line break or trailing white space may go on in the next slice: keep the open line.
    const newline = all.lastIndexOf(LF);
    const end = newline < 0 ? (all.length > 64 * 1024 ? all.length - 3 : 0) : newline + 1 - lineEndLength(all.subarray(0, newline + 1));
    this.#held = Buffer.from(all.subarray(end));
    this.#emitQuoted(all.subarray(0, end));
  }

  #emitQuoted(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const decoded = decodeQuotedPrintable(this.#writesCrlf ? withCrlf(bytes) : bytes);
    if (decoded.length > 0) this.#onContent(decoded);
  }

  #join(bytes: Buffer): Buffer {
    return this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
  }
}

const NOTHING = Buffer.alloc(0);

const isPaddingOrSpace = (byte: number): boolean => byte === EQUALS || byte === 32 || (byte >= 9 && byte <= CR);

/** How many bytes at the front are of this kind. */
function spanOf(bytes: Buffer, isOfKind: (byte: number) => boolean): number {
  let at = 0;
  while (at < bytes.length && isOfKind(bytes[at] as number)) at++;
  return at;
}

function lineEndLength(bytes: Buffer): number {
  const last = bytes.length - 1;
  if (bytes[last] === CR) return 1;
  if (bytes[last] !== LF) return 0;
  return bytes[last - 1] === CR ? 2 : 1;
}

function withoutLineEnd(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length - lineEndLength(bytes));
}

/** Writes every bare LF as CRLF. */
export function withCrlf(bytes: Buffer): Buffer {
  let bare = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) if (at === 0 || bytes[at - 1] !== CR) bare++;
  if (bare === 0) return bytes;
  const out = Buffer.allocUnsafe(bytes.length + bare);
  let write = 0;
  let from = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (at > 0 && bytes[at - 1] === CR) continue;
    write += bytes.copy(out, write, from, at);
    out[write++] = CR;
    from = at;
  }
  bytes.copy(out, write, from);
  return out;
}

/** RFC 2045, section 6.7, lenient: a wrong escape stays as it is. A plain loop: escapes lie too close for anything else to pay. */
export function decodeQuotedPrintable(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafeSlow(bytes.length);
  const length = bytes.length;
  let write = 0;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at] as number;
    if (byte !== EQUALS) {
      out[write++] = byte;
      continue;
    }
    const value = at + 2 < length ? (hexValue[bytes[at + 1] as number] as number) * 16 + (hexValue[bytes[at + 2] as number] as number) : -1;
    if (value >= 0) {
      out[write++] = value;
      at += 2;
      continue;
    }
    const next = softBreakEnd(bytes, at + 1);
    if (next > 0) at = next - 1;
    else out[write++] = EQUALS;
  }
  return out.subarray(0, write);
}

/** Values of hexadecimal digits; so far below zero for all else that no sum of two gets above. */
const hexValue = new Int16Array(256).fill(-1000);
for (let digit = 0; digit < 16; digit++) {
  const char = digit.toString(16);
  hexValue[char.charCodeAt(0)] = digit;
  hexValue[char.toUpperCase().charCodeAt(0)] = digit;
}

/** End of a soft line break that begins at `at` (blanks before the line end are allowed), or 0. */
function softBreakEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (bytes[end] === 32 || bytes[end] === 9) end++;
  if (bytes[end] === CR) end++;
  if (bytes[end] === LF) return end + 1;
  return end >= bytes.length ? bytes.length : 0;
}
