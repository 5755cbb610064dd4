import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../../../shared/model/account.ts';
import { templateFields, type AccountTemplateFields } from '../../../shared/model/account-template.ts';
import type { PreparedAccount } from '../../policy/prepare-accounts.ts';

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The template that an enrolled account has to take over, by its address; null where it has none, or follows it already. Pure. */
export function dueTemplate({ config }: Account, prepared: readonly PreparedAccount[]): AccountTemplateFields | null {
  const found = prepared.find(({ email }) => same(email, config.email));
  const wanted = found?.config;
  if (!wanted) return null;
  const more = wanted.aliases.filter((one) => !config.aliases.some((known) => same(known, one)));
  const aliases = found.keepsAliases === true ? [...config.aliases, ...more] : wanted.aliases;
  const fields = { ...templateFields(wanted), aliases, displayName: wanted.displayName || config.displayName };
  return isDeepStrictEqual(fields, templateFields(config)) ? null : fields;
}

/**
 * Which accounts follow a template, and which did and do no more. While a template cannot be filled in, nobody can say whose it is: then
 * none is given up. Pure.
 * @param isRead false while not everything that prepares accounts could be read
 */
export function followers(
  accounts: readonly Account[],
  prepared: readonly PreparedAccount[],
  before: readonly string[],
  isRead: boolean,
): { followed: string[]; released: string[] } {
  const isPrepared = (email: string): boolean => prepared.some((one) => same(one.email, email));
  const emails = accounts.map(({ config }) => config.email);
  const followed = emails.filter((email) => isPrepared(email) || before.some((one) => same(one, email)));
  const isKnown = isRead && prepared.every(({ missing }) => missing === null);
  return { followed, released: isKnown ? followed.filter((email) => !isPrepared(email)) : [] };
}
