import { isDeepStrictEqual } from 'node:util';
import type { Account, AccountConfig } from '../../shared/model/account.ts';
import type { AccountTemplateFields } from '../../shared/model/account-template.ts';
import type { SecretStore } from './secrets.ts';

export type Template = AccountTemplateFields;

/**
 * An account's configuration as its template says; null where it is so already. A name that the directory does not know is no reason to
 * lose the one there is. Pure.
 */
export function followed(config: AccountConfig, template: Template): AccountConfig | null {
  const next = { ...config, ...template, displayName: template.displayName || config.displayName };
  return isDeepStrictEqual(next, config) ? null : next;
}

/** A relay that is new takes the password of the primary, as it does at the enrolment of a person who gives no other. @throws keyring errors */
export async function lendSecret(secrets: SecretStore, { id, config: before }: Account, { relay }: AccountConfig): Promise<void> {
  if (before.relay !== null || relay?.imap.auth.type !== 'password' || (await secrets.get(id, 'relay', 'imap')) !== null) return;
  const secret = await secrets.get(id, 'primary', 'imap');
  if (secret?.type === 'password') await secrets.set(id, 'relay', 'imap', secret);
}
