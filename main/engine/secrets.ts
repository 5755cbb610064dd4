import type { AccountId } from '../../shared/model/ids.ts';
import type { Secret, Service, Side } from '../../shared/model/account.ts';

/**
 * Where passwords and tokens live. Implemented outside the engine (keyring, or a vault sealed by a passphrase). Throws
 * MailError `keyring-locked`, `keyring-unavailable`; a missing item is null, never an error.
 */
export interface SecretStore {
  get(accountId: AccountId, side: Side, service: Service): Promise<Secret | null>;
  set(accountId: AccountId, side: Side, service: Service, secret: Secret): Promise<void>;
  delete(accountId: AccountId, side: Side, service: Service): Promise<void>;
}
