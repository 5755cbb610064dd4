import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
/** Those that the script names. */
let connect: ProxyServerOfTests;
let socks: ProxyServerOfTests;
let folder: string;
let app: RunningApp;

const put = (network: object): void => writeFileSync(path.join(folder, 'policies.json'), JSON.stringify({ network }), { mode: 0o644 });
const secret = { type: 'password', password: 'pw-alice' };

/** How far a log-in gets, as the enrolment tells it. */
async function logIn(host = HOST): Promise<string> {
  const imap = { host, port: server.imapsPort, security: 'tls', user: 'alice', caFile: identity.caFile };
  const config = accountConfigSchema.parse({ email: 'alice@example.org', primary: { imap, smtp: null } });
  const steps = await value(app.call('enrol.test', { config, secrets: accountSecretsSchema.parse({ primary: { imap: secret } }) }));
  return steps.find(({ error }) => error !== null)?.error?.code ?? steps.at(-1)?.status ?? 'nothing';
}

beforeAll(async () => {
  [server, fixed, ofSystem, connect, socks] = await Promise.all([
    startDovecot({ tls: identity }),
    startSocksProxy(),
    startConnectProxy(),
    startConnectProxy(),
    startSocksProxy(),
  ]);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-proxy-'));
  put({ proxy: fixed.url });
  const env = { HOLDOVER_TEST_POLICY: path.join(folder, 'policies.json'), https_proxy: ofSystem.url, no_proxy: '' };
  app = await startApp({ env });
});
afterAll(async () => {
  await app.dispose();
  await Promise.all([server.dispose(), fixed.close(), ofSystem.close(), connect.close(), socks.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** The system has a proxy script from now on, in place of what the environment says. */
async function setScript(): Promise<void> {
  // By name alone: nothing that would have to look one up.
  const script = `function FindProxyForURL(url, host) {
    if (dnsDomainIs(host, '.direct.example')) return 'DIRECT';
    if (shExpMatch(host, '*.other.example')) return 'SOCKS5 127.0.0.1:${socks.port}';
    if (host === '${HOST}') return 'PROXY 127.0.0.1:${connect.port}';
    if (shExpMatch(host, '*.listed.example')) return 'PROXY 127.0.0.1:9; SOCKS5 127.0.0.1:${socks.port}; DIRECT';
    if (host === 'old.example') return 'SOCKS4 127.0.0.1:9';
    return 'PROXY 127.0.0.1:9';
  }`;
  // What Chromium fetches by itself it does not get: no name is looked up for it.
  const pacScript = `data:application/x-ns-proxy-autoconfig;base64,${Buffer.from(script).toString('base64')}`;
  await app.electron.evaluate(
    ({ app: electronApp }, address) => electronApp.setProxy({ mode: 'pac_script', pacScript: address }),
    pacScript,
  );
}

it('a server is reached through the proxy that the policy names, or that the system has, and not without one', async () => {
  const place = `${HOST}:${server.imapsPort}`;
  expect(await logIn()).toBe('ok');
  expect([fixed.asked, ofSystem.asked]).toEqual([[place], []]);

  put({ proxy: 'system' });
  await expect.poll(async () => [await logIn(), ofSystem.asked.includes(place)], { timeout: 20_000 }).toEqual(['ok', true]);

  put({ proxy: fixed.url, proxyBypass: ['*.example.org'] });
  await expect.poll(() => logIn(), { timeout: 20_000 }).toBe('dns-failed');

  put({ proxy: fixed.url });
  fixed.mood = 'wants-log-in';
  await expect.poll(() => logIn(), { timeout: 20_000 }).toBe('proxy-refused');
});

describe('a script of the system', () => {
  it("that goes by the server's name is obeyed, name by name", async () => {
    await setScript();
    put({ proxy: 'system' });
    await expect.poll(() => logIn(), { timeout: 20_000 }).toBe('ok');
    const places = [...connect.asked];
    expect([new Set(places), socks.asked]).toEqual([new Set([`${HOST}:${server.imapsPort}`]), []]);

    // The proxy has every name lead here; the certificate is for another.
    expect(await logIn('mail.other.example')).toBe('tls-certificate-wrong-host');
    expect([connect.asked, socks.asked]).toEqual([places, [`mail.other.example:${server.imapsPort}`]]);

    expect(await logIn('mail.direct.example')).toBe('dns-failed');
    expect(await logIn('mail.elsewhere.example')).toBe('proxy-unreachable');
    expect([connect.asked.length, socks.asked.length]).toEqual([places.length, 1]);
  });

  it('may name several ways: the next is taken when a proxy cannot be reached', async () => {
    const before = [...socks.asked];
    expect(await logIn('mail.listed.example')).toBe('tls-certificate-wrong-host');
    expect(socks.asked).toEqual([...before, `mail.listed.example:${server.imapsPort}`]);
  });

  it('may name what is not known here: that is told, and not gone past', async () => {
    expect(await logIn('old.example')).toBe('proxy-unreachable');
  });
});
