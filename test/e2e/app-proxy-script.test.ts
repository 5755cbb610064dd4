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
let connect: ProxyServerOfTests;
let socks: ProxyServerOfTests;
let folder: string;
let app: RunningApp;

/** How far a log-in gets, as the enrolment tells it. */
async function logIn(host: string, port: number): Promise<string> {
  const imap = { host, port, security: 'tls', user: 'alice', caFile: identity.caFile };
  const config = accountConfigSchema.parse({ email: 'alice@example.org', primary: { imap, smtp: null } });
  const secrets = accountSecretsSchema.parse({ primary: { imap: { type: 'password', password: 'pw-alice' } } });
  const steps = await value(app.call('enrol.test', { config, secrets }));
  return steps.find(({ error }) => error !== null)?.error?.code ?? steps.at(-1)?.status ?? 'nothing';
}

beforeAll(async () => {
  [server, connect, socks] = await Promise.all([startDovecot({ tls: identity }), startConnectProxy(), startSocksProxy()]);
  // By name alone: nothing that would have to look one up.
  const script = `function FindProxyForURL(url, host) {
    if (dnsDomainIs(host, '.direct.example')) return 'DIRECT';
    if (shExpMatch(host, '*.other.example')) return 'SOCKS5 127.0.0.1:${socks.port}';
    if (host === '${HOST}') return 'PROXY 127.0.0.1:${connect.port}';
    if (shExpMatch(host, '*.listed.example')) return 'PROXY 127.0.0.1:9; SOCKS5 127.0.0.1:${socks.port}; DIRECT';
    if (host === 'old.example') return 'SOCKS4 127.0.0.1:9';
    return 'PROXY 127.0.0.1:9';
  }`;
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-proxy-script-'));
  const policy = path.join(folder, 'policies.json');
  writeFileSync(policy, JSON.stringify({ network: { proxy: 'system' } }), { mode: 0o644 });
  // What Chromium fetches by itself it does not get: no name is looked up for it.
  const address = `data:application/x-ns-proxy-autoconfig;base64,${Buffer.from(script).toString('base64')}`;
  app = await startApp({ env: { HOLDOVER_TEST_POLICY: policy, auto_proxy: address, no_proxy: '' } });
});
afterAll(async () => {
  await app.dispose();
  await Promise.all([server.dispose(), connect.close(), socks.close()]);
  rmSync(folder, { recursive: true, force: true });
});

it("a script of the system that goes by the server's name is obeyed, name by name", async () => {
  const port = server.imapsPort;
  expect(await logIn(HOST, port)).toBe('ok');
  expect([connect.asked, socks.asked]).toEqual([[`${HOST}:${port}`], []]);

  // The proxy has every name lead here; the certificate is for another.
  expect(await logIn('mail.other.example', port)).toBe('tls-certificate-wrong-host');
  expect([connect.asked.length, socks.asked]).toEqual([1, [`mail.other.example:${port}`]]);

  expect(await logIn('mail.direct.example', port)).toBe('dns-failed');
  expect(await logIn('mail.elsewhere.example', port)).toBe('proxy-unreachable');
  expect([connect.asked.length, socks.asked.length]).toEqual([1, 1]);
});

it('where a script names several ways, the next is taken when a proxy cannot be reached', async () => {
  const before = [...socks.asked];
  expect(await logIn('mail.listed.example', server.imapsPort)).toBe('tls-certificate-wrong-host');
  expect(socks.asked).toEqual([...before, `mail.listed.example:${server.imapsPort}`]);
});

it('what it names that is not known here is told, and not gone past', async () => {
  expect(await logIn('old.example', server.imapsPort)).toBe('proxy-unreachable');
});
