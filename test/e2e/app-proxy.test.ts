import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accountConfigSchema } from '../../shared/model/account.ts';
import { accountSecretsSchema } from '../../shared/model/enrolment-file.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { startConnectProxy, startSocksProxy, type ProxyServerOfTests } from '../support/proxy-server.ts';
import { tlsIdentity } from '../support/tls.ts';
import { value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

/** Known to nobody but the proxies of this test. */
const HOST = 'mail.example.org';
const identity = tlsIdentity('wrong-host');
let server: Dovecot;
let fixed: ProxyServerOfTests;
let ofSystem: ProxyServerOfTests;
let folder: string;
let app: RunningApp;

const put = (network: object): void => writeFileSync(path.join(folder, 'policies.json'), JSON.stringify({ network }), { mode: 0o644 });
const secret = { type: 'password', password: 'pw-alice' };

/** How far a log-in gets, as the enrolment tells it. */
async function logIn(): Promise<string> {
  const imap = { host: HOST, port: server.imapsPort, security: 'tls', user: 'alice', caFile: identity.caFile };
  const config = accountConfigSchema.parse({ email: 'alice@example.org', primary: { imap, smtp: null } });
  const steps = await value(app.call('enrol.test', { config, secrets: accountSecretsSchema.parse({ primary: { imap: secret } }) }));
  return steps.find(({ error }) => error !== null)?.error?.code ?? steps.at(-1)?.status ?? 'nothing';
}

beforeAll(async () => {
  [server, fixed, ofSystem] = await Promise.all([startDovecot({ tls: identity }), startSocksProxy(), startConnectProxy()]);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-proxy-'));
  put({ proxy: fixed.url });
  const env = { HOLDOVER_TEST_POLICY: path.join(folder, 'policies.json'), https_proxy: ofSystem.url, no_proxy: '' };
  app = await startApp({ env });
});
afterAll(async () => {
  await app.dispose();
  await Promise.all([server.dispose(), fixed.close(), ofSystem.close()]);
  rmSync(folder, { recursive: true, force: true });
});

it('a server is reached through the proxy that the policy names, or that the system has, and not without one', async () => {
  const place = `${HOST}:${server.imapsPort}`;
  expect(await logIn()).toBe('ok');
  expect([fixed.asked, ofSystem.asked]).toEqual([[place], []]);

  put({ proxy: 'system' });
  await expect.poll(async () => [await logIn(), ofSystem.asked.includes(place)], { timeout: 20_000 }).toEqual(['ok', true]);

  put({ proxy: fixed.url, proxyBypass: ['*.example.org'] });
  await expect.poll(logIn, { timeout: 20_000 }).toBe('dns-failed');

  put({ proxy: fixed.url });
  fixed.mood = 'wants-log-in';
  await expect.poll(logIn, { timeout: 20_000 }).toBe('proxy-refused');
});
