import { imapDateTime } from '../imap-date.ts';
import { tokenItems, tokenText, type Token } from '../imap-tokens.ts';
import { findPart, headerFields, parseMime, type MimePart } from './mime-tree.ts';
import type { ScriptMessage } from './store.ts';
import { envelopeText, structureText } from './structure.ts';

const MACROS: Readonly<Record<string, readonly string[]>> = {
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  FULL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY'],
};
const SECTION = /^(BODY|BINARY)(\.PEEK)?\[([^\]]*)\](?:<(\d+)(?:\.(\d+))?>)?$/i;

/** The client asked for something that is no FETCH item. */
export class UnknownItemError extends Error {}

/** The items of a FETCH, macros resolved, as the client wrote them. */
export function fetchItems(token: Token | undefined): string[] {
  if (token?.type === 'list') return tokenItems(token).map(tokenText);
  const single = tokenText(token);
  return [...(MACROS[single.toUpperCase()] ?? [single])];
}

/** True for an item that marks the message as seen. */
export function marksSeen(item: string): boolean {
  const section = SECTION.exec(item);
  return section ? section[2] === undefined : /^RFC822(\.TEXT)?$/i.test(item);
}

function headerSubset(header: Buffer, list: string, isInverted: boolean): Buffer {
  const names = new Set(
    list
      .replace(/[()"]/g, ' ')
      .split(' ')
      .filter(Boolean)
      .map((name) => name.toLowerCase()),
  );
  const kept = headerFields(header).filter((field) => names.has(field.name.toLowerCase()) !== isInverted);
  return Buffer.from(`${kept.map((field) => `${field.text}\r\n`).join('')}\r\n`, 'latin1');
}

function partSection(part: MimePart, text: string): Buffer | null {
  const fields = /^HEADER\.FIELDS(\.NOT)? (\(.*\))$/i.exec(text);
  if (fields) return headerSubset(part.header, fields[2] as string, fields[1] !== undefined);
  if (/^HEADER$/i.test(text)) return part.header;
  return /^TEXT$/i.test(text) ? part.body : null;
}

/** Bytes of a body section (the text in brackets); null for a part that does not exist. */
export function sectionBytes(raw: Buffer, root: () => MimePart, section: string): Buffer | null {
  if (section === '') return raw;
  const match = /^([\d.]*\d)?\.?(.*)$/s.exec(section) as RegExpExecArray;
  const rest = match[2] as string;
  if (match[1] === undefined) return partSection(root(), rest);
  const part = findPart(root(), match[1].split('.').map(Number));
  if (!part) return null;
  if (rest === '') return part.body;
  if (/^MIME$/i.test(rest)) return part.header;
  return part.message ? partSection(part.message, rest) : null;
}

function decoded(part: MimePart | null, bytes: Buffer): Buffer {
  const encoding = part ? (headerFields(part.header).find((f) => /^content-transfer-encoding$/i.test(f.name))?.text ?? '') : '';
  return /base64/i.test(encoding) ? Buffer.from(bytes.toString('latin1'), 'base64') : bytes;
}

/** The answers to one message's FETCH items. */
export class MessageAnswer {
  readonly #message: ScriptMessage;
  #tree: MimePart | null = null;

  constructor(message: ScriptMessage) {
    this.#message = message;
  }

  /** Name and value of one item, ready for the wire. Throws UnknownItemError. */
  item(item: string): Buffer {
    const section = SECTION.exec(item);
    if (section) return this.#section(section);
    const name = item.toUpperCase();
    if (name === 'RFC822') return literal(name, this.#message.raw);
    if (name === 'RFC822.HEADER') return literal(name, this.#root().header);
    if (name === 'RFC822.TEXT') return literal(name, this.#root().body);
    return Buffer.from(`${name} ${this.#plain(name)}`, 'latin1');
  }

  #plain(name: string): string {
    const message = this.#message;
    switch (name) {
      case 'UID':
        return String(message.uid);
      case 'FLAGS':
        return `(${[...message.flags].join(' ')})`;
      case 'INTERNALDATE':
        return imapDateTime(message.internalDate);
      case 'RFC822.SIZE':
        return String(message.raw.length);
      case 'MODSEQ':
        return `(${message.modSeq})`;
      case 'EMAILID':
        return `(${message.emailId})`;
      case 'THREADID':
        return 'NIL';
      case 'ENVELOPE':
        return envelopeText(this.#root().header);
      case 'BODYSTRUCTURE':
        return structureText(this.#root(), true);
      case 'BODY':
        return structureText(this.#root(), false);
      default:
        throw new UnknownItemError(name);
    }
  }

  #section(match: RegExpExecArray): Buffer {
    const section = match[3] as string;
    const isBinary = (match[1] as string).toUpperCase() === 'BINARY';
    const whole = sectionBytes(this.#message.raw, () => this.#root(), section);
    const offset = match[4] === undefined ? null : Number(match[4]);
    const key = `${isBinary ? 'BINARY' : 'BODY'}[${section}]${offset === null ? '' : `<${offset}>`}`;
    if (whole === null) return Buffer.from(`${key} NIL`, 'latin1');
    const bytes = isBinary ? decoded(findPart(this.#root(), section.split('.').map(Number)), whole) : whole;
    if (offset === null) return literal(key, bytes);
    return literal(key, bytes.subarray(offset, offset + (match[5] === undefined ? bytes.length : Number(match[5]))));
  }

  #root(): MimePart {
    this.#tree ??= parseMime(this.#message.raw);
    return this.#tree;
  }
}

function literal(key: string, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${key} {${bytes.length}}\r\n`, 'latin1'), bytes]);
}
