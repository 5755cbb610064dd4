import { limits } from '../../../shared/limits.ts';
import { JunkLines, looksLikeParameter } from './junk-lines.ts';
import type { Field } from './part.ts';

const COLON = 58;
const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const DASH = 45;

/** Longest single field that is read: 2,000 addresses of 80 characters; the rest of a longer one is left out. */
const MAX_FIELD_BYTES = 160 * 1024;
const MAX_NAME_BYTES = 80;

const topFields = new Set(
  'from sender reply-to to cc bcc subject date message-id in-reply-to references'
    .split(' ')
    .concat('content-type content-transfer-encoding content-disposition content-id'.split(' ')),
);
const partFields = new Set(['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id']);
/** Fields that mail has, while the first words of a text may have a colon behind them too. */
const USUAL_FIELD =
  /^(?:x-|list-|resent-|arc-|dkim-|authentication-|received|return-|mime-|delivered-|auto-|thread-|user-agent$|organi[sz]ation$|importance$|priority$|precedence$|errors-to$|feedback-id$|keywords$|comments$|envelope-to$|autocrypt$|domainkey-)/;

interface OpenField {
  readonly name: string;
  readonly chunks: Buffer[];
  bytes: number;
}

/** What a line is: one of more to come, the blank line that ends the block, or body already, no blank line having come. */
export type HeadLine = 'more' | 'end' | 'body';

/**
 * Gathers the header fields of one part that matter to us, line by line and within limits: parsers then see neither forty
 * Received lines nor a header of 50 MB.
 */
export class HeadReader {
  readonly #isTop: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #fields: OpenField[] = [];
  readonly #junk = new JunkLines();
  #current: OpenField | null = null;
  #bytes = 0;
  #lines = 0;
  #isBehindBlank = false;
  isOverLimit = false;

  constructor(isTop: boolean) {
    this.#isTop = isTop;
    this.#names = isTop ? topFields : partFields;
  }

  /** Takes a line or, with `continues`, more of one. */
  take(bytes: Buffer, start: number, end: number, continues: boolean): HeadLine {
    if (!continues && isBlank(bytes, start, end)) return this.#blank();
    if (this.#isBehindBlank && !continues && this.#lines === 0 && !this.#isUsual(fieldName(bytes, start, end))) return 'body';
    this.#bytes += end - start;
    if (!continues) this.#lines++;
    if (this.#bytes > limits.maxHeaderBytes || this.#lines > limits.maxHeaderLines) {
      this.isOverLimit = true;
      return 'more';
    }
    return continues ? this.#more(bytes, start, end) : this.#line(bytes, start, end);
  }

  /** Lines that were held as no fields: body, where the block ended without a blank line. */
  takeJunk(): Buffer {
    return this.#junk.take();
  }

  /** Blank lines before the first field of a message are a fault of who wrote it down. */
  #blank(): HeadLine {
    if (!this.#isTop || this.#lines > 0) return 'end';
    this.#isBehindBlank = true;
    return 'more';
  }

  #more(bytes: Buffer, start: number, end: number): HeadLine {
    if (this.#junk.isBody) return 'body';
    if (this.#junk.isEmpty) this.#append(bytes, start, end);
    else this.#junk.hold(bytes.subarray(start, end), true);
    return 'more';
  }

  #line(bytes: Buffer, start: number, end: number): HeadLine {
    const first = bytes[start];
    const name = fieldName(bytes, start, end);
    if (this.#junk.isEmpty) {
      const isFolded = (first === SPACE || first === TAB) && this.#lines > 1;
      const isMisfolded = name === null && this.#current?.name.startsWith('content-') === true && looksLikeParameter(bytes, start, end);
      if (isFolded || isMisfolded) {
        if (isMisfolded) this.#append(FOLD, 0, FOLD.length);
        this.#append(bytes, start, end);
        return 'more';
      }
      if (name !== null || isMailboxLine(bytes, start, end)) {
        this.#begin(name, bytes, start, end);
        return 'more';
      }
      // No field begins so, but a delimiter of parts does.
      if (first === DASH && bytes[start + 1] === DASH && this.#lines > 1) return 'body';
    } else if (this.#isUsual(name)) {
      this.#junk.drop();
      this.#begin(name, bytes, start, end);
      return 'more';
    }
    if (this.#junk.isBody) return 'body';
    this.#junk.hold(bytes.subarray(start, end), false);
    return 'more';
  }

  #isUsual(name: string | null): boolean {
    return name !== null && (this.#names.has(name) || (this.#isTop && USUAL_FIELD.test(name)) || name.startsWith('content-'));
  }

  fields(): Field[] {
    return this.#fields.map(({ name, chunks }) => ({ name, raw: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) }));
  }

  #begin(name: string | null, bytes: Buffer, start: number, end: number): void {
    this.#current = null;
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

const FOLD = Buffer.from('\r\n ');

/** A field that says what a part is, as the first line of one. */
export function isPartField(bytes: Buffer, start: number, end: number): boolean {
  return partFields.has(fieldName(bytes, start, end) ?? '');
}

/** The line that mailbox files have in front of a message. */
function isMailboxLine(bytes: Buffer, start: number, end: number): boolean {
  return /^>?From /.test(bytes.toString('latin1', start, Math.min(end, start + 6)));
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
