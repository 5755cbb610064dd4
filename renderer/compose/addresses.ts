import type { Address } from '../../shared/model/message.ts';

const MAX_ADDRESS_CHARS = 320;
/** Of one person, name and address: longer text is no list of people. */
const MAX_PERSON_CHARS = 1_000;
/** RFC 5321 4.5.3.1.1, in octets; letters beyond ASCII (RFC 6531) are checked by the engine. */
const MAX_LOCAL_CHARS = 64;
const ATOM = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const QUOTED_LOCAL = /^"(?:[^"\\\r\n]|\\[^\r\n])+"$/u;
const LITERAL = /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9a-f:.]{2,45})\]$/iu;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?$/u;

/** Whether an address can be sent to, as far as that can be seen without asking anybody (RFC 5321 4.1.2); the engine decides at last. */
export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || text.length > MAX_ADDRESS_CHARS) return false;
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  const isLocalGood = local.length <= MAX_LOCAL_CHARS && (ATOM.test(local) || QUOTED_LOCAL.test(local));
  return isLocalGood && (LITERAL.test(domain) || domain.split('.').every((label) => LABEL.test(label)));
}

interface Piece {
  readonly text: string;
  /** Character that ended it; empty at the end of the text. */
  readonly end: string;
}

/** Cuts at `,` `;` and line ends, outside of quotation marks, angle brackets and comments. */
function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let start = 0;
  let closer = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (closer !== '') {
      if (char === '\\') at += 1;
      else if (char === closer || char === '\n') closer = '';
      if (char !== '\n') continue;
    }
    if (char === '"') closer = '"';
    else if (char === '<') closer = '>';
    else if (char === '(') closer = ')';
    else if (/[,;\r\n\t]/u.test(char)) {
      found.push({ text: text.slice(start, at), end: char });
      start = at + 1;
    }
  }
  found.push({ text: text.slice(start), end: '' });
  return found;
}

/** A comma within a name that was not put in quotation marks: `Müller, Anna <a@x.example>` is one person. */
function joinNames(list: readonly Piece[]): string[] {
  const joined: string[] = [];
  let kept = '';
  for (const [at, { text, end }] of list.entries()) {
    const whole = kept === '' ? text : `${kept},${text}`;
    const next = list[at + 1]?.text.slice(0, MAX_PERSON_CHARS) ?? '';
    const isName = end === ',' && text.trim() !== '' && !text.includes('@') && /<[^<>]*@[^<>]*>\s*$/u.test(next) && !/^\s*</u.test(next);
    kept = isName ? whole : '';
    if (!isName) joined.push(whole);
  }
  return joined;
}

function unquoted(name: string): string {
  const bare = name.trim().replaceAll(/\s+/gu, ' ');
  const inner = /^"(.*)"$/su.exec(bare)?.[1] ?? /^'(.*)'$/su.exec(bare)?.[1];
  return (inner ?? bare).replaceAll(/\\(.)/gu, '$1').trim();
}

/** One person as typed or pasted: `a@x`, `Name <a@x>`, `a@x (Name)`, `mailto:a@x`. What is no address stays as it is. */
export function parseAddress(text: string): Address | null {
  const bare = text.trim().replace(/^mailto:/iu, '');
  if (bare === '') return null;
  if (bare.length > MAX_PERSON_CHARS) return { name: '', address: bare.slice(0, MAX_PERSON_CHARS) };
  const angled = /^(?<name>.*?)<\s*(?:mailto:)?(?<address>[^<>]*)>\s*$/su.exec(bare)?.groups;
  if (angled) return { name: unquoted(angled['name'] ?? ''), address: (angled['address'] ?? '').trim() };
  const commented = /^(?<address>\S+@\S+)\s*\((?<name>.*)\)$/su.exec(bare)?.groups;
  if (commented) return { name: unquoted(commented['name'] ?? ''), address: commented['address'] ?? '' };
  // A name with the address behind it, without brackets.
  const trailing = /^(?<name>[^@]*\S)\s+(?<address>\S+@\S+)$/su.exec(bare)?.groups;
  if (trailing && isAddress(trailing['address'] ?? ''))
    return { name: unquoted(trailing['name'] ?? ''), address: trailing['address'] ?? '' };
  return { name: '', address: bare };
}

/** People of a typed or pasted list. Addresses with nothing but blanks between them are taken apart, too. */
export function parseAddressList(text: string): Address[] {
  const bareList = text.trim().split(/[\s,;]+/u);
  if (bareList.length > 1 && bareList.every((one) => isAddress(one))) return bareList.map((address) => ({ name: '', address }));
  return joinNames(pieces(text))
    .map(parseAddress)
    .filter((one) => one !== null);
}

/** Key under which an address is the same person's: domains are compared without case, and so, in practice, are local parts. */
export const addressKey = (one: Address): string => one.address.trim().toLowerCase();

/** Adds people who are not in the list yet; order is kept. */
export function addPeople(list: readonly Address[], added: readonly Address[]): Address[] {
  const known = new Set(list.map(addressKey));
  return [...list, ...added.filter((one) => !known.has(addressKey(one)) && known.add(addressKey(one)))];
}

/** As one types it: `Anna Berg <anna@x.example>`; a name with signs that would part the list is put in quotation marks. */
export function addressText({ name, address }: Address): string {
  if (name === '') return address;
  const shown = /[",;<>()@\\]/u.test(name) ? `"${name.replaceAll(/(["\\])/gu, '\\$1')}"` : name;
  return `${shown} <${address}>`;
}
