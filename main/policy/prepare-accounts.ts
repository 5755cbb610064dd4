import {
  accountConfigSchema,
  type AccountConfig,
  type AccountSecrets,
  type Endpoint,
  type SideConfig,
} from '../../shared/model/account.ts';
import type { OwnFields } from '../../shared/model/account-template.ts';
import { ATTRIBUTE, PROXY_ADDRESSES, type AttributeName, type UserAttributes } from '../../shared/policy/attributes.ts';
import type { AccountTemplate, Policy } from '../../shared/policy/schema.ts';

/** An account of a template for who is signed in. */
export interface PreparedAccount {
  /** The template itself where it cannot be filled in. */
  readonly email: string;
  readonly config: AccountConfig | null;
  /** Why there is none: attributes that are not known, or the place at fault. */
  readonly missing: string | null;
  /** Not all further addresses of the person are told here: an account keeps those it has. */
  readonly keepsAliases?: boolean;
  /** What its enrolment file says of what the person may change; templates say nothing of it. */
  readonly own?: OwnFields;
  /** Given by its enrolment file: then nobody is asked. */
  readonly secrets?: AccountSecrets | null;
}

/** `*` stands for any characters; case does not matter, as in a directory. */
function isNamed(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(name);
}

const isFor = ({ users }: AccountTemplate, { samAccountName = '', userPrincipalName = '' }: UserAttributes): boolean =>
  users === undefined ||
  users.some((pattern) => isNamed(pattern, samAccountName) || (userPrincipalName !== '' && isNamed(pattern, userPrincipalName)));

function filler(attributes: UserAttributes): { fill: (text: string) => string; missing: Set<string> } {
  const missing = new Set<string>();
  const fill = (text: string): string =>
    text.replace(ATTRIBUTE, (place, name: AttributeName) => {
      const value = attributes[name];
      if (value === undefined) missing.add(name);
      return value ?? place;
    });
  return { fill, missing };
}

/** The further addresses of a template, and whether these are all of them: where an attribute is not known, they are not. */
function aliasesOf({ aliases }: AccountTemplate, attributes: UserAttributes, email: string): { aliases: string[]; isWhole: boolean } {
  const filled = (aliases ?? []).map((text) => {
    if (text === PROXY_ADDRESSES) return attributes.proxyAddresses ?? null;
    const { fill, missing } = filler(attributes);
    const address = fill(text).toLowerCase();
    return missing.size > 0 ? null : [address];
  });
  const known = new Set(filled.flatMap((one) => one ?? []).filter((one) => one !== email.toLowerCase()));
  return { aliases: [...known], isWhole: aliases !== undefined && !filled.includes(null) };
}

function prepare(template: AccountTemplate, policy: Policy, attributes: UserAttributes): PreparedAccount {
  const { fill, missing } = filler(attributes);
  const caFile = policy.network?.caFile;
  const endpoint = (given: Endpoint): Endpoint => ({
    ...(caFile ? { caFile } : {}),
    ...given,
    host: fill(given.host),
    user: fill(given.user),
  });
  const side = ({ imap, smtp }: SideConfig): SideConfig => ({ imap: endpoint(imap), smtp: smtp && endpoint(smtp) });
  const { users: _users, aliases: _aliases, displayName, primary, relay, ...own } = template;
  const given = {
    ...own,
    email: fill(template.email),
    primary: side(primary),
    relay: relay && side(relay),
    retention: { ...policy.retention },
  };
  const email = given.email;
  if (missing.size > 0) return { email, config: null, missing: [...missing].join(', ') };
  // A name may be missing: mail goes without one.
  const named = filler(attributes);
  const name = named.fill(displayName);
  const { aliases, isWhole } = aliasesOf(template, attributes, email);
  const parsed = accountConfigSchema.safeParse({ ...given, aliases, displayName: named.missing.size > 0 ? '' : name });
  if (parsed.success) {
    const without = sidesWithoutSignIn(parsed.data);
    return without === ''
      ? { email, config: parsed.data, missing: null, keepsAliases: !isWhole }
      : { email, config: null, missing: without };
  }
  return { email, config: null, missing: parsed.error.issues.map(({ path }) => path.join('.')).join(', ') };
}

/** Tokens of a provider that is not named come by an enrolment file only: nobody could sign in here. */
export const sidesWithoutSignIn = (config: AccountConfig): string =>
  (['primary', 'relay'] as const)
    .filter((side) => {
      const auth = config[side]?.imap.auth;
      return auth?.type === 'oauth2' && auth.provider === undefined;
    })
    .map((side) => `${side}.imap.auth.provider`)
    .join(', ');

/** The accounts that a policy has for who is signed in. Pure. */
export const prepareAccounts = (policy: Policy, attributes: UserAttributes): PreparedAccount[] =>
  (policy.accounts ?? []).filter((template) => isFor(template, attributes)).map((template) => prepare(template, policy, attributes));
