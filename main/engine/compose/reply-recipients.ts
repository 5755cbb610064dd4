import { MailError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import { ownAddresses, type Account, type AccountConfig } from '../../../shared/model/account.ts';
import type { Address } from '../../../shared/model/message.ts';
import { wireAddress } from './wire-address.ts';

/** Who is in a mail, as far as an answer needs it. */
export interface People {
  readonly from: readonly Address[];
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
}

/** One form of an address, for comparing. */
export const addressKey = (address: string): string => (wireAddress(address)?.address ?? address.trim()).toLowerCase();

/** addressKey() of everybody's addresses that have an account here. */
export const ownKeys = (accounts: readonly Account[]): ReadonlySet<string> =>
  new Set(accounts.flatMap(({ config }) => ownAddresses(config).map(addressKey)));

type Addresses = Pick<AccountConfig, 'email' | 'aliases'>;

/** The further address of an account that this is, as the account has it; undefined for its first one and all others. Pure. */
export function ownAlias({ email, aliases }: Addresses, address: string): string | undefined {
  const key = addressKey(address);
  return key === addressKey(email) ? undefined : aliases.find((one) => addressKey(one) === key);
}

/**
 * The further address by which a mail reached its reader, or which it is from where it is their own: an answer comes from there. The address
 * of the account goes before all others, and is meant by undefined. Pure.
 */
export function reachedBy(config: Addresses, { from, to, cc }: Pick<People, 'from' | 'to' | 'cc'>): string | undefined {
  const own = new Set(ownAddresses(config).map(addressKey));
  const sender = from.find(({ address }) => own.has(addressKey(address)));
  const named = (sender ? [sender] : [...to, ...cc]).filter(({ address }) => own.has(addressKey(address)));
  const aliases = named.map(({ address }) => ownAlias(config, address));
  return aliases.includes(undefined) ? undefined : aliases[0];
}

/** Each address once, without those already taken; entries without an address (names of groups) are left out. */
function without(list: readonly Address[], taken: ReadonlySet<string>): Address[] {
  const seen = new Set(taken);
  return list.filter(({ address }) => {
    const key = addressKey(address);
    if (key === '' || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/**
 * To whom an answer goes: Reply-To before From; of one's own mail to those it went to; never to oneself, unless nobody else is left.
 * Mail-Followup-To and Mail-Reply-To are no standard and can send a private answer to a list: they do not count.
 * @param own addressKey() of the person's addresses
 * @throws MailError draft-invalid (`recipients`) when there are more than a mail may have: none is left out in silence
 */
export function replyRecipients(people: People, isToAll: boolean, own: ReadonlySet<string>): { to: Address[]; cc: Address[] } {
  const isOwn = people.from.some(({ address }) => own.has(addressKey(address)));
  const answered = people.replyTo.length > 0 ? people.replyTo : people.from;
  const direct = isOwn && people.to.length > 0 ? people.to : answered;
  const nobody = new Set<string>();
  const others = without(direct, own);
  const to = others.length > 0 ? others : without(direct, nobody);
  const taken = new Set([...own, ...to.map(({ address }) => addressKey(address))]);
  const cc = isToAll ? without([...(isOwn ? [] : people.to), ...people.cc], taken) : [];
  if (to.length + cc.length > limits.maxRecipients) {
    throw new MailError('draft-invalid', { scope: 'message', retry: 'never', detail: 'recipients' });
  }
  return { to, cc };
}
