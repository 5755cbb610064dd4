import { isAscii, isUtf8 } from 'node:buffer';
import type { Address } from '../../../shared/model/message.ts';
import { cleanLine } from '../mime/clean-text.ts';
import { decodeWords } from '../mime/encoded-words.ts';
import type { Field } from '../mime/part.ts';
import { flattenAddresses, type ParsedAddress } from './flatten-addresses.ts';
import type { ReadMail } from './mailparser-reader.ts';
import type { ReadSource } from './message-reader.ts';
import { plainAddresses } from './plain-reader.ts';
import { fieldText, type TextPart } from './skeleton.ts';

/** One address as nearly every mail has them: `a@b`, `Name <a@b>` or `"Name" <a@b>`, no comments, groups or escapes. */
const ORDINARY_ADDRESS =
  /^[ \t]*(?:(?:"[^"\\]*"|[^"\\<>(),:;@[\]]*)[ \t]*<[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+>|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)[ \t]*$/;
/** Parsers write such domains in Unicode. */
const PUNYCODE = /@(?:.*\.)?xn--/i;
/** What a decoded name may not hold: some parser would take it for something else. */
const ODD_NAME = /["\\<>\p{Cc}\ufffd]|=\?/u;
/** Encoded words whose charset all decoders agree on. */
const ENCODED_WORD = /=\?([^?]*)\?[bq]\?[^?\s]*\?=/gi;
const USUAL_CHARSET = /^(?:utf-8|us-ascii)$/i;
const PEOPLE_FIELDS = ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'] as const;
const MAX_FIELD_CHARS = 4_000;
/** Bytes that Windows-1252 and ISO 8859-1 read differently. */
const C1_BYTES = /[\x80-\x9f]/;

/**
 * Reads a message about which no two parsers could disagree: usual addresses and charsets, one plain text, one HTML text, or
 * both as alternatives. Nearly all mail is so, and a parser built of streams takes ten times as long for it. Null for all
 * else; a test compares every answer with mailparser's.
 */
export function readOrdinary(source: ReadSource): ReadMail | null {
  const bodies = readBodies(source.texts);
  if (bodies === null) return null;
  const subject = readSubject(source.fields);
  if (subject === null) return null;
  const people = readPeople(source.fields);
  return people === null ? null : { subject, ...people, ...bodies };
}

type Bodies = Pick<ReadMail, 'text' | 'html'>;
type People = Omit<ReadMail, 'subject' | 'text' | 'html'>;

function readBodies(texts: readonly TextPart[]): Bodies | null {
  const [first, second, ...more] = texts;
  if (first === undefined) return { text: '', html: '' };
  if (more.length > 0 || (second !== undefined && !areAlternatives(first, second))) return null;
  const bodies = { text: '', html: '' };
  for (const one of second === undefined ? [first] : [first, second]) {
    const decoded = decodeOrdinary(one);
    if (decoded === null) return null;
    bodies[one.part.type === 'text/html' ? 'html' : 'text'] = decoded;
  }
  return bodies;
}

function areAlternatives({ part: plain }: TextPart, { part: html }: TextPart): boolean {
  const around = plain.parent;
  if (plain.type !== 'text/plain' || html.type !== 'text/html' || around?.type !== 'multipart/alternative') return false;
  return html.parent === around || (html.parent?.type === 'multipart/related' && html.parent.parent === around);
}

/** Null where the charset is not a usual one, its bytes are not of it, or the lines flow (RFC 3676). */
function decodeOrdinary({ part, content }: TextPart): string | null {
  if ((part.type !== 'text/plain' && part.type !== 'text/html') || part.params.has('format')) return null;
  const bytes = content.length === 1 ? (content[0] as Buffer) : Buffer.concat(content);
  const charset = (part.params.get('charset') ?? '').trim().toLowerCase();
  const text = decodeUsual(bytes, charset);
  return text === null || !text.includes('\r') ? text : text.replace(/\r?\n/g, '\n');
}

function decodeUsual(bytes: Buffer, charset: string): string | null {
  if (isAscii(bytes)) return USUAL_CHARSET.test(charset) || charset === '' || isLatin1(charset) ? bytes.toString('latin1') : null;
  if (charset === '' || USUAL_CHARSET.test(charset)) return isUtf8(bytes) ? bytes.toString('utf8') : null;
  // What says Latin-1 and is UTF-8 is for charsetOfBytes to judge.
  if (!isLatin1(charset) || isUtf8(bytes)) return null;
  const text = bytes.toString('latin1');
  return C1_BYTES.test(text) ? null : text;
}

function isLatin1(charset: string): boolean {
  return charset === 'iso-8859-1' || charset === 'windows-1252';
}

/** Body of the one field of this name; '' where there is none, null where there are several or it holds odd bytes. */
function onlyField(fields: readonly Field[], name: string): string | null {
  let found: Field | null = null;
  for (const field of fields) {
    if (field.name !== name) continue;
    if (found !== null) return null;
    found = field;
  }
  if (found === null) return '';
  if (found.raw.length > MAX_FIELD_CHARS || !isAscii(found.raw)) return null;
  return fieldText(found);
}

function readSubject(fields: readonly Field[]): string | null {
  const body = onlyField(fields, 'subject');
  return body === null ? null : decodeUsualWords(body);
}

/** Null unless every `=?` begins, and every `?=` ends, a word that can be decoded. */
function decodeUsualWords(text: string): string | null {
  if (!text.includes('=?') && !text.includes('?=')) return cleanLine(text, MAX_FIELD_CHARS);
  for (const [, charset] of text.matchAll(ENCODED_WORD)) if (!USUAL_CHARSET.test(charset as string)) return null;
  // Of a word that is broken at one of its ends, parsers differ in what stands around it.
  if (/=\?|\?=/.test(text.replace(ENCODED_WORD, ''))) return null;
  const decoded = decodeWords(text);
  return decoded.includes('\ufffd') || decoded.includes('=?') ? null : cleanLine(decoded, MAX_FIELD_CHARS);
}

function readPeople(fields: readonly Field[]): People | null {
  const lists: Address[][] = [];
  for (const name of PEOPLE_FIELDS) {
    const body = onlyField(fields, name);
    const list = body === null ? null : ordinaryAddresses(body);
    if (list === null) return null;
    lists.push(flattenAddresses(list));
  }
  const [from = [], sender = [], replyTo = [], to = [], cc = [], bcc = []] = lists;
  return { from, sender, replyTo, to, cc, bcc };
}

function ordinaryAddresses(body: string): ParsedAddress[] | null {
  if (body === '') return [];
  // Where a quotation has no end, parsers differ in what belongs to it.
  if (PUNYCODE.test(body) || body.split('"').length % 2 === 0) return null;
  for (const one of splitOutsideQuotes(body)) if (!ORDINARY_ADDRESS.test(one)) return null;
  const list = plainAddresses(body);
  return list.some(({ name = '' }) => ODD_NAME.test(name)) ? null : list;
}

function splitOutsideQuotes(body: string): string[] {
  return body.includes('"') ? (body.match(/(?:"[^"]*"|[^",])+/g) ?? [body]) : body.split(',');
}
