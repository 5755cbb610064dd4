import { accountConfigSchema, emailAddress, MAX_ALIASES, type AccountConfig } from '../../shared/model/account.ts';
import { AdminError } from './admin-error.ts';
import { TEMPLATE_FIELDS, type Person } from './directory/person.ts';
import { faultsOf, type RolloutConfig } from './rollout-config.ts';

const PLACEHOLDER = /\{([^{}]*)\}/gu;
const address = emailAddress();
const KNOWN = new Set(TEMPLATE_FIELDS.map((one) => one.toLowerCase()));

/** Thrown for a person whose entry has no value for a placeholder; holds the name of the attribute. */
export class Unfilled extends Error {
  override readonly name = 'Unfilled';
}

/** Puts values of a person in place of `{mail}` and the like, in every text of a JSON value. @throws Unfilled, AdminError config-invalid */
export function fillTemplate(template: unknown, fields: Person['fields'], place = 'account'): unknown {
  if (typeof template === 'string') {
    return template.replaceAll(PLACEHOLDER, (_, name: string) => {
      if (!KNOWN.has(name.toLowerCase())) throw new AdminError('config-invalid', `${place}: no such placeholder {${name}}`);
      const value = fields[name.toLowerCase()];
      if (value === undefined) throw new Unfilled(name);
      return value;
    });
  }
  if (Array.isArray(template)) return template.map((one, at) => fillTemplate(one, fields, `${place}[${at}]`));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, one]) => [key, fillTemplate(one, fields, `${place}.${key}`)]));
}

/** What else reaches a person; what no mail program could write to is no address of theirs. */
function aliasesOf({ mail, aliases }: Person, email: unknown): string[] {
  const others = [...(mail === null ? [] : [mail]), ...aliases].filter((one) => one !== String(email).toLowerCase());
  return others
    .filter((one) => address.safeParse(one).success)
    .sort()
    .slice(0, MAX_ALIASES);
}

/** The account of one person, checked as an enrolment file is. @throws Unfilled, AdminError config-invalid */
export function accountFor(person: Person, { account, classes }: RolloutConfig, className: string | null): AccountConfig {
  const retention = classes.find((one) => one.name === className)?.retention;
  const withDefaults = { email: '{mail}', ...account };
  const filled = fillTemplate(withDefaults, person.fields) as Record<string, unknown>;
  const checked = accountConfigSchema.safeParse({
    aliases: aliasesOf(person, filled['email']),
    ...(person.fields['displayname'] === undefined ? {} : { displayName: person.fields['displayname'] }),
    ...filled,
    ...(retention === undefined ? {} : { retention }),
  });
  if (checked.success) return checked.data;
  throw new AdminError('config-invalid', `account of ${person.mail ?? person.dn}: ${faultsOf(checked.error)}`);
}
