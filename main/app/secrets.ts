import type { AccountId } from '../../shared/model/ids.ts';
import type { Secret, Service, Side } from '../../shared/model/account.ts';

/** Passwords and tokens as the app process holds them for the engine; same shape as the engine's SecretStore. */
export interface Secrets {
  get(accountId: AccountId, side: Side, service: Service): Promise<Secret | null>;
  set(accountId: AccountId, side: Side, service: Service, secret: Secret): Promise<void>;
  delete(accountId: AccountId, side: Side, service: Service): Promise<void>;
}
