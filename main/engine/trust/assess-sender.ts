import { domainToUnicode } from 'node:url';
import type { Address } from '../../../shared/model/message.ts';
import type { SenderFinding, SenderFindingCode } from '../../../shared/model/trust.ts';
import { baseDomain, domainOf } from '../../../shared/trust/base-domain.ts';
import { borrowedName, latinOf, lookAlikeOf, mixesScripts, passesForLatin } from '../../../shared/trust/look-alike.ts';
import { searchWords } from '../core/search-words.ts';

/** Somebody met in mirrored mail. */
export interface KnownPerson extends Address {
  /** How often they were written to. */
  readonly sent: number;
  readonly received: number;
}

/** Whom the person knows. */
export interface Acquaintance {
  /** Addresses of the person's accounts, with the names they go by. */
  readonly own: readonly Address[];
  /** Domains of people who were written to. */
  readonly writtenDomains: readonly string[];
  person(address: string): KnownPerson | null;
  /** People whose names hold all these words. */
  named(words: string): readonly KnownPerson[];
}

/** What a mail says of its sender. */
export interface SenderFields {
  readonly from: readonly Address[];
  readonly sender: Address | null;
  readonly replyTo: readonly Address[];
  /** The From fields as they stand. */
  readonly rawFrom: readonly string[];
}

const ADDRESS = /[^\s<>"'(),:;@[\]\\\u0000]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/giu;
const DOMAIN = /(?<![\p{L}\p{N}@.-])(?:[\p{L}\p{N}-]{2,63}\.)+(?:\p{L}{2,24})(?![\p{L}\p{N}@-])/giu;
const MAX_CHARS = 4_000;
const MANY_WORDS = 6;
/** Heard of as often as this, a person is known under the address. */
const KNOWN_FROM = 3;

const lower = (text: string): string => text.trim().toLowerCase();
const isSameSite = (one: string, other: string): boolean => baseDomain(readable(one)) === baseDomain(readable(other));
/** A domain as people read it. */
const readable = (domain: string): string => domainToUnicode(domain) || domain;
/** The words of a name in one order, without regard to case, marks and letters that are drawn alike. */
const nameKey = (name: string): string => searchWords(latinOf(name)).split(' ').filter(Boolean).sort().join(' ');

/** What speaks against taking the sender for whom they seem to be. Pure. */
export function assessSender(fields: SenderFields, known: Acquaintance): SenderFinding[] {
  const first = fields.from[0] ?? { name: '', address: '' };
  const domain = domainOf(first.address);
  const findings: SenderFinding[] = [];
  const add = (code: SenderFindingCode, named: string, real = first.address): void =>
    void findings.push({ code, named: named.slice(0, 400), real: real.slice(0, 400) });
  if (domain === '') add('no-address', '');
  else {
    const name = nameFinding(first, known);
    if (name) add(...name);
    const odd = domainFinding(domain, known);
    if (odd) add(...odd);
  }
  const extra = extraSender(fields, first);
  if (extra !== null) add('several-from', extra);
  const { sender } = fields;
  if (sender && sender.address !== '' && lower(sender.address) !== lower(first.address)) add('sender-differs', sender.address);
  // Whatever an answer would use is named, be it at the same site.
  const elsewhere = fields.replyTo.map(({ address }) => address).filter((one) => one !== '' && lower(one) !== lower(first.address));
  if (elsewhere.length > 0) add('reply-elsewhere', elsewhere.join(', '));
  return findings;
}

type Found = readonly [code: SenderFindingCode, named: string, real: string];

function nameFinding({ name, address }: Address, known: Acquaintance): Found | null {
  const text = name.slice(0, MAX_CHARS).normalize('NFKC');
  const domain = domainOf(address);
  const inName = [...text.matchAll(ADDRESS)].map(([one]) => one).find((one) => lower(one) !== lower(address));
  if (inName !== undefined && !isSameSite(domainOf(inName), domain)) return ['name-has-address', inName, address];
  const namesake = namesakeOf(text, address, known);
  if (namesake !== null) return ['name-of-contact', namesake, address];
  const domains = [...known.own.map((one) => domainOf(one.address)), ...known.writtenDomains].map(readable);
  const bases = new Set(domains.map(baseDomain));
  const site = [...text.replaceAll(ADDRESS, ' ').matchAll(DOMAIN)].map(([one]) => latinOf(one)).find((one) => bases.has(baseDomain(one)));
  return site !== undefined && !isSameSite(site, domain) ? ['name-has-domain', site, address] : null;
}

/** The address under which somebody of this name is known, when it is another one at another place. */
function namesakeOf(name: string, address: string, known: Acquaintance): string | null {
  const key = nameKey(name);
  const words = key.split(' ').length;
  if (words < 2 || words > MANY_WORDS) return null;
  const self = known.person(address);
  if (self !== null && (self.sent > 0 || self.received >= KNOWN_FROM)) return null;
  const people = [...known.own.map((one) => ({ ...one, sent: 1, received: 0 })), ...known.named(key)];
  const namesakes = people.filter((one) => (one.sent > 0 || one.received >= KNOWN_FROM) && nameKey(one.name) === key);
  // One who writes from the same place as before is no other person.
  if (namesakes.some((one) => isSameSite(domainOf(one.address), domainOf(address)))) return null;
  return namesakes[0]?.address ?? null;
}

function domainFinding(domain: string, known: Acquaintance): Found | null {
  const shown = readable(domain);
  const own = known.own.map((one) => readable(domainOf(one.address)));
  const alike = lookAlikeOf(shown, [...own, ...known.writtenDomains.map(readable)]) ?? borrowedName(shown);
  if (alike !== null) return ['look-alike-domain', alike, domain];
  const labels = shown.split('.');
  const isOdd = labels.some((label) => mixesScripts(label) || passesForLatin(label, labels.at(-1) ?? ''));
  return isOdd ? ['odd-domain', shown, domain] : null;
}

/** Another address in the From fields than the one that is shown, outside of its name; '' when only their number is wrong. */
function extraSender({ from, rawFrom }: SenderFields, first: Address): string | null {
  if (from.length > 1) return from.find(({ address }) => lower(address) !== lower(first.address))?.address ?? '';
  if (rawFrom.length > 1) return '';
  const raw = (rawFrom[0] ?? '').slice(0, MAX_CHARS).replaceAll(/"(?:[^"\\]|\\.)*"/gsu, ' ');
  const inRaw = [...raw.matchAll(ADDRESS)].map(([one]) => one);
  const other = inRaw.find((one) => lower(one) !== lower(first.address) && !lower(first.name).includes(lower(one)));
  return inRaw.length > 1 && other !== undefined ? other : null;
}
