import { MailError } from '../../shared/errors.ts';
import { secretSchema, type Secret, type Service, type Side } from '../../shared/model/account.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { SecretStore } from '../engine/secrets.ts';

/** A place for named values: the keyring, or the vault of a passphrase. */
export interface ItemStore {
  get(item: string): Promise<string | null>;
  set(item: string, value: string): Promise<void>;
  delete(item: string): Promise<void>;
}

/** Account secrets as items of one profile. */
export function createSecretStore(items: ItemStore, profileId: string): SecretStore {
  const nameOf = (accountId: AccountId, side: Side, service: Service) => `secret:${profileId}:${accountId}:${side}:${service}`;
  return {
    get: async (...of) => {
      const text = await items.get(nameOf(...of));
      return text === null ? null : parseSecret(text);
    },
    set: (accountId, side, service, secret) => items.set(nameOf(accountId, side, service), JSON.stringify(secret)),
    delete: (...of) => items.delete(nameOf(...of)),
  };
}

function parseSecret(text: string): Secret {
  try {
    return secretSchema.parse(JSON.parse(text));
  } catch {
    // The cause would quote the secret: it stays out.
    throw new MailError('secret-missing', { scope: 'account', retry: 'ask', detail: 'the stored secret cannot be read' });
  }
}
