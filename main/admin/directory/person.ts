import type { Entry } from './source.ts';
import { valueOf, valuesOf } from './source.ts';

/** One person of the directory, as far as enrolment needs them. */
export interface Person {
  /** What stays when name and place change: objectGUID or entryUUID. */
  readonly id: string;
  readonly dn: string;
  /** uSNChanged or modifyTimestamp: another one where the entry changed. Empty where the server tells none. */
  readonly change: string;
  /** Primary address; null where the directory has none. */
  readonly mail: string | null;
  readonly aliases: string[];
  readonly isDisabled: boolean;
  /** Placeholders of templates by their name in lower case. */
  readonly fields: Record<string, string>;
}

/** Attributes that can be named in a template, as the directory spells them. */
export const TEMPLATE_FIELDS = [
  'mail',
  'sAMAccountName',
  'userPrincipalName',
  'uid',
  'cn',
  'displayName',
  'givenName',
  'sn',
  'employeeNumber',
  'department',
] as const;

/** What is read of each person. */
export const PERSON_ATTRIBUTES: readonly string[] = [
  ...TEMPLATE_FIELDS,
  'proxyAddresses',
  'objectGUID',
  'entryUUID',
  'uSNChanged',
  'modifyTimestamp',
  'userAccountControl',
  'pwdAccountLockedTime',
  'nsAccountLock',
];

/** What is enough to see whether a person changed, and to find them as `memberUid` of a group. */
export const MARK_ATTRIBUTES: readonly string[] = ['uid', 'objectGUID', 'entryUUID', 'uSNChanged', 'modifyTimestamp'];

/** ACCOUNTDISABLE of userAccountControl. */
const DISABLED_BIT = 2;
/** ppolicy: locked by an administrator, for good. */
const LOCKED_FOR_GOOD = '000001010000Z';

/** The bytes of an objectGUID as it is written everywhere else: the first three groups are little-endian (MS-DTYP 2.3.4). */
function guidText(hex: string): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const bytes = order.map((at) => hex.slice(at * 2, at * 2 + 2));
  const groups = [bytes.slice(0, 4), bytes.slice(4, 6), bytes.slice(6, 8), bytes.slice(8, 10), bytes.slice(10)];
  return groups.map((group) => group.join('')).join('-');
}

/** What stays the same of an entry through renames, and what changes with it. Null for an entry that has no lasting name. */
export function markOf(entry: Entry): { readonly id: string; readonly change: string } | null {
  const guid = valueOf(entry, 'objectGUID');
  const id = guid !== null && /^[0-9a-f]{32}$/u.test(guid) ? guidText(guid) : valueOf(entry, 'entryUUID')?.toLowerCase();
  if (id === undefined) return null;
  return { id, change: valueOf(entry, 'uSNChanged') ?? valueOf(entry, 'modifyTimestamp') ?? '' };
}

const isAddress = (value: string): boolean => /^[^\s@<>"\\]+@[^\s@<>"\\]+\.[^\s@<>"\\]+$/u.test(value);

function addressesOf(entry: Entry): { mail: string | null; aliases: string[] } {
  const proxies = valuesOf(entry, 'proxyAddresses');
  const primary = proxies.find((one) => one.startsWith('SMTP:'))?.slice(5);
  const others = proxies.filter((one) => /^smtp:/iu.test(one)).map((one) => one.slice(5));
  const all = [primary, ...valuesOf(entry, 'mail'), ...others].filter((one): one is string => one !== undefined && isAddress(one));
  // `mail` first: it is what the person is known by; proxyAddresses names the primary one where it is empty.
  const mail = valuesOf(entry, 'mail').find(isAddress) ?? all[0] ?? null;
  const known = new Set([mail?.toLowerCase()]);
  const aliases = all.filter((one) => !known.has(one.toLowerCase()) && known.add(one.toLowerCase()));
  return { mail: mail?.toLowerCase() ?? null, aliases: aliases.map((one) => one.toLowerCase()).sort() };
}

function isDisabled(entry: Entry): boolean {
  const control = Number(valueOf(entry, 'userAccountControl') ?? 0);
  if ((control & DISABLED_BIT) !== 0) return true;
  return valueOf(entry, 'pwdAccountLockedTime') === LOCKED_FOR_GOOD || valueOf(entry, 'nsAccountLock')?.toLowerCase() === 'true';
}

/** Reads a person out of an entry; null for one without a lasting name. */
export function personOf(entry: Entry): Person | null {
  const mark = markOf(entry);
  if (mark === null) return null;
  const { mail, aliases } = addressesOf(entry);
  const fields: Record<string, string> = {};
  for (const name of TEMPLATE_FIELDS) {
    const value = name === 'mail' ? mail : valueOf(entry, name);
    if (value !== null) fields[name.toLowerCase()] = value;
  }
  return { ...mark, dn: entry.dn, mail, aliases, isDisabled: isDisabled(entry), fields };
}
