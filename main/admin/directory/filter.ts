const RULE_IN_CHAIN = '1.2.840.113556.1.4.1941';

/** A value inside a filter: NUL, parentheses, asterisk and backslash as hexadecimal pairs (RFC 4515 3). */
export function escapeValue(value: string): string {
  // eslint-disable-next-line no-control-regex -- NUL is one of the characters that have to be escaped
  return value.replace(/[\u0000()*\\]/gu, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Every one of the filters; one alone stays as it is. */
export const and = (...filters: readonly string[]): string => (filters.length === 1 ? (filters[0] ?? '') : `(&${filters.join('')})`);

/** Any of the filters; one alone stays as it is. */
export const or = (...filters: readonly string[]): string => (filters.length === 1 ? (filters[0] ?? '') : `(|${filters.join('')})`);

/**
 * Members of an Active Directory group, those of groups within it too (LDAP_MATCHING_RULE_IN_CHAIN). A primary group is no
 * membership by DN: its people carry the group's number, `primaryGroupToken`.
 */
export function inGroupOfActiveDirectory(groupDn: string, primaryGroupToken: string | null): string {
  const members = `(memberOf:${RULE_IN_CHAIN}:=${escapeValue(groupDn)})`;
  return primaryGroupToken === null ? members : or(members, `(primaryGroupID=${escapeValue(primaryGroupToken)})`);
}

/** People, not computers and not contacts. */
export const PEOPLE = {
  activeDirectory: '(&(objectCategory=person)(objectClass=user))',
  generic: '(|(objectClass=inetOrgPerson)(objectClass=posixAccount)(objectClass=user))',
} as const;

/** Whoever counts as a person in a directory of this kind. */
export const peopleOf = (kind: 'active-directory' | 'openldap'): string =>
  kind === 'active-directory' ? PEOPLE.activeDirectory : PEOPLE.generic;

export const GROUPS = '(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=group))';
