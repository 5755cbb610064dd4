import { limits } from '../../../shared/limits.ts';
import type { Address } from '../../../shared/model/message.ts';
import { plainAddresses } from '../ingest/plain-reader.ts';
import { headerLine, wellFormed } from './plain-text.ts';

export interface Mailto {
  readonly to: Address[];
  readonly cc: Address[];
  readonly bcc: Address[];
  readonly subject: string;
  readonly body: string;
}

const MAX_ADDRESSES = 100;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;
const MAX_BODY_CHARS = 100_000;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded UTF-8: taken as it stands
  }
}

function people(list: string): Address[] {
  // No address holds a control: one that does was made to be read as two.
  const given = list
    .split(',', MAX_ADDRESSES)
    .map(decoded)
    .filter((one) => !CONTROL.test(one));
  const found = given.flatMap(plainAddresses);
  return found
    .map(({ name = '', address = '' }) => ({ name: headerLine(name, 200), address: headerLine(address, 320) }))
    .filter(({ address }) => address !== '');
}

/**
 * Reads a mailto: link (RFC 6068). Recipients, subject and body only: a link must not be able to attach a file or write any other
 * header field. Null when it is none.
 */
export function parseMailto(link: string): Mailto | null {
  const match = /^mailto:([^?#]*)(?:\?([^#]*))?/i.exec(link.trim());
  if (match === null) return null;
  const found = { to: people(match[1] ?? ''), cc: [] as Address[], bcc: [] as Address[], subject: '', body: '' };
  for (const pair of (match[2] ?? '').split('&')) {
    const equals = pair.indexOf('=');
    const value = pair.slice(equals + 1);
    const name = equals < 1 ? '' : decoded(pair.slice(0, equals)).toLowerCase();
    if (name === 'to' || name === 'cc' || name === 'bcc') found[name].push(...people(value));
    else if (name === 'subject') found.subject = headerLine(decoded(value), limits.maxSubjectChars);
    else if (name === 'body')
      found.body = wellFormed(decoded(value))
        .replace(/\r\n|\r/g, '\n')
        .replaceAll('\0', '')
        .slice(0, MAX_BODY_CHARS);
  }
  return { ...found, to: found.to.slice(0, MAX_ADDRESSES), cc: found.cc.slice(0, MAX_ADDRESSES), bcc: found.bcc.slice(0, MAX_ADDRESSES) };
}
