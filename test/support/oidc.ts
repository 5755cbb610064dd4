import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import Provider from 'oidc-provider';
import { freePort } from './ports.ts';
import type { TlsIdentity } from './tls.ts';

export const CLIENT_ID = 'holdover-client';
const INTROSPECTION = { id: 'mail-server', secret: 'introspection-secret' };

export interface OidcOptions {
  /** Accounts and what the provider calls them; default alice and bob at company.example. */
  readonly emails?: Readonly<Record<string, string>>;
  readonly tls?: TlsIdentity;
  /** Lifetime of an access token, seconds. */
  readonly accessSeconds?: number;
  /** Lifetime of a device code, seconds. */
  readonly deviceSeconds?: number;
}

/** Scripted person: what they type and agree to at the provider. */
export interface Person {
  readonly account: string;
  readonly agrees?: boolean;
}

/** A real OpenID provider on loopback, with refresh tokens that are good for one use. */
export interface Oidc {
  readonly issuer: string;
  /** Requests so far as `METHOD /path`. */
  readonly requests: readonly string[];
  /** For a mail server that asks whether a token is good (RFC 7662). */
  readonly introspectionUrl: string;
  /** Follows an authorization address as a browser does, up to the answer that is not the provider's; its address is given. */
  browse(url: string, person: Person): Promise<string>;
  /** Types the code in on the provider's page. */
  enterCode(url: string, userCode: string, person: Person): Promise<void>;
  /** Every token and code that was given out and is still known. */
  tokens(): string[];
  /** Forgets every grant: all tokens of everybody are void. */
  revokeAll(): void;
  close(): Promise<void>;
}

/** The provider's default store keeps everything in one place of the process; each of ours has its own. */
function memoryAdapter() {
  const kept = new Map<string, Record<string, unknown>>();
  class Adapter {
    readonly #model: string;
    constructor(model: string) {
      this.#model = model;
    }
    upsert(id: string, payload: Record<string, unknown>) {
      kept.set(`${this.#model}:${id}`, payload);
      return Promise.resolve();
    }
    find(id: string) {
      return Promise.resolve(kept.get(`${this.#model}:${id}`));
    }
    #by(field: string, value: string) {
      return Promise.resolve([...kept].find(([key, one]) => key.startsWith(`${this.#model}:`) && one[field] === value)?.[1]);
    }
    findByUserCode(code: string) {
      return this.#by('userCode', code);
    }
    findByUid(uid: string) {
      return this.#by('uid', uid);
    }
    consume(id: string) {
      const one = kept.get(`${this.#model}:${id}`);
      if (one) one['consumed'] = Math.floor(Date.now() / 1000);
      return Promise.resolve();
    }
    destroy(id: string) {
      kept.delete(`${this.#model}:${id}`);
      return Promise.resolve();
    }
    revokeByGrantId(grantId: string) {
      for (const [key, one] of kept) if (one['grantId'] === grantId) kept.delete(key);
      return Promise.resolve();
    }
  }
  const TOKEN = /^(?:AccessToken|RefreshToken|AuthorizationCode|DeviceCode):(.+)$/;
  const tokens = () => [...kept.keys()].flatMap((key) => TOKEN.exec(key)?.[1] ?? []);
  return { Adapter, tokens, clear: () => kept.clear() };
}

interface PageContext {
  body: string;
}
/** The provider's own pages tell on the console that they should be others. */
const DEVICE_PAGES = {
  enabled: true,
  userCodeInputSource: (page: PageContext, form: string) => void (page.body = form),
  userCodeConfirmSource: (page: PageContext, form: string) => void (page.body = form),
  successSource: (page: PageContext) => void (page.body = 'done'),
};

function configuration({ emails = {}, accessSeconds = 3600, deviceSeconds = 600 }: OidcOptions, adapter: unknown): object {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const emailOf = (account: string): string => emails[account] ?? `${account}@company.example`;
  return {
    adapter,
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'test' }] },
    cookies: { keys: ['test'] },
    clients: [
      {
        client_id: CLIENT_ID,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/holdover'],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      },
      { client_id: INTROSPECTION.id, client_secret: INTROSPECTION.secret, redirect_uris: [], response_types: [], grant_types: [] },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: (_ctx: unknown, account: string) => ({
      accountId: account,
      claims: () => ({ sub: account, email: emailOf(account), email_verified: true, preferred_username: account }),
    }),
    features: { devInteractions: { enabled: true }, deviceFlow: DEVICE_PAGES, introspection: { enabled: true, allowedPolicy: () => true } },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: accessSeconds,
      DeviceCode: deviceSeconds,
      RefreshToken: 86_400,
      Session: 3600,
      Grant: 86_400,
      Interaction: 600,
      IdToken: 3600,
    },
  };
}

/** Fetches as a browser does: with the cookies of this person, one redirect at a time. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async ask(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie },
      ...(form ? { body: new URLSearchParams(form) } : {}),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }
}

class OidcServer implements Oidc {
  readonly issuer: string;
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #kept: Pick<ReturnType<typeof memoryAdapter>, 'tokens' | 'clear'>;

  constructor(issuer: string, server: Server, kept: Pick<ReturnType<typeof memoryAdapter>, 'tokens' | 'clear'>) {
    this.issuer = issuer;
    this.#server = server;
    this.#kept = kept;
    server.on('connection', (socket: Socket) => this.#sockets.add(socket));
    server.on('request', ({ method, url }: IncomingMessage) => this.requests.push(`${method} ${url?.split('?')[0]}`));
  }

  get introspectionUrl(): string {
    const url = new URL(`${this.issuer}/token/introspection`);
    Object.assign(url, { username: INTROSPECTION.id, password: INTROSPECTION.secret });
    return url.href;
  }

  async browse(start: string, person: Person): Promise<string> {
    const browser = new Browser();
    return this.#follow(browser, await browser.ask(start), start, person);
  }

  async enterCode(url: string, userCode: string, person: Person): Promise<void> {
    const browser = new Browser();
    const page = await (await browser.ask(url)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const confirmed = await browser.ask(url, {
      xsrf,
      user_code: userCode,
      ...(person.agrees === false ? { abort: 'yes' } : { confirm: 'yes' }),
    });
    if (person.agrees !== false) await this.#follow(browser, confirmed, url, person);
  }

  tokens(): string[] {
    return this.#kept.tokens();
  }

  revokeAll(): void {
    this.#kept.clear();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Fills in the provider's forms until it sends elsewhere, or has nothing more to ask. */
  async #follow(browser: Browser, first: Response, start: string, { account, agrees = true }: Person): Promise<string> {
    let [answer, at] = [first, start];
    for (let step = 0; step < 20; step += 1) {
      const location = answer.headers.get('location');
      if (location !== null) {
        at = new URL(location, at).href;
        if (!at.startsWith(`${this.issuer}/`)) return at;
        answer = await browser.ask(at);
        continue;
      }
      const body = await answer.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(body)?.[1];
      if (answer.status !== 200 || prompt === undefined) return at;
      if (prompt === 'consent' && !agrees) answer = await browser.ask(`${at}/abort`);
      else answer = await browser.ask(at, { prompt, ...(prompt === 'login' ? { login: account, password: 'any' } : {}) });
    }
    throw new Error('the provider asks without end');
  }
}

/** The provider warns on the console that it is for development, at every start. */
async function quietly<T>(work: () => T): Promise<T> {
  const { info, warn } = console;
  Object.assign(console, { info: () => undefined, warn: () => undefined });
  try {
    return await work();
  } finally {
    Object.assign(console, { info, warn });
  }
}

export async function startOidc(options: OidcOptions = {}): Promise<Oidc> {
  const port = await freePort();
  const { tls } = options;
  const issuer = `${tls ? 'https' : 'http'}://localhost:${port}`;
  const { Adapter, ...kept } = memoryAdapter();
  const provider = await quietly(() => new Provider(issuer, configuration(options, Adapter)));
  const listener = provider.callback() as RequestListener;
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, listener) : createServer(listener);
  const oidc = new OidcServer(issuer, server as Server, kept);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return oidc;
}
