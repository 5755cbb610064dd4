import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CredentialProvider } from '../../main/engine/auth/credential-provider.ts';
import { logIn } from '../../main/engine/auth/log-in.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createImapGateway } from '../../main/engine/imap/imapflow-gateway.ts';
import type { Clock } from '../../main/engine/core/clock.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { accountConfigSchema, type Account, type Secret, type Service, type Side } from '../../shared/model/account.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import type { SecretStore } from '../../main/engine/secrets.ts';
import { startImapScript } from '../support/imap-script.ts';
import { tlsIdentity } from '../support/tls.ts';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

interface TokenRequest {
  readonly form: URLSearchParams;
  readonly contentType: string;
}

type Answer = (request: TokenRequest, nth: number, response: ServerResponse) => void;

interface Endpoint {
  readonly url: string;
  readonly requests: TokenRequest[];
}

/** A token endpoint on loopback that answers as the test says. */
async function endpoint(answer: Answer, tls?: ReturnType<typeof tlsIdentity>): Promise<Endpoint> {
  const requests: TokenRequest[] = [];
  const sockets = new Set<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { form: new URLSearchParams(Buffer.concat(chunks).toString()), contentType: request.headers['content-type'] ?? '' };
      requests.push(one);
      answer(one, requests.length, response);
    });
  };
  const server = tls ? createHttpsServer({ key: tls.key, cert: tls.cert }, listener) : createHttpServer(listener);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://localhost:${port}/token`, requests };
}

const grant = (response: ServerResponse, body: object): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const refuse = (status: number, body: string) => (_: TokenRequest, __: number, response: ServerResponse) =>
  void response.writeHead(status).end(body);

const NOW = Date.UTC(2025, 0, 1);
const clock: Clock = { ...systemClock, now: () => NOW };

function account(tokenEndpoint: string, more: { caFile?: string; scope?: string } = {}): Account {
  const { caFile, scope } = more;
  const auth = { type: 'oauth2' as const, mechanism: 'XOAUTH2' as const, tokenEndpoint, clientId: 'client-1', ...(scope ? { scope } : {}) };
  const endpointOf = (port: number) => ({
    host: 'localhost',
    port,
    security: 'tls' as const,
    user: 'alice',
    auth,
    ...(caFile ? { caFile } : {}),
  });
  const side = { imap: endpointOf(993), smtp: endpointOf(465) };
  return { id: asAccountId(1), config: accountConfigSchema.parse({ email: 'alice@example.com', primary: side, relay: side }) };
}

interface Kept extends SecretStore {
  readonly kept: Map<string, Secret>;
  readonly writes: string[];
}

function secrets(start: Record<string, Secret>): Kept {
  const kept = new Map(Object.entries(start));
  const writes: string[] = [];
  const key = (side: Side, service: Service) => `${side}:${service}`;
  return {
    kept,
    writes,
    get: (_, side, service) => Promise.resolve(kept.get(key(side, service)) ?? null),
    set: async (_, side, service, secret) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      kept.set(key(side, service), secret);
      writes.push(key(side, service));
    },
    delete: () => Promise.resolve(),
  };
}

const stale: Secret = {
  type: 'oauth2',
  refreshToken: 'refresh-1',
  accessToken: 'old',
  expiresAt: NOW + 60_000,
  clientSecret: 'client-secret',
};
const provider = (store: SecretStore) => new CredentialProvider({ secrets: store, clock });

describe('credentials', () => {
  it('of a password account are the password; submission falls back to the mailbox’s', async () => {
    const config = accountConfigSchema.parse({
      email: 'a@example.com',
      primary: {
        imap: { host: 'localhost', port: 993, security: 'tls', user: 'a' },
        smtp: { host: 'localhost', port: 465, security: 'tls', user: 'a' },
      },
    });
    const of = provider(secrets({ 'primary:imap': { type: 'password', password: 'pw' } }));
    expect(await of.get({ id: asAccountId(1), config }, 'primary', 'imap')).toEqual({ type: 'password', password: 'pw' });
    expect(await of.get({ id: asAccountId(1), config }, 'primary', 'smtp')).toEqual({ type: 'password', password: 'pw' });
    await expect(of.get({ id: asAccountId(1), config }, 'relay', 'imap')).rejects.toMatchObject({ code: 'config-invalid', side: 'relay' });
    await expect(provider(secrets({})).get({ id: asAccountId(1), config }, 'primary', 'imap')).rejects.toMatchObject({
      code: 'secret-missing',
      retry: 'ask',
      scope: 'account',
    });
    await expect(provider(secrets({ 'primary:imap': stale })).get({ id: asAccountId(1), config }, 'primary', 'imap')).rejects.toMatchObject(
      { code: 'config-invalid' },
    );
  });

  it('with a fresh token are given without asking', async () => {
    const server = await endpoint(() => undefined);
    const of = provider(secrets({ 'primary:imap': { ...stale, expiresAt: NOW + 3_600_000 } }));
    expect(await of.get(account(server.url), 'primary', 'imap')).toEqual({ type: 'token', mechanism: 'XOAUTH2', accessToken: 'old' });
    expect(server.requests).toEqual([]);
  });

  it('with a token near its end are renewed (RFC 6749 6), and stored before they are given', async () => {
    const server = await endpoint((_, __, response) =>
      grant(response, { access_token: 'new', token_type: 'Bearer', expires_in: '3600', refresh_token: 'refresh-2' }),
    );
    const store = secrets({ 'primary:imap': stale });
    expect(await provider(store).get(account(server.url, { scope: 'mail' }), 'primary', 'imap')).toMatchObject({ accessToken: 'new' });
    expect(Object.fromEntries(server.requests[0]?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
      client_id: 'client-1',
      client_secret: 'client-secret',
      scope: 'mail',
    });
    expect(server.requests[0]?.contentType).toBe('application/x-www-form-urlencoded');
    expect(store.kept.get('primary:imap')).toEqual({ ...stale, accessToken: 'new', refreshToken: 'refresh-2', expiresAt: NOW + 3_600_000 });
  });

  it('keep the refresh token where the endpoint gives no new one, and a short life where it tells none', async () => {
    const server = await endpoint((_, __, response) => grant(response, { access_token: 'new' }));
    const store = secrets({ 'primary:imap': { type: 'oauth2', refreshToken: 'refresh-1' } });
    await provider(store).get(account(server.url), 'primary', 'imap');
    expect(store.kept.get('primary:imap')).toEqual({
      type: 'oauth2',
      refreshToken: 'refresh-1',
      accessToken: 'new',
      expiresAt: NOW + 300_000,
    });
    expect(server.requests[0]?.form.has('client_secret')).toBe(false);
  });

  it('are renewed once for all who ask at the same time', async () => {
    const server = await endpoint((_, nth, response) =>
      setTimeout(() => grant(response, { access_token: `new-${nth}`, expires_in: 3600, refresh_token: `refresh-${nth + 1}` }), 30),
    );
    const store = secrets({ 'primary:imap': stale });
    const of = provider(store);
    const asked = await Promise.all([1, 2, 3, 4].map((n) => of.get(account(server.url), 'primary', n % 2 === 0 ? 'smtp' : 'imap')));
    expect(new Set(asked.map((one) => (one.type === 'token' ? one.accessToken : '')))).toEqual(new Set(['new-1']));
    expect(server.requests).toHaveLength(1);
    expect(store.writes).toEqual(['primary:imap']);
  });

  it('of the two sides are renewed apart', async () => {
    const server = await endpoint(({ form }, _, response) =>
      grant(response, { access_token: `for-${form.get('refresh_token')}`, expires_in: 3600 }),
    );
    const of = provider(secrets({ 'primary:imap': stale, 'relay:imap': { ...stale, refreshToken: 'relay-1' } }));
    const both = await Promise.all([of.get(account(server.url), 'primary', 'imap'), of.get(account(server.url), 'relay', 'imap')]);
    expect(both).toMatchObject([{ accessToken: 'for-refresh-1' }, { accessToken: 'for-relay-1' }]);
  });

  it('are renewed when a server refused the token, whatever its lifetime', async () => {
    const server = await endpoint((_, __, response) => grant(response, { access_token: 'new', expires_in: 3600 }));
    const of = provider(secrets({ 'primary:imap': { ...stale, expiresAt: NOW + 3_600_000 } }));
    const first = await of.get(account(server.url), 'primary', 'imap');
    of.reject(account(server.url), 'primary', 'imap', first);
    expect(await of.get(account(server.url), 'primary', 'imap')).toMatchObject({ accessToken: 'new' });
    expect(await of.get(account(server.url), 'primary', 'imap')).toMatchObject({ accessToken: 'new' });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [400, '{"error":"invalid_grant","error_description":"for alice@example.com"}', 'sign-in-needed', 'ask', 'invalid_grant'],
    [401, '{"error":"invalid_client"}', 'sign-in-needed', 'ask', 'invalid_client'],
    [400, '{"error":"temporarily_unavailable"}', 'token-refresh-failed', 'later', 'status 400 temporarily_unavailable'],
    [500, '{"error":"invalid_grant"}', 'token-refresh-failed', 'later', 'status 500 invalid_grant'],
    [429, 'slow down', 'token-refresh-failed', 'later', 'status 429'],
    [503, '<html>', 'token-refresh-failed', 'later', 'status 503'],
    [302, '', 'token-refresh-failed', 'later', 'status 302'],
    [200, 'not json', 'token-refresh-failed', 'later', 'answer without a token'],
    [200, '{"token_type":"Bearer"}', 'token-refresh-failed', 'later', 'answer without a token'],
    [200, '{"access_token":""}', 'token-refresh-failed', 'later', 'answer without a token'],
  ])('refused with %s %s: %s, retry %s', async (status, body, code, retry, detail) => {
    const server = await endpoint(refuse(status, body));
    const store = secrets({ 'primary:imap': stale });
    const of = provider(store);
    await expect(of.get(account(server.url), 'primary', 'imap')).rejects.toMatchObject({
      code,
      retry,
      detail,
      scope: 'account',
      side: 'primary',
    });
    expect(store.kept.get('primary:imap')).toEqual(stale);
    // One failure does not block the next try.
    await expect(of.get(account(server.url), 'primary', 'imap')).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(2);
  });

  it('fail for now when the endpoint cannot be reached, cuts off, or sends without end', async () => {
    const gone = await endpoint(() => undefined);
    for (const close of closers.splice(0)) await close();
    const store = secrets({ 'primary:imap': stale });
    await expect(provider(store).get(account(gone.url), 'primary', 'imap')).rejects.toMatchObject({
      code: 'token-refresh-failed',
      retry: 'later',
      detail: 'connect-refused',
    });
    const cut = await endpoint((_, __, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"access');
      response.destroy();
    });
    await expect(provider(store).get(account(cut.url), 'primary', 'imap')).rejects.toMatchObject({
      code: 'token-refresh-failed',
      retry: 'later',
    });
    const endless = await endpoint((_, __, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(timer));
    });
    await expect(provider(store).get(account(endless.url), 'primary', 'imap')).rejects.toMatchObject({
      code: 'token-refresh-failed',
      retry: 'later',
    });
  });

  it('are not sent to an endpoint that cannot prove who it is; the company’s own authority counts', async () => {
    const good = await endpoint((_, __, response) => grant(response, { access_token: 'new', expires_in: 3600 }), tlsIdentity('good'));
    const { caFile } = tlsIdentity();
    expect(await provider(secrets({ 'primary:imap': stale })).get(account(good.url, { caFile }), 'primary', 'imap')).toMatchObject({
      accessToken: 'new',
    });
    for (const [kind, detail] of [
      ['expired', 'tls-certificate-expired'],
      ['wrong-host', 'tls-certificate-wrong-host'],
      ['self-signed', 'tls-certificate-untrusted'],
      ['untrusted-ca', 'tls-certificate-untrusted'],
    ] as const) {
      const bad = await endpoint((_, __, response) => grant(response, { access_token: 'x' }), tlsIdentity(kind));
      await expect(provider(secrets({ 'primary:imap': stale })).get(account(bad.url, { caFile }), 'primary', 'imap')).rejects.toMatchObject(
        { code: 'token-refresh-failed', retry: 'ask', detail },
      );
      expect(bad.requests).toEqual([]);
    }
  });

  it('log in: a token that the server refuses is renewed, once, and tried again', async () => {
    const script = await startImapScript({ tokens: { alice: 'token-1' } });
    closers.push(() => script.close());
    const server = await endpoint((_, nth, response) => grant(response, { access_token: `token-${nth}`, expires_in: 3600 }));
    const imap = createImapGateway({ clock: systemClock, log: silentLog });
    const fresh = { ...stale, expiresAt: NOW + 3_600_000 };
    const of = account(server.url);
    const plain = { ...of.config.primary.imap, host: '127.0.0.1', port: script.port, security: 'plain' as const };
    const own: Account = { ...of, config: { ...of.config, primary: { ...of.config.primary, imap: plain }, relay: null } };
    const session = await logIn({ imap, credentials: provider(secrets({ 'primary:imap': fresh })) }, own, 'primary');
    expect(session.isOpen).toBe(true);
    await session.close();
    expect(server.requests).toHaveLength(1);
    // Refused again: no third try.
    await expect(logIn({ imap, credentials: provider(secrets({ 'primary:imap': fresh })) }, own, 'primary')).rejects.toMatchObject({
      code: 'auth-rejected',
    });
    expect(server.requests).toHaveLength(2);
    await expect(logIn({ imap, credentials: provider(secrets({})) }, own, 'relay')).rejects.toMatchObject({ code: 'config-invalid' });
  });
});
