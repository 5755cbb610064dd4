import { MailError } from '../../../shared/errors.ts';
import { decodeWords } from '../mime/encoded-words.ts';
import type { Recipient } from './check-draft.ts';
import { wireAddress } from './wire-address.ts';

/** What the header of a mail was meant to say. */
export interface MeantHeader {
  /** Field bodies by lower-case name, read as unstructured text. */
  readonly texts: Readonly<Record<string, string>>;
  readonly people: Readonly<Record<string, readonly Recipient[]>>;
}

const MIME_FIELDS: ReadonlySet<string> = new Set(['mime-version', 'content-type', 'content-transfer-encoding']);
const PART_FIELDS: ReadonlySet<string> = new Set(['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id']);
const END = Buffer.from('\r\n\r\n');
const MAX_LINE_BYTES = 998;

const wrong = (detail: string): MailError => new MailError('message-unreadable', { scope: 'message', retry: 'never', detail });

/**
 * Reads the header back and compares it with what was meant (bar O14): the very fields, each once, with the very values. Whatever a
 * field smuggled in, the mail is not sent.
 * @throws MailError message-unreadable
 */
export function proveHeader(raw: Buffer, meant: MeantHeader): void {
  const found = readFields(raw, 0);
  const names = [...Object.keys(meant.texts), ...Object.keys(meant.people)];
  const own = found.filter(([name]) => !MIME_FIELDS.has(name));
  if (new Set(found.map(([name]) => name)).size !== found.length) throw wrong('a header field twice');
  if (own.length !== names.length) throw wrong('fields of the header');
  for (const [name, body] of own) {
    const isMeant = name in meant.people ? isPeople(body, meant.people[name]!) : decodeWords(body) === meant.texts[name];
    if (!isMeant) throw wrong(`header field ${names.includes(name) ? name : 'added'}`);
  }
}

/** The same for the header of every part: nothing but what describes its content. @throws MailError message-unreadable */
export function provePartHeaders(raw: Buffer, boundaries: readonly string[]): void {
  for (const boundary of boundaries) {
    const line = Buffer.from(`\r\n--${boundary}\r\n`);
    for (let at = raw.indexOf(line); at >= 0; at = raw.indexOf(line, at + line.length)) {
      const names = readFields(raw, at + line.length).map(([name]) => name);
      if (names.some((name) => !PART_FIELDS.has(name)) || new Set(names).size !== names.length) throw wrong('header of a part');
    }
  }
}

/**
 * Proves what SMTP relies on (bar O13), piece by piece: CRLF line ends only, no NUL, lines of at most 998 bytes, and 7-bit unless UTF-8
 * headers are needed.
 */
export class LineProof {
  readonly #mayBeEightBit: boolean;
  #lineBytes = 0;
  #isAfterCr = false;

  constructor(mayBeEightBit: boolean) {
    this.#mayBeEightBit = mayBeEightBit;
  }

  /** @throws MailError message-unreadable */
  push(piece: Uint8Array): void {
    let lineBytes = this.#lineBytes;
    let isAfterCr = this.#isAfterCr;
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at]!;
      if (isAfterCr !== (byte === 10)) throw wrong('a bare CR or LF');
      isAfterCr = byte === 13;
      if (byte === 10) lineBytes = 0;
      else if (!isAfterCr) lineBytes += 1;
      if (lineBytes > MAX_LINE_BYTES) throw wrong('a line is too long');
      const isPlain = (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13;
      if (!isPlain && !(this.#mayBeEightBit && byte > 127)) throw wrong('a byte that may not be sent');
    }
    this.#lineBytes = lineBytes;
    this.#isAfterCr = isAfterCr;
  }

  /** @throws MailError message-unreadable */
  end(): void {
    if (this.#lineBytes > 0 || this.#isAfterCr) throw wrong('the last line has no end');
  }
}

/** Fields of a header block, unfolded, in order; strict. */
function readFields(raw: Buffer, from: number): [name: string, body: string][] {
  const end = raw.indexOf(END, from);
  const block = raw.toString('utf8', from, end < 0 ? raw.length : end);
  return block
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map((line) => {
      const match = /^([!-9;-~]+): ?([^\r\n\0\u2028\u2029]*)$/u.exec(line);
      if (match === null) throw wrong('a line of the header is no field');
      return [match[1]!.toLowerCase(), match[2]!];
    });
}

function isPeople(body: string, meant: readonly Recipient[]): boolean {
  const found = mailboxes(body);
  return (
    found.length === meant.length &&
    found.every(({ name, address }, index) => name === meant[index]!.name && wireAddress(address)?.address === meant[index]!.address)
  );
}

/** Splits a list of mailboxes (RFC 5322 3.4) at the commas outside quotes and angle brackets. */
function mailboxes(body: string): { name: string; address: string }[] {
  const pieces = body.match(/(?:"(?:[^"\\]|\\.)*"|<(?:"(?:[^"\\]|\\.)*"|[^<>"])*>|[^,"<>])+|[,"<>]/g) ?? [];
  return pieces
    .filter((piece) => piece !== ',')
    .map((piece) => {
      const match = /^\s*((?:"(?:[^"\\]|\\.)*"|[^"<])*?)\s*<(.*)>$/.exec(piece);
      if (match === null) return { name: '', address: piece };
      const [, phrase = '', address = ''] = match;
      const isQuoted = /^".*"$/.test(phrase);
      return { name: isQuoted ? phrase.slice(1, -1).replace(/\\(.)/g, '$1') : decodeWords(phrase), address };
    });
}
