import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { EngineLink } from '../../main/app/engine-link.ts';
import { EngineHost } from '../../main/engine/engine-host.ts';
import { MailError } from '../../shared/errors.ts';
import type { AppToEngine } from '../../shared/ipc/app-to-engine.ts';
import type { ConnectionStep } from '../../shared/model/sync.ts';
import { startImapScript } from '../support/imap-script.ts';
import { memorySecrets } from '../support/memory-secrets.ts';
import { startOidc } from '../support/oidc.ts';
import { authAt, EMAIL } from '../support/sign-in-rig.ts';
import { startSmtpScript } from '../support/smtp-script.ts';
import { tlsIdentity } from '../support/tls.ts';

const company = tlsIdentity('good');
let link: EngineLink;
/** What the policy says. */
let caFile: string | undefined;
const closers: (() => unknown)[] = [];

/** App and engine as they talk, in one process. */
beforeAll(async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdover-company-ca-'));
  closers.push(() => rmSync(dir, { recursive: true, force: true }));
  let toEngine: (message: AppToEngine) => void = () => undefined;
  let toApp: (message: unknown) => void = () => undefined;
  const onStopped = vi.fn();
  new EngineHost({ send: (message) => toApp(message), onMessage: (listener) => (toEngine = listener) }, onStopped).listen();
  const onReady = vi.fn();
  const nothing = () => undefined;
  link = new EngineLink({
    port: { send: (message) => toEngine(message), onMessage: (listener) => (toApp = listener) },
    listener: { onReady, onFailed: nothing, onStopped: nothing, onStoreHealth: nothing, onEvent: nothing },
    secrets: memorySecrets(),
    log: { write: nothing },
    findWay: () => Promise.resolve({ ways: [null], caFile }),
  });
  link.send({ type: 'start', profileDir: dir, storeKey: new Uint8Array(32).fill(7), locale: 'en', mayCreate: true });
  await vi.waitFor(() => expect(onReady).toHaveBeenCalled(), { timeout: 30_000 });
  closers.push(async () => {
    link.send({ type: 'stop' });
    await vi.waitFor(() => expect(onStopped).toHaveBeenCalled(), { timeout: 30_000 });
  });
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});
beforeEach(() => {
  caFile = undefined;
});

it.each(['implicit', 'starttls'] as const)('an account that names no authority trusts the one of the policy: %s', async (mode) => {
  const tls = { identity: company, mode };
  const [imap, smtp] = [await startImapScript({ tls }), await startSmtpScript({ tls })];
  closers.push(() => Promise.all([imap.close(), smtp.close()]));
  const at = (port: number) => ({ host: 'localhost', port, security: mode === 'implicit' ? 'tls' : 'starttls', user: 'alice' });
  const config = { email: EMAIL, primary: { imap: at(imap.port), smtp: at(smtp.port) } };
  const secrets = { primary: { imap: { type: 'password', password: 'secret' } }, relay: null };
  const codes = async () => {
    const steps = (await link.call('enrol.test', [{ config, secrets }] as never, 60_000)) as ConnectionStep[];
    return new Set(steps.flatMap(({ error }) => (error ? [error.code] : [])));
  };
  expect(await codes()).toEqual(new Set(['tls-certificate-untrusted']));
  caFile = company.caFile;
  expect(await codes()).not.toContain('tls-certificate-untrusted');
  expect(imap.commands.some(({ name, isSecure }) => /^(LOGIN|AUTHENTICATE)$/u.test(name) && isSecure)).toBe(true);
  expect(smtp.commands.some(({ name, isSecure }) => name === 'AUTH' && isSecure)).toBe(true);

  // One that names its own is not asked again whom it trusts.
  caFile = '/nowhere/ca.pem';
  expect(await codes()).toEqual(new Set(['ca-file-unreadable']));
  Object.assign(config.primary.imap, { caFile: company.caFile });
  Object.assign(config.primary.smtp, { caFile: company.caFile });
  expect(await codes()).not.toContain('ca-file-unreadable');
});

it('its sign-in does so, too', async () => {
  const oidc = await startOidc({ tls: company });
  closers.push(() => oidc.close());
  const imap = { host: 'imap.company.example', port: 993, security: 'tls', user: EMAIL, auth: authAt(oidc.issuer) };
  const of = { config: { email: EMAIL, primary: { imap, smtp: null } } };
  const begin = () => link.call('signIn.begin', [{ of, side: 'primary', flow: 'browser', language: 'en' }] as never, 60_000);
  await expect(begin()).rejects.toMatchObject({ code: 'tls-certificate-untrusted' });
  caFile = company.caFile;
  expect(await begin()).toMatchObject({ phase: 'waiting' });
});

it('and so does the renewal of its tokens', async () => {
  const asked: string[] = [];
  const server = createServer({ key: company.key, cert: company.cert }, (request, response) => {
    asked.push(request.url ?? '');
    response.end(JSON.stringify({ access_token: 'new', expires_in: 3600 }));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  closers.push(() => server.close());
  const imapServer = await startImapScript();
  closers.push(() => imapServer.close());
  const tokenEndpoint = `https://localhost:${(server.address() as AddressInfo).port}/token`;
  const auth = { type: 'oauth2', clientId: 'client', tokenEndpoint };
  const imap = { host: '127.0.0.1', port: imapServer.port, security: 'plain', user: EMAIL, auth };
  const config = { email: EMAIL, primary: { imap, smtp: null } };
  const secrets = { primary: { imap: { type: 'oauth2', refreshToken: 'old' } }, relay: null };
  const test = () => link.call('enrol.test', [{ config, secrets }] as never, 60_000).catch((error: unknown) => (error as MailError).code);
  await test();
  expect(asked).toEqual([]);
  caFile = company.caFile;
  await test();
  expect(asked).toEqual(['/token']);
});
