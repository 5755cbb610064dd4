import {
  MAX_LINE_WIDTH,
  MIN_LINE_WIDTH,
  MIN_RUN_BYTES,
  countFramedLines,
  countGoodLines,
  decodeLines,
  endingBytes,
  isCanonical,
  isDigits,
  linesPerBlock,
  type LineEnding,
} from './base64-lines.ts';
import type { Piece } from './piece.ts';

const MAX_TEXT_BYTES = 256 * 1024;
/** Room for what is usually held back, so that the buffer is made once. */
const SPARE_BYTES = 640 * 1024;
const LF = 10;
const CR = 13;

interface Run {
  readonly width: number;
  readonly ending: LineEnding;
}

/**
 * Cuts a source into pieces by content, whatever slices it comes in: the header block, text of at most 256 KiB, and blocks
 * of base64 lines. Holds back what later bytes could still change: at most one block of lines or one text piece.
 */
export class Segmenter {
  #held: Buffer = Buffer.alloc(0);
  #space: Buffer = Buffer.alloc(0);
  /** Where in `#held` scanning goes on; everything before it is text. */
  #scan = 0;
  /** The bytes at `#scan` continue a line that began before. */
  #midLine = false;
  #inHeader = true;
  #run: Run | null = null;
  #out: Piece[] = [];

  /** Takes a slice and returns the pieces that are complete now; they are views that stay valid until the next call. */
  push(slice: Buffer): Piece[] {
    this.#join(slice);
    return this.#work(false);
  }

  /** Takes a source that is there as a whole, without copying it. */
  whole(source: Buffer): Piece[] {
    this.#held = source;
    return this.#work(true);
  }

  /** Returns the remaining pieces. */
  finish(): Piece[] {
    return this.#work(true);
  }

  /** Goes on behind a piece that was cut earlier, perhaps by another instance: call for every stored piece in order. */
  resume(piece: Pick<Piece, 'raw' | 'lineWidth' | 'ending' | 'decoded'>): { isHeader: boolean } {
    const { raw, lineWidth: width, ending } = piece;
    const isHeader = this.#inHeader;
    const endsLine = raw[raw.length - 1] === LF;
    if (this.#inHeader && !piece.decoded && endsWithBlankLine(raw, !this.#midLine)) this.#inHeader = false;
    this.#midLine = !endsLine && raw.length > 0;
    const isFullBlock = piece.decoded !== null && raw.length === linesPerBlock(width) * (width + endingBytes(ending));
    const isPadded = raw[raw.length - endingBytes(ending) - 1] === 61;
    this.#run = isFullBlock && !isPadded ? { width, ending } : null;
    return { isHeader };
  }

  /** Puts a slice behind what is held, in one buffer that is used again and again: slices make no garbage. */
  #join(slice: Buffer): void {
    const held = this.#held;
    const length = held.length + slice.length;
    const space = this.#space.length >= length ? this.#space : Buffer.allocUnsafeSlow(length + SPARE_BYTES);
    // Copying onto itself is safe: what is held lies behind its new place.
    held.copy(space, 0);
    slice.copy(space, held.length);
    this.#space = space;
    this.#held = space.subarray(0, length);
  }

  #work(isLast: boolean): Piece[] {
    this.#out = [];
    for (;;) {
      const advanced = this.#run ? this.#readRun(this.#run, isLast) : this.#readText(isLast);
      if (!advanced) break;
    }
    if (isLast) this.#emitText(this.#held.length);
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Scans lines of text; true when a run of base64 lines begins at the front of what is held. */
  #readText(isLast: boolean): boolean {
    const held = this.#held;
    let at = this.#scan;
    for (;;) {
      const newline = held.indexOf(LF, at);
      if (newline < 0) {
        this.#scan = at;
        this.#scanOpenLine(isLast);
        this.#emitFullText();
        return false;
      }
      if (!this.#midLine) {
        const found = this.#tryRun(at, newline, isLast);
        if (found === 'unknown') {
          this.#scan = at;
          this.#emitFullText();
          return false;
        }
        if (found === 'run') {
          this.#emitText(at);
          return true;
        }
        if (found > at) {
          at = found;
          continue;
        }
      }
      const isBlank = !this.#midLine && (newline === at || (newline === at + 1 && held[at] === CR));
      this.#midLine = false;
      at = newline + 1;
      if (isBlank && this.#inHeader) {
        this.#emitText(at);
        this.#inHeader = false;
        return true;
      }
    }
  }

  /** A line whose end has not come yet: once it is too long for base64 it is text, and need not be looked at again. */
  #scanOpenLine(isLast: boolean): void {
    const open = this.#held.length - this.#scan;
    if (isLast || (!this.#midLine && open <= MAX_LINE_WIDTH + 2) || open === 0) return;
    this.#scan = this.#held.length;
    this.#midLine = true;
  }

  /** Looks whether a run begins with the line at `start`; else the position from which to go on. */
  #tryRun(start: number, newline: number, isLast: boolean): 'run' | 'unknown' | number {
    const held = this.#held;
    const ending: LineEnding = newline > start && held[newline - 1] === CR ? 'crlf' : 'lf';
    const width = newline - start - (ending === 'crlf' ? 1 : 0);
    if (width < MIN_LINE_WIDTH || width > MAX_LINE_WIDTH || width % 4 !== 0) return start;
    if (!isDigits(held, start, start + width)) return start;
    const stride = width + endingBytes(ending);
    const wanted = Math.ceil(MIN_RUN_BYTES / stride);
    const available = Math.floor((held.length - start) / stride);
    const framed = countFramedLines(held, start, Math.min(wanted, available), width, ending);
    const { good, padded } = countGoodLines(held, start, framed, width, stride);
    const end = start + good * stride;
    if (good >= wanted) {
      this.#run = { width, ending };
      return 'run';
    }
    const tail = padded ? end : this.#tailEnd(end, { width, ending }, isLast);
    if (tail === null) return 'unknown';
    if (tail - start < MIN_RUN_BYTES) return Math.max(tail, newline + 1);
    this.#run = { width, ending };
    return 'run';
  }

  /** End of the shorter last line of a run at `start`, or `start` when there is none; null when that is not known yet. */
  #tailEnd(start: number, run: Run, isLast: boolean): number | null {
    const held = this.#held;
    const newline = held.indexOf(LF, start);
    if (newline < 0 || newline > start + run.width + 1) {
      if (newline < 0 && !isLast && held.length - start <= run.width + 1) return null;
      const isOpenTail = newline < 0 && isLast && held.length - start <= run.width && isCanonical(held, start, held.length);
      return isOpenTail ? held.length : start;
    }
    const ending: LineEnding = newline > start && held[newline - 1] === CR ? 'crlf' : 'lf';
    const width = newline - start - (ending === 'crlf' ? 1 : 0);
    if (ending !== run.ending || width > run.width || !isCanonical(held, start, start + width)) return start;
    return newline + 1;
  }

  /** Takes one block of the run at the front of what is held; false when more bytes are needed first. */
  #readRun(run: Run, isLast: boolean): boolean {
    const { width, ending } = run;
    const stride = width + endingBytes(ending);
    const block = linesPerBlock(width);
    const available = Math.min(block, Math.floor(this.#held.length / stride));
    const framed = countFramedLines(this.#held, 0, available, width, ending);
    if (framed === block && this.#emitBlock(block * stride, run)) {
      if (this.#out[this.#out.length - 1]?.raw[block * stride - endingBytes(ending) - 1] === 61) this.#run = null;
      return true;
    }
    if (framed === available && available < block && !isLast && !this.#tailIsKnown(available * stride)) return false;
    this.#endRun(run, framed, isLast);
    return true;
  }

  /** Takes what is left of a run: full lines as far as they are base64, and the shorter last one. */
  #endRun(run: Run, framed: number, isLast: boolean): void {
    const { width, ending } = run;
    const stride = width + endingBytes(ending);
    const hoped = this.#tailEnd(framed * stride, run, isLast) ?? framed * stride;
    this.#run = null;
    // Nearly always all lines are good, which decoding them proves in the quickest way.
    if (hoped > 0 && this.#emitBlock(hoped, run)) return;
    const { good, padded } = countGoodLines(this.#held, 0, framed, width, stride);
    const end = padded || good < framed ? good * stride : hoped;
    if (end > 0 && !this.#emitBlock(end, run)) this.#emitText(end);
  }

  #tailIsKnown(start: number): boolean {
    return this.#held.indexOf(LF, start) >= 0;
  }

  #emitBlock(length: number, run: Run): boolean {
    const raw = this.#held.subarray(0, length);
    const decoded = decodeLines(raw, run.width, run.ending);
    if (!decoded) return false;
    this.#out.push({ raw, isHeader: this.#inHeader, decoded, lineWidth: run.width, ending: run.ending });
    this.#drop(length);
    this.#midLine = raw[length - 1] !== LF;
    return true;
  }

  /** Emits text up to `end`, cut at line ends where there are any. */
  #emitText(end: number): void {
    let left = end;
    while (left > 0) {
      const length = left > MAX_TEXT_BYTES ? textCut(this.#held) : left;
      this.#pushText(length);
      left -= length;
    }
    this.#scan = 0;
  }

  /** Emits text of which more than one piece is held, so that a long text does not gather. */
  #emitFullText(): void {
    while (this.#scan > MAX_TEXT_BYTES) {
      const length = textCut(this.#held);
      this.#pushText(length);
      this.#scan -= length;
    }
  }

  #pushText(length: number): void {
    this.#out.push({ raw: this.#held.subarray(0, length), isHeader: this.#inHeader, decoded: null, lineWidth: 0, ending: 'lf' });
    this.#drop(length);
  }

  #drop(length: number): void {
    this.#held = this.#held.subarray(length);
    if (this.#run) this.#scan = 0;
  }
}

/** Where a text longer than one piece is cut: behind the last line end that fits, else hard. */
function textCut(held: Buffer): number {
  const newline = held.lastIndexOf(LF, MAX_TEXT_BYTES - 1);
  return newline < 0 ? MAX_TEXT_BYTES : newline + 1;
}

/** True when the last line of the piece is blank; `fresh` tells that the piece begins at a line start. */
function endsWithBlankLine(raw: Buffer, fresh: boolean): boolean {
  const length = raw.length;
  if (raw[length - 1] !== LF) return false;
  const before = raw[length - 2] === CR ? length - 3 : length - 2;
  return before < 0 ? fresh : raw[before] === LF;
}
