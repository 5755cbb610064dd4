import { limits } from '../../../shared/limits.ts';
import { HeadReader, isPartField } from './head-reader.ts';
import { boundaryOf, readPartHead } from './part-head.ts';
import type { Part } from './part.ts';

const LF = 10;
const CR = 13;
const DASH = 45;

/** Receives the structure of a message as it is read. Bytes are views, valid during the call. */
export interface OutlineSink {
  /** A part begins; its header fields are complete. */
  part(part: Part): void;
  /** Body bytes of a leaf, in any slices. */
  body(part: Part, bytes: Buffer): void;
  /** Base64 lines of a leaf's body, by what they decode to. */
  lines(part: Part, lines: Base64Lines): void;
  /** A leaf has no more bytes. */
  leafEnd(part: Part): void;
}

/** Base64 lines as a source holds them; the raw form is made only when asked for. */
export interface Base64Lines {
  readonly decoded: Buffer;
  readonly raw: Buffer;
}

export type OutlineProblem = 'header-limit' | 'part-limit' | 'depth-limit' | 'truncated';

/** Of a multipart whose boundary never comes, so much is shown as text. */
const MAX_PREAMBLE_BYTES = 256 * 1024;
/** Longest delimiter that is taken for one though it was not announced. */
const MAX_FOUND_BOUNDARY = 300;

interface Open {
  readonly part: Part;
  /** Empty where none is named. */
  boundary: Buffer;
  hasParts: boolean;
  /** The last line, where it may be the delimiter that is meant. */
  found: Buffer | null;
  /** What came before the first boundary: usually nothing, or a line for readers without MIME. */
  readonly preamble: Buffer[];
  preambleBytes: number;
}

/**
 * Reads the MIME structure (RFC 2046) in one linear pass within limits. A delimiter of any open multipart ends everything
 * below it, so an inner one that is never closed does not swallow the rest. A boundary that is not named, or misspelt, is
 * found by the header of the part behind it.
 */
export class Outline {
  readonly #sink: OutlineSink;
  readonly #open: Open[] = [];
  /** The outermost multipart when it is closed: some go on all the same. */
  #closed: Open | null = null;
  #head: HeadReader | null = new HeadReader(true);
  #leaf: Part | null = null;
  #parts = 0;
  #hasText = false;
  #isDone = false;
  #midLine = false;
  readonly hit = new Set<OutlineProblem>();

  constructor(sink: OutlineSink) {
    this.#sink = sink;
  }

  /** Text of the source; a line may go on in the next call. */
  text(raw: Buffer): void {
    let at = 0;
    let bodyFrom = 0;
    while (at < raw.length && !this.#isDone) {
      if (this.#open.length === 0 && !this.#head && !this.#closed) break;
      const newline = raw.indexOf(LF, at);
      const end = newline < 0 ? raw.length : newline + 1;
      const boundary = this.#midLine ? null : this.#matchBoundary(raw, at, end);
      if (boundary) {
        this.#emitBody(raw, bodyFrom, at);
        this.#cross(boundary.open, boundary.isClose);
        bodyFrom = end;
      } else if (this.#head) {
        bodyFrom = at;
        // What is no header line after all is looked at once more, as body.
        if (!this.#takeHeaderLine(raw, at, end)) continue;
        bodyFrom = end;
      } else if (this.#isInPreamble && !this.#midLine && this.#beginsPart(raw, bodyFrom, at, end)) {
        bodyFrom = end;
      }
      this.#midLine = newline < 0;
      at = end;
    }
    if (!this.#isDone) this.#emitBody(raw, bodyFrom, raw.length);
  }

  /** Base64 lines: they can hold neither a boundary nor a header. */
  lines(lines: Base64Lines): void {
    this.#midLine = false;
    if (this.#isDone) return;
    if (this.#head) this.#beginBody();
    if (this.#leaf) this.#sink.lines(this.#leaf, lines);
    else this.#keepPreamble(lines.raw);
  }

  end(): void {
    if (this.#isDone) return;
    if (this.#head) this.#beginBody();
    this.#endLeaf();
    // A multipart that was begun and never closed: the end of the mail is missing.
    if (this.#open.some((open) => open.hasParts) && !this.hit.has('part-limit')) this.hit.add('truncated');
    while (this.#open.length > 0) this.#close();
    this.#closed = null;
    this.#isDone = true;
  }

  get #isInPreamble(): boolean {
    const open = this.#open[this.#open.length - 1];
    return open !== undefined && !open.hasParts && !this.#leaf;
  }

  /** Finds the first part of a multipart whose delimiter is missing, or is another than the one that is named. */
  #beginsPart(raw: Buffer, from: number, at: number, end: number): boolean {
    const open = this.#open[this.#open.length - 1] as Open;
    const found = open.found;
    open.found = foundDelimiter(raw, at, end);
    if (!isPartField(raw, at, end)) return false;
    const isFirstLine = isSpace(raw, from, at) && open.preamble.every((bytes) => isSpace(bytes, 0, bytes.length));
    if (!found && !isFirstLine) return false;
    if (found) open.boundary = found;
    this.#head = new HeadReader(false);
    this.#head.take(raw, at, end, false);
    return true;
  }

  #emitBody(raw: Buffer, from: number, to: number): void {
    if (this.#head || to <= from) return;
    if (this.#leaf) this.#sink.body(this.#leaf, raw.subarray(from, to));
    else this.#keepPreamble(raw.subarray(from, to));
  }

  #keepPreamble(bytes: Buffer): void {
    const open = this.#open[this.#open.length - 1];
    if (!open || open.hasParts || open.preambleBytes >= MAX_PREAMBLE_BYTES) return;
    const kept = Buffer.from(bytes.subarray(0, MAX_PREAMBLE_BYTES - open.preambleBytes));
    open.preamble.push(kept);
    open.preambleBytes += kept.length;
  }

  #close(): void {
    const open = this.#open.pop() as Open;
    if (this.#open.length === 0) this.#closed = open;
    if (!open.hasParts && open.preambleBytes > 0) this.#showPreamble(open);
    open.preambleBytes = 0;
  }

  /** A multipart without any part: its delimiters are missing, and all there is is shown as a text. */
  #showPreamble(open: Open): void {
    const fields = open.part.fields.filter((field) => field.name === 'content-transfer-encoding');
    if (open.preambleBytes >= MAX_PREAMBLE_BYTES) this.hit.add('truncated');
    const leaf = readPartHead(fields, { ordinal: this.#parts++, parent: open.part, canNest: false, isAfterText: false });
    this.#sink.part(leaf);
    for (const bytes of open.preamble) this.#sink.body(leaf, bytes);
    this.#sink.leafEnd(leaf);
  }

  /** False when the line is already body. */
  #takeHeaderLine(raw: Buffer, at: number, end: number): boolean {
    const line = (this.#head as HeadReader).take(raw, at, end, this.#midLine);
    if (line !== 'more') this.#beginBody(line === 'end');
    return line !== 'body';
  }

  #beginBody(isBehindBlank = false): void {
    const head = this.#head as HeadReader;
    this.#head = null;
    const junk = head.takeJunk();
    if (head.isOverLimit) this.hit.add('header-limit');
    const around = this.#open[this.#open.length - 1];
    if (around) around.hasParts = true;
    const canNest = this.#open.length < limits.maxMimeDepth;
    const place = { ordinal: this.#parts++, parent: around?.part ?? null, canNest, isAfterText: this.#hasText };
    const part = readPartHead(head.fields(), place);
    if (part.role === 'text') this.#hasText = true;
    if (!canNest && part.fields.some((field) => /multipart/i.test(field.raw.toString('latin1')))) this.hit.add('depth-limit');
    this.#sink.part(part);
    if (part.role === 'container') {
      const boundary = Buffer.from(boundaryOf(part.params), 'utf8');
      this.#open.push({ part, boundary, hasParts: false, found: null, preamble: [], preambleBytes: 0 });
    } else this.#leaf = part;
    // A file begins behind its blank line, a text perhaps before it.
    if (!isBehindBlank || part.role === 'text') this.#emitBody(junk, 0, junk.length);
  }

  #endLeaf(): void {
    if (this.#leaf) this.#sink.leafEnd(this.#leaf);
    this.#leaf = null;
  }

  /** Goes over a delimiter of `open`: everything below it ends. */
  #cross(open: Open, isClose: boolean): void {
    if (this.#head) this.#beginBody();
    this.#endLeaf();
    if (open === this.#closed) this.#open.push(open);
    this.#closed = null;
    while (this.#open.length > 0 && this.#open[this.#open.length - 1] !== open) this.#close();
    if (isClose) {
      this.#close();
      return;
    }
    if (this.#parts >= limits.maxMimeParts) {
      this.hit.add('part-limit');
      this.end();
      return;
    }
    this.#head = new HeadReader(false);
  }

  #matchBoundary(raw: Buffer, at: number, end: number): { open: Open; isClose: boolean } | null {
    if (raw[at] !== DASH || raw[at + 1] !== DASH) return null;
    const isReopened = this.#closed !== null && this.#open.length === 0;
    const all = isReopened ? [this.#closed as Open] : this.#open;
    for (let i = all.length - 1; i >= 0; i--) {
      const open = all[i] as Open;
      if (open.boundary.length === 0) continue;
      const rest = at + 2 + open.boundary.length;
      if (rest > end || raw.compare(open.boundary, 0, open.boundary.length, at + 2, rest) !== 0) continue;
      if (isSpace(raw, rest, end)) return { open, isClose: false };
      if (!isReopened && raw[rest] === DASH && raw[rest + 1] === DASH && isSpace(raw, rest + 2, end)) return { open, isClose: true };
    }
    return null;
  }
}

/** What a line would delimit, if it were a delimiter. */
function foundDelimiter(raw: Buffer, at: number, end: number): Buffer | null {
  if (raw[at] !== DASH || raw[at + 1] !== DASH || end - at > MAX_FOUND_BOUNDARY) return null;
  const name = raw.toString('latin1', at + 2, end).trim();
  return name === '' || /\s/.test(name) ? null : Buffer.from(name, 'latin1');
}

function isSpace(raw: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = raw[i] as number;
    if (byte !== 32 && byte !== 9 && byte !== CR && byte !== LF) return false;
  }
  return true;
}
