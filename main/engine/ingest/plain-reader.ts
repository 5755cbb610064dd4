import { cleanLine } from '../mime/clean-text.ts';
import { decodeWords } from '../mime/encoded-words.ts';
import type { Field } from '../mime/part.ts';
import { flattenAddresses, type ParsedAddress } from './flatten-addresses.ts';
import type { ReadMail } from './mailparser-reader.ts';
import { fieldText, subjectField } from './skeleton.ts';

/**
 * Subject and people by the plainest means, for a message on which the parsers failed. Linear and without regular
 * expressions over addresses: this must not fail too.
 */
export function readPlainly(fields: readonly Field[]): ReadMail {
  const list = (name: string) =>
    flattenAddresses(fields.filter((field) => field.name === name).flatMap((field) => plainAddresses(fieldText(field))));
  const subject = subjectField(fields);
  return {
    subject: subject ? cleanLine(decodeWords(fieldText(subject)), 4000) : '',
    from: list('from'),
    sender: list('sender'),
    replyTo: list('reply-to'),
    to: list('to'),
    cc: list('cc'),
    bcc: list('bcc'),
    text: '',
    html: '',
  };
}

const MAX_ADDRESSES_READ = 5000;

/** Splits at commas and semicolons outside quotes and brackets; `Name <address>`, `address` and `address (Name)` are told apart. */
export function plainAddresses(body: string): ParsedAddress[] {
  const out: ParsedAddress[] = [];
  let part = '';
  let inQuotes = false;
  let depth = 0;
  for (let i = 0; i <= body.length && out.length < MAX_ADDRESSES_READ; i++) {
    const char = body[i];
    if (char === undefined || (!inQuotes && depth === 0 && (char === ',' || char === ';'))) {
      const address = onePlainAddress(part);
      if (address) out.push(address);
      part = '';
      continue;
    }
    if (char === '\\') {
      part += char + (body[++i] ?? '');
      continue;
    }
    if (char === '"' && depth === 0) inQuotes = !inQuotes;
    else if (char === '(' && !inQuotes) depth++;
    else if (char === ')' && !inQuotes && depth > 0) depth--;
    part += char;
  }
  return out;
}

function onePlainAddress(part: string): ParsedAddress | null {
  const text = part.trim();
  if (text === '') return null;
  const open = text.lastIndexOf('<');
  const close = open < 0 ? -1 : text.indexOf('>', open);
  if (close > open) return { name: unquote(text.slice(0, open)), address: text.slice(open + 1, close).replace(/\s+/g, '') };
  const paren = text.indexOf('(');
  const bare = (paren < 0 ? text : text.slice(0, paren)).trim();
  const comment = paren < 0 ? '' : text.slice(paren + 1).replace(/\)\s*$/, '');
  return bare.includes('@') ? { name: unquote(comment), address: bare.replace(/^.*:\s*/, '') } : { name: unquote(text), address: '' };
}

function unquote(text: string): string {
  const trimmed = text.trim().replace(/^[^"<]{0,100}:\s*(?=")/, '');
  // What is left of marks that were not closed or doubled is no part of a name.
  const inner = trimmed.replace(/^["<\s]+/, '').replace(/(?<!["<\s])["<\s]+$/, '');
  return decodeWords(inner.replace(/\\(.)/g, '$1'));
}
