import * as oauth from 'oauth4webapi';
import type { ConnectionOptions } from 'node:tls';
import { isLoopbackHost, type OAuth2 } from '../../../../shared/model/account.ts';
import { limits } from '../../../../shared/limits.ts';
import type { Clock } from '../../core/clock.ts';
import { fetchBy } from '../../core/http/fetch-by.ts';
import type { ProxyFinder } from '../../core/proxy/proxy-finder.ts';
import type { TokenSecret } from '../refresh-token.ts';
import { failed } from './failure.ts';
import { TENANT_PLACE, termsOf, type Terms } from './terms.ts';

/** Clocks of people's computers are wrong by minutes. */
const CLOCK_TOLERANCE_S = 600;
const USUAL_LIFETIME_S = 300;

export interface ProviderOptions {
  readonly clock: Clock;
  readonly tls: ConnectionOptions;
  readonly proxies: ProxyFinder | undefined;
  /** Ends whatever is being asked. */
  readonly signal: AbortSignal;
}

/** Who signed in, and what they may from now on. */
export interface Granted {
  readonly secret: TokenSecret;
  /** Addresses and names that the provider has for them. */
  readonly names: readonly string[];
}

/** A provider whose metadata has been read (OpenID Connect Discovery 4). */
export class ProviderClient {
  readonly terms: Terms;
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly clientAuth: oauth.ClientAuth;
  readonly options: ReturnType<typeof requestOptions>;
  readonly #auth: OAuth2;
  readonly #clock: Clock;

  private constructor(auth: OAuth2, terms: Terms, server: oauth.AuthorizationServer, parts: ProviderOptions) {
    this.#auth = auth;
    this.#clock = parts.clock;
    this.terms = terms;
    this.server = server;
    this.client = { client_id: auth.clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_S };
    this.clientAuth = auth.clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(auth.clientSecret);
    this.options = requestOptions(parts);
  }

  /** @throws MailError sign-in-failed, and errors of node and the library */
  static async find(auth: OAuth2, parts: ProviderOptions): Promise<ProviderClient> {
    const terms = termsOf(auth);
    if (terms === null) throw failed('sign-in-failed', 'no provider to sign in with');
    const response = await oauth.discoveryRequest(new URL(terms.issuer), requestOptions(parts));
    const { issuer } = await fieldsOf(response);
    if (response.status === 200 && (typeof issuer !== 'string' || !terms.isIssuer(issuer)))
      throw failed('sign-in-failed', 'the provider names another issuer');
    const expected = typeof issuer === 'string' ? issuer : terms.issuer;
    return new ProviderClient(auth, terms, await oauth.processDiscoveryResponse(new URL(expected), response), parts);
  }

  /** An address of the metadata to which a person is sent. @throws MailError sign-in-failed */
  pageOf(address: string | undefined, what: string): URL {
    if (address === undefined || !URL.canParse(address)) throw failed('sign-in-failed', `the provider has no ${what}`);
    const url = new URL(address);
    if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))) return url;
    throw failed('sign-in-failed', `the provider's ${what} is not https`);
  }

  /** The server as it signs for whoever answers: Microsoft's issuer names the person's own directory. */
  async serverFor(response: Response): Promise<oauth.AuthorizationServer> {
    if (!this.server.issuer.includes(TENANT_PLACE)) return this.server;
    const { id_token: idToken } = await fieldsOf(response);
    const tenant = typeof idToken === 'string' ? tenantOf(idToken) : '';
    return { ...this.server, issuer: this.server.issuer.replace(TENANT_PLACE, tenant) };
  }

  /** What the token endpoint gave, ready to be kept. @throws MailError sign-in-failed */
  async granted(answer: oauth.TokenEndpointResponse): Promise<Granted> {
    if (answer.refresh_token === undefined) throw failed('sign-in-failed', 'the provider gives no lasting sign-in (offline access)');
    const expiresAt = this.#clock.now() + Math.floor((answer.expires_in ?? USUAL_LIFETIME_S) * 1000);
    const { clientSecret } = this.#auth;
    const secret: TokenSecret = {
      type: 'oauth2',
      refreshToken: answer.refresh_token,
      accessToken: answer.access_token,
      expiresAt,
      tokenEndpoint: this.pageOf(this.server.token_endpoint, 'token endpoint').href,
      ...(clientSecret === undefined ? {} : { clientSecret }),
    };
    return { secret, names: await this.#namesOf(answer) };
  }

  async #namesOf(answer: oauth.TokenEndpointResponse): Promise<string[]> {
    const claims = oauth.getValidatedIdTokenClaims(answer);
    const names = claims ? namesIn(claims) : [];
    if (names.some((name) => name.includes('@')) || this.server.userinfo_endpoint === undefined) return names;
    try {
      const response = await oauth.userInfoRequest(this.server, this.client, answer.access_token, this.options);
      const info = await oauth.processUserInfoResponse(this.server, this.client, claims?.sub ?? oauth.skipSubjectCheck, response);
      return [...names, ...namesIn(info)];
    } catch {
      return names; // Tokens for the mail server alone are refused there; then the mail server says whose they are.
    }
  }
}

/** Everything goes through our own HTTPS: no redirects, bounded answers, the company's authority. http is refused, but for this machine. */
const requestOptions = (parts: ProviderOptions) => ({
  [oauth.customFetch]: fetchBy({ ...parts, timeoutMs: limits.connectTimeoutMs }),
  [oauth.allowInsecureRequests]: true,
  signal: parts.signal,
});

/** What an answer says, unchecked, before the library reads it; nothing where it is no JSON. */
async function fieldsOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const said: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return (said ?? {}) as Record<string, unknown>;
}

function tenantOf(idToken: string): string {
  try {
    const claims = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8')) as { tid?: unknown };
    return typeof claims.tid === 'string' && /^[0-9a-f-]{36}$/i.test(claims.tid) ? claims.tid : '';
  } catch {
    return ''; // then no issuer fits
  }
}

function namesIn(claims: Readonly<Record<string, unknown>>): string[] {
  return ['email', 'preferred_username', 'upn'].flatMap((name) => {
    const value = claims[name];
    return typeof value === 'string' && value !== '' && value.length <= 320 ? [value] : [];
  });
}
