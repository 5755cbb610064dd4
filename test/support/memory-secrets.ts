import type { Secret } from '../../shared/model/account.ts';
import type { SecretStore } from '../../main/engine/secrets.ts';

/** Secrets in memory: for tests whose subject is not the keyring. */
export function memorySecrets(): SecretStore {
  const secrets = new Map<string, Secret>();
  const key = (...of: Parameters<SecretStore['get']>) => of.join('/');
  return {
    get: (...of) => Promise.resolve(secrets.get(key(...of)) ?? null),
    set: (accountId, side, service, secret) => {
      secrets.set(key(accountId, side, service), secret);
      return Promise.resolve();
    },
    delete: (...of) => {
      secrets.delete(key(...of));
      return Promise.resolve();
    },
  };
}
