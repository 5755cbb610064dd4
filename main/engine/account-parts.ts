import type { AccountLosses, AccountSecrets, Service, Side } from '../../shared/model/account.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { SecretStore } from './secrets.ts';

/** Keeps what was given for one side of an account. @throws MailError of the secret store */
export async function storeSecrets(store: SecretStore, id: AccountId, side: Side, secrets: AccountSecrets | null): Promise<void> {
  const given = secrets?.[side];
  if (!given) return;
  const services: readonly Service[] = ['imap', 'smtp'];
  for (const service of services) {
    const secret = given[service];
    if (secret) await store.set(id, side, service, secret);
  }
}

/** What would be lost with all of them. */
export function sumLosses(all: readonly AccountLosses[]): AccountLosses {
  const sum = (of: (one: AccountLosses) => number) => all.reduce((total, one) => total + of(one), 0);
  return { mails: sum((one) => one.mails), drafts: sum((one) => one.drafts), changes: sum((one) => one.changes) };
}
