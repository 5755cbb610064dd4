import { MailError } from '../../../shared/errors.ts';
import type { Account, Endpoint, OAuth2, Secret, Service, Side } from '../../../shared/model/account.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { Clock } from '../core/clock.ts';
import { Mutex } from '../core/mutex.ts';
import type { ProxyFinder } from '../core/proxy/proxy-finder.ts';
import type { Credentials } from '../imap/gateway.ts';
import type { SecretStore } from '../secrets.ts';
import type { TokenSecret } from './refresh-token.ts';

/** A token is renewed this long before it ends: a log-in takes time, and clocks differ. */
const RENEW_AHEAD_MS = 2 * 60_000;

interface FoundSecret {
  /** Service under which it is kept: submission falls back to the mailbox's. */
  readonly service: Service;
  readonly secret: Secret;
}

/** Gives what a log-in needs at the moment of connecting; renews access tokens, one renewal at a time for each secret. */
export class CredentialProvider {
  readonly #secrets: SecretStore;
  readonly #clock: Clock;
  readonly #proxies: ProxyFinder | undefined;
  readonly #locks = new Map<string, Mutex>();
  /** Access tokens that a server has refused: they are not used again, whatever their lifetime says. */
  readonly #refused = new Map<string, string>();

  constructor({ secrets, clock, proxies }: { secrets: SecretStore; clock: Clock; proxies?: ProxyFinder | undefined }) {
    this.#secrets = secrets;
    this.#clock = clock;
    this.#proxies = proxies;
  }

  /**
   * @throws MailError secret-missing, config-invalid, sign-in-needed, token-refresh-failed (try later), those of a proxy,
   * and what the secret store throws.
   */
  async get(account: Account, side: Side, service: Service): Promise<Credentials> {
    const endpoint = endpointOf(account, side, service);
    const found = await this.#find(account, side, service);
    if (endpoint.auth.type === 'password') return passwordOf(found.secret, side);
    const auth = endpoint.auth;
    const key = keyOf(account.id, side, found.service);
    const secret = await this.#lockOf(key).run(async () => {
      // Read again: whoever held the lock before may have renewed it.
      const current = tokenOf((await this.#find(account, side, service)).secret, side);
      if (this.#isFresh(current, key)) return current;
      const renewed = await this.#renew(auth, current, endpoint, side);
      // Stored before it is used: endpoints that rotate refresh tokens accept the old one no more.
      await this.#secrets.set(account.id, side, found.service, renewed);
      return renewed;
    });
    return { type: 'token', mechanism: auth.mechanism, accessToken: secret.accessToken ?? '' };
  }

  /**
   * A person has signed in anew: from now on both services of the side use this. A renewal that is under way ends first, so
   * that it cannot put old tokens back. @throws what the secret store throws
   */
  async replace(id: AccountId, side: Side, secret: Secret): Promise<void> {
    await this.#lockOf(keyOf(id, side, 'imap')).run(() => this.#secrets.set(id, side, 'imap', secret));
    await this.#lockOf(keyOf(id, side, 'smtp')).run(async () => {
      if ((await this.#secrets.get(id, side, 'smtp'))?.type === secret.type) await this.#secrets.delete(id, side, 'smtp');
    });
  }

  /** A server has refused these credentials: the next get() renews the token instead of offering it again. */
  reject(account: Account, side: Side, service: Service, credentials: Credentials): void {
    if (credentials.type !== 'token') return;
    for (const one of [service, 'imap'] as const) this.#refused.set(keyOf(account.id, side, one), credentials.accessToken);
  }

  #lockOf(key: string): Mutex {
    const lock = this.#locks.get(key) ?? new Mutex();
    this.#locks.set(key, lock);
    return lock;
  }

  #isFresh({ accessToken, expiresAt }: TokenSecret, key: string): boolean {
    if (accessToken === undefined || accessToken === '' || this.#refused.get(key) === accessToken) return false;
    return expiresAt === undefined || expiresAt - RENEW_AHEAD_MS > this.#clock.now();
  }

  async #renew(auth: OAuth2, secret: TokenSecret, endpoint: Endpoint, side: Side): Promise<TokenSecret> {
    if (secret.refreshToken === '')
      throw new MailError('sign-in-needed', { scope: 'account', retry: 'ask', side, detail: 'no refresh token' });
    // HTTPS is loaded when a token is renewed: most accounts need none, and what is here is shown without it.
    const [{ refreshToken }, { tlsOptions, withCompanyCa }] = await Promise.all([
      import('./refresh-token.ts'),
      import('../core/tls-options.ts'),
    ]);
    // The sign-in goes over TLS even where the mail server is on this machine.
    const { caFile } = endpoint;
    const trusted = await withCompanyCa(caFile === undefined ? {} : { caFile }, this.#proxies);
    return refreshToken(auth, secret, { clock: this.#clock, side, tls: tlsOptions(trusted, side), proxies: this.#proxies });
  }

  async #find(account: Account, side: Side, service: Service): Promise<FoundSecret> {
    const services: readonly Service[] = service === 'smtp' ? ['smtp', 'imap'] : ['imap'];
    for (const one of services) {
      const secret = await this.#secrets.get(account.id, side, one);
      if (secret) return { service: one, secret };
    }
    throw new MailError('secret-missing', { scope: 'account', retry: 'ask', side });
  }
}

const keyOf = (id: AccountId, side: Side, service: Service): string => `${id}:${side}:${service}`;

function endpointOf(account: Account, side: Side, service: Service): Endpoint {
  const endpoint = account.config[side]?.[service];
  if (!endpoint) throw new MailError('config-invalid', { scope: 'account', retry: 'never', side, detail: `no ${service} endpoint` });
  return endpoint;
}

function passwordOf(secret: Secret, side: Side): Credentials {
  if (secret.type === 'password') return { type: 'password', password: secret.password };
  throw new MailError('config-invalid', { scope: 'account', retry: 'ask', side, detail: 'a password is needed, a token is stored' });
}

function tokenOf(secret: Secret, side: Side): TokenSecret {
  if (secret.type === 'oauth2') return secret;
  throw new MailError('config-invalid', { scope: 'account', retry: 'ask', side, detail: 'a token is needed, a password is stored' });
}
