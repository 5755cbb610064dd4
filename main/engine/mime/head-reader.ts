import { limits } from '../../../shared/limits.ts';
import type { Field } from './part.ts';

const COLON = 58;
const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;

/** Longest single field that is read: 2,000 addresses of 80 characters; the rest of a longer one is left out. */
const MAX_FIELD_BYTES = 160 * 1024;
const MAX_NAME_BYTES = 80;

const topFields = new Set(
  'from sender reply-to to cc bcc subject date message-id in-reply-to references'
    .split(' ')
    .concat('content-type content-transfer-encoding content-disposition content-id'.split(' ')),
);
const partFields = new Set(['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id']);

/**
 * Gathers the header fields of one part that matter to us, line by line and within limits: parsers then see neither forty
 * Received lines nor a header of 50 MB.
 */
export class HeadReader {
  readonly #names: ReadonlySet<string>;
  readonly #fields: { name: string; chunks: Buffer[]; bytes: number }[] = [];
  #current: { name: string; chunks: Buffer[]; bytes: number } | null = null;
  #bytes = 0;
  #lines = 0;
  isOverLimit = false;

  constructor(isTop: boolean) {
    this.#names = isTop ? topFields : partFields;
  }

  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  /** Takes a line or, with `continues`, more of one. False when it is the blank line that ends the block. */
  take(bytes: Buffer, start: number, end: number, continues: boolean): boolean {
    if (!continues && isBlank(bytes, start, end)) return false;
    this.#bytes += end - start;
    if (!continues) this.#lines++;
    if (this.#bytes > limits.maxHeaderBytes || this.#lines > limits.maxHeaderLines) {
      this.isOverLimit = true;
      return true;
    }
    const first = bytes[start];
    if (continues || first === SPACE || first === TAB) this.#append(bytes, start, end);
    else this.#begin(bytes, start, end);
    return true;
  }

  fields(): Field[] {
    return this.#fields.map(({ name, chunks }) => ({ name, raw: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) }));
  }

  #begin(bytes: Buffer, start: number, end: number): void {
    this.#current = null;
    const name = fieldName(bytes, start, end);
    if (name === null || !this.#names.has(name)) return;
    this.#current = { name, chunks: [], bytes: 0 };
    this.#fields.push(this.#current);
    this.#append(bytes, start, end);
  }

  #append(bytes: Buffer, start: number, end: number): void {
    const field = this.#current;
    if (!field) return;
    const room = MAX_FIELD_BYTES - field.bytes;
    if (end - start > room) this.isOverLimit = true;
    if (room <= 0) return;
    const stop = Math.min(end, start + room);
    // A copy: the bytes are a view of a buffer that is used again.
    field.chunks.push(Buffer.from(bytes.subarray(start, stop)));
    field.bytes += stop - start;
  }
}

/** True when the line looks like a header field or the mbox line in front of one. */
export function looksLikeHeaderLine(bytes: Buffer, start: number, end: number): boolean {
  return fieldName(bytes, start, end) !== null || /^>?From /.test(bytes.toString('latin1', start, Math.min(end, start + 6)));
}

/** Lower-case field name (RFC 5322, 2.2; blanks before the colon as in the obsolete syntax), or null when there is none. */
function fieldName(bytes: Buffer, start: number, end: number): string | null {
  const stop = Math.min(end, start + MAX_NAME_BYTES);
  let at = start;
  while (at < stop && (bytes[at] as number) > SPACE && (bytes[at] as number) < 127 && bytes[at] !== COLON) at++;
  const nameEnd = at;
  while (at < stop && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  if (nameEnd === start || bytes[at] !== COLON || at >= stop) return null;
  return bytes.toString('latin1', start, nameEnd).toLowerCase();
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at] === CR) at++;
  return at < end && bytes[at] === LF && at === end - 1;
}
