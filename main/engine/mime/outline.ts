import { limits } from '../../../shared/limits.ts';
import { HeadReader, looksLikeHeaderLine } from './head-reader.ts';
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

interface Open {
  readonly part: Part;
  readonly boundary: Buffer;
  hasParts: boolean;
  /** What came before the first boundary: usually nothing, or a line for readers without MIME. */
  readonly preamble: Buffer[];
  preambleBytes: number;
}

/**
 * Reads the MIME structure (RFC 2046) in one linear pass within limits. A delimiter of any open multipart ends everything
 * below it, so an inner one that is never closed does not swallow the rest.
 */
export class Outline {
  readonly #sink: OutlineSink;
  readonly #open: Open[] = [];
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
      if (this.#open.length === 0 && !this.#head) break;
      const newline = raw.indexOf(LF, at);
      const end = newline < 0 ? raw.length : newline + 1;
      const boundary = this.#midLine ? null : this.#matchBoundary(raw, at, end);
      if (boundary) {
        this.#emitBody(raw, bodyFrom, at);
        this.#cross(boundary.open, boundary.isClose);
        bodyFrom = end;
      } else if (this.#head) {
        bodyFrom = this.#takeHeaderLine(raw, at, end) ? end : at;
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
    this.#isDone = true;
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
    if (!open.hasParts && open.preambleBytes > 0) this.#showPreamble(open);
  }

  /** A multipart without any part: its boundary is missing or misspelt, and all there is is shown as it is. */
  #showPreamble(open: Open): void {
    const leaf = readPartHead([], { ordinal: this.#parts++, parent: open.part, canNest: false, isAfterText: false });
    this.#sink.part(leaf);
    for (const bytes of open.preamble) this.#sink.body(leaf, bytes);
    this.#sink.leafEnd(leaf);
  }

  /** False when the line is already body: a message that begins without any header. */
  #takeHeaderLine(raw: Buffer, at: number, end: number): boolean {
    const head = this.#head as HeadReader;
    if (this.#parts === 0 && head.isEmpty && !this.#midLine && !looksLikeHeaderLine(raw, at, end) && raw[at] !== LF && raw[at] !== CR) {
      this.#beginBody();
      return false;
    }
    if (!head.take(raw, at, end, this.#midLine)) this.#beginBody();
    return true;
  }

  #beginBody(): void {
    const head = this.#head as HeadReader;
    this.#head = null;
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
      this.#open.push({ part, boundary, hasParts: false, preamble: [], preambleBytes: 0 });
    } else this.#leaf = part;
  }

  #endLeaf(): void {
    if (this.#leaf) this.#sink.leafEnd(this.#leaf);
    this.#leaf = null;
  }

  /** Goes over a delimiter of `open`: everything below it ends. */
  #cross(open: Open, isClose: boolean): void {
    if (this.#head) this.#beginBody();
    this.#endLeaf();
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
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const open = this.#open[i] as Open;
      const rest = at + 2 + open.boundary.length;
      if (rest > end || raw.compare(open.boundary, 0, open.boundary.length, at + 2, rest) !== 0) continue;
      if (isSpace(raw, rest, end)) return { open, isClose: false };
      if (raw[rest] === DASH && raw[rest + 1] === DASH && isSpace(raw, rest + 2, end)) return { open, isClose: true };
    }
    return null;
  }
}

function isSpace(raw: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = raw[i] as number;
    if (byte !== 32 && byte !== 9 && byte !== CR && byte !== LF) return false;
  }
  return true;
}
