import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { decodeBytes, isKnownCharset } from '../mime/charset.ts';
import type { Field, Part } from '../mime/part.ts';

/** Of more attachments than this the parser sees none: every part costs it dearly, and we read their heads ourselves too. */
const MAX_ATTACHMENT_HEADS = 100;

const EMPTY_LINE = Buffer.from('\r\n');
const addressFields = new Set(['from', 'sender', 'reply-to', 'to', 'cc', 'bcc']);
const LATIN1_HYPHEN = /[^\x20-\x7e]/;

/**
 * The message as mailparser is given it: only header fields that matter, in UTF-8 without NUL; text parts with their bodies,
 * taken off their transfer encoding; attachments with their head alone; and boundaries of our own that no sender can guess. So its cost goes with the text, and
 * it sees the structure that we saw.
 */
export class Skeleton {
  readonly #chunks: Buffer[] = [];
  readonly #secret = randomBytes(12).toString('hex');
  readonly #fallbackCharset: string;
  #room: number;
  #attachmentParts = 0;
  readonly unknownCharsets = new Set<string>();

  /** `maxTextBytes`: bytes of text bodies in all; `fallbackCharset` is used where none is said or the one said is a lie. */
  constructor(maxTextBytes: number, fallbackCharset: string) {
    this.#room = maxTextBytes;
    this.#fallbackCharset = fallbackCharset;
  }

  part(part: Part): void {
    if (part.role === 'attachment' && ++this.#attachmentParts > MAX_ATTACHMENT_HEADS && part.parent) return;
    if (part.parent) this.#line(`--${this.#boundary(part.parent)}`);
    else this.#topFields(part.fields);
    if (part.role === 'container') this.#line(`Content-Type: ${part.type}; boundary="${this.#boundary(part)}"`);
    else if (part.role === 'text') this.#textHead(part);
    else this.#attachmentHead(part);
    this.#chunks.push(EMPTY_LINE);
  }

  /** Content of the text part that began last, off its transfer encoding: boundaries of ours cannot be in it. */
  body(bytes: Buffer): void {
    const taken = bytes.length <= this.#room ? bytes : bytes.subarray(0, this.#room);
    this.#room -= taken.length;
    if (taken.length > 0) this.#chunks.push(taken);
  }

  close(part: Part): void {
    this.#line(`--${this.#boundary(part)}--`);
  }

  /** Attachments that the parser must find. */
  get expectedFiles(): number {
    return Math.min(this.#attachmentParts, MAX_ATTACHMENT_HEADS);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  #boundary(part: Part): string {
    return `${this.#secret}.${part.ordinal}`;
  }

  #line(text: string): void {
    // The line end in front belongs to the boundary; a blank one more at the top of a part is not part of any body.
    this.#chunks.push(Buffer.from(text.startsWith('--') ? `\r\n${text}\r\n` : `${text}\r\n`, 'utf8'));
  }

  #topFields(fields: readonly Field[]): void {
    for (const name of addressFields) {
      const found = fields.filter((field) => field.name === name);
      // Several From fields are one list to us: the reader is shown all of them.
      if (found.length > 0) this.#line(`${name}: ${found.map((field) => fieldText(field)).join(', ')}`);
    }
    const subject = subjectField(fields);
    if (subject) this.#line(`subject: ${fieldText(subject)}`);
  }

  #textHead(part: Part): void {
    let type = `${part.type}; charset="${this.#charsetOf(part)}"`;
    if (part.params.get('format')?.toLowerCase() === 'flowed') {
      type += `; format=flowed${part.params.get('delsp')?.toLowerCase() === 'yes' ? '; delsp=yes' : ''}`;
    }
    this.#line(`Content-Type: ${type}`);
    this.#line('Content-Transfer-Encoding: 8bit');
    this.#line('Content-Disposition: inline');
  }

  #charsetOf(part: Part): string {
    const said = (part.params.get('charset') ?? '').trim();
    const isAscii = said === '' || /^(?:us-?)?ascii$/i.test(said);
    if (isAscii) return this.#fallbackCharset;
    if (LATIN1_HYPHEN.test(said) || said.includes('"') || said.includes('\\') || !isKnownCharset(said)) {
      this.unknownCharsets.add(said);
      return this.#fallbackCharset;
    }
    // Mail that says UTF-8 and is not is read again with another fallback.
    return /^utf-?8$/i.test(said) ? this.#fallbackCharset : said;
  }

  #attachmentHead(part: Part): void {
    const contentType = part.fields.find((field) => field.name === 'content-type');
    const params = contentType ? fieldText(contentType).replace(/^[^;]*/, '') : '';
    this.#line(`Content-Type: ${part.type}${params}`);
    const disposition = part.fields.find((field) => field.name === 'content-disposition');
    const dispositionParams = disposition ? fieldText(disposition).replace(/^[^;]*/, '') : '';
    this.#line(`Content-Disposition: ${part.disposition === 'inline' ? 'inline' : 'attachment'}${dispositionParams}`);
    const contentId = part.fields.find((field) => field.name === 'content-id');
    if (contentId) this.#line(`Content-ID: ${fieldText(contentId)}`);
  }
}

/** The subject that is shown: the first that says something. */
export function subjectField(fields: readonly Field[]): Field | undefined {
  const all = fields.filter((field) => field.name === 'subject');
  return all.find((field) => fieldText(field) !== '') ?? all[0];
}

/** Body of a field on one line: UTF-8, or Windows-1252 where the bytes are not. */
export function fieldText(field: Field): string {
  const colon = field.raw.indexOf(58);
  const bytes = field.raw.subarray(colon + 1);
  const text = isUtf8(bytes) ? bytes.toString('utf8') : decodeBytes(bytes);
  return text
    .replace(/\r*\n(?=[ \t])/g, '')
    .replace(/[\r\n\0]+/g, ' ')
    .trim();
}
