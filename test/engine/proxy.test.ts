import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { ProxyFinder, ProxyWay } from '../../main/engine/core/proxy/proxy-finder.ts';
import { viaProxies } from '../../main/engine/core/proxy/through-proxy.ts';
import { request } from 'node:https';
import { createImapGateway } from '../../main/engine/imap/imapflow-gateway.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { limits } from '../../shared/limits.ts';
import type { Endpoint } from '../../shared/model/account.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { failureCodeOf } from '../support/error-code.ts';
import { mailOf } from '../support/submit-rig.ts';
import { startConnectProxy, startSocksProxy, type ProxyServerOfTests } from '../support/proxy-server.ts';
import { freePort } from '../support/ports.ts';
import { openSilentPort } from '../support/silent-port.ts';
import { tlsIdentity } from '../support/tls.ts';

/** A name that only the proxy can look up, and that this certificate is for. */
const HOST = 'mail.example.org';
const { caFile, key, cert } = tlsIdentity('wrong-host');
const PASSWORD = { type: 'password', password: 'pw-alice' } as const;
const QUICK = { connectTimeoutMs: 400 };

let dovecot: Dovecot;
let smtp: SMTPServer;
let smtpPort: number;
const received: string[] = [];
let proxy: ProxyServerOfTests;

const finder = ({ url, port }: { url: string; port: number }): ProxyFinder => ({
  find: () => Promise.resolve([{ scheme: url.startsWith('socks5') ? 'socks5' : 'http', host: '127.0.0.1', port }]),
});
const imapAt = (changes: Partial<Endpoint> = {}): Endpoint => ({
  ...{ host: HOST, port: dovecot.imapsPort, security: 'tls', user: 'alice', auth: { type: 'password' }, caFile },
  ...changes,
});
const logIn = async (endpoint: Endpoint, proxies: ProxyFinder, times = {}): Promise<string[]> => {
  const session = await createImapGateway({ clock: systemClock, log: silentLog, proxies, times }).connect(endpoint, PASSWORD, {
    side: 'primary',
  });
  try {
    return (await session.list()).map(({ path }) => path);
  } finally {
    await session.close();
  }
};

beforeAll(async () => {
  dovecot = await startDovecot({ tls: tlsIdentity('wrong-host') });
  smtp = new SMTPServer({
    ...{ key, cert, hideSTARTTLS: false, logger: false },
    onAuth: ({ password }, _session, done) => done(null, password === PASSWORD.password ? { user: 'alice' } : undefined),
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => (received.push(text), done()));
    },
  });
  smtpPort = await freePort();
  await new Promise<void>((resolve) => smtp.listen(smtpPort, '127.0.0.1', resolve));
});
afterEach(() => proxy.close());
afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(resolve));
  await dovecot.dispose();
});

function outgoing() {
  const raw = mailOf('through the proxy\r\n');
  return { raw, sizeBytes: raw.length, from: 'alice@example.com', to: ['bob@example.com'] };
}

describe.each([
  ['CONNECT', startConnectProxy],
  ['SOCKS 5', startSocksProxy],
] as const)('a %s proxy', (_name, start) => {
  it('is the way to mailboxes, and looks the name up', async () => {
    proxy = await start();
    expect(await logIn(imapAt(), finder(proxy))).toContain('INBOX');
    expect(await logIn(imapAt({ security: 'starttls', port: dovecot.imapPort }), finder(proxy))).toContain('INBOX');
    expect(proxy.asked).toEqual([`${HOST}:${dovecot.imapsPort}`, `${HOST}:${dovecot.imapPort}`]);
  });

  it('is the way of outgoing mail, with STARTTLS as without one', async () => {
    proxy = await start();
    received.length = 0;
    const gateway = createSmtpGateway({ proxies: finder(proxy) });
    const endpoint = imapAt({ security: 'starttls', port: smtpPort });
    const result = await gateway.submit(endpoint, PASSWORD, outgoing(), { side: 'primary', onPhase: () => undefined });
    expect(result).toMatchObject({ verdict: 'accepted', error: null });
    expect(received).toEqual([expect.stringContaining('through the proxy')]);
    expect(proxy.asked).toEqual([`${HOST}:${smtpPort}`]);
  });

  it('cannot stand in for the server: the certificate has to be for the name that was asked for', async () => {
    proxy = await start();
    for (const [security, port] of [
      ['tls', dovecot.imapsPort],
      ['starttls', dovecot.imapPort],
    ] as const) {
      const stranger = imapAt({ host: 'mail.company.example', security, port });
      expect(await failureCodeOf(() => logIn(stranger, finder(proxy)))).toBe('tls-certificate-wrong-host');
    }
    const smtpGateway = createSmtpGateway({ proxies: finder(proxy) });
    const stranger = imapAt({ host: 'mail.company.example', security: 'starttls', port: smtpPort });
    expect(await failureCodeOf(() => smtpGateway.verify(stranger, PASSWORD, { side: 'relay' }))).toBe('tls-certificate-wrong-host');
  });

  it('is named as what is wrong where it is', async () => {
    proxy = await start();
    const smtpGateway = createSmtpGateway({ proxies: finder(proxy), times: { connectMs: 400 } });
    const endpoint = imapAt({ security: 'starttls', port: smtpPort });
    const verify = () => smtpGateway.verify(endpoint, PASSWORD, { side: 'relay' });
    const submit = () => smtpGateway.submit(endpoint, PASSWORD, outgoing(), { side: 'relay', onPhase: () => undefined });
    const moods = {
      'wants-log-in': 'proxy-refused',
      forbids: 'proxy-refused',
      'finds-nothing': 'proxy-cannot-reach',
      silent: 'proxy-unreachable',
    };
    for (const [mood, code] of Object.entries(moods)) {
      proxy.mood = mood as keyof typeof moods;
      expect([mood, await failureCodeOf(() => logIn(imapAt(), finder(proxy), QUICK))]).toEqual([mood, code]);
      expect([mood, await failureCodeOf(verify)]).toEqual([mood, code]);
      expect([mood, (await submit()).error?.code]).toEqual([mood, code]);
    }
    await proxy.close();
    expect(await failureCodeOf(() => logIn(imapAt(), finder(proxy)))).toBe('proxy-unreachable');
    expect(await failureCodeOf(() => verify())).toBe('proxy-unreachable');
  });

  it('is taken where those before it in a list cannot be reached or are silent, for mailboxes and outgoing mail', async () => {
    proxy = await start();
    const silent = await startConnectProxy();
    silent.mood = 'silent';
    const [{ scheme, host }] = (await finder(proxy).find(HOST, 993)) as [ProxyWay];
    const before: readonly ProxyWay[] = [
      { scheme: 'socks5', host: '127.0.0.1', port: await freePort() },
      { scheme: 'http', host: '127.0.0.1', port: silent.port },
    ];
    const list = (...ways: (ProxyWay | null)[]): ProxyFinder => ({ find: () => Promise.resolve(ways) });
    try {
      const good = list(...before, { scheme, host, port: proxy.port });
      expect(await logIn(imapAt(), good, { connectTimeoutMs: 2_000 })).toContain('INBOX');
      const smtpAt = imapAt({ security: 'starttls', port: smtpPort });
      await createSmtpGateway({ proxies: good, times: { connectMs: 2_000 } }).verify(smtpAt, PASSWORD, { side: 'relay' });
      expect(proxy.asked).toEqual([`${HOST}:${dovecot.imapsPort}`, `${HOST}:${smtpPort}`]);
      expect(silent.asked).toEqual(proxy.asked);
      // A name that only a proxy knows: the direct way ends at it, and is gone where the list says so alone.
      expect(await failureCodeOf(() => logIn(imapAt(), list(...before, null), QUICK))).toBe('dns-failed');
      expect(await failureCodeOf(() => logIn(imapAt(), list(...before), QUICK))).toBe('proxy-unreachable');
      proxy.mood = 'forbids';
      const refused = list({ scheme, host, port: proxy.port }, null);
      expect(await failureCodeOf(() => logIn(imapAt(), refused, QUICK))).toBe('proxy-refused');
    } finally {
      await silent.close();
    }
  });

  it('is reached within a probe where one before it does not even take the connection', async () => {
    proxy = await start();
    const [{ scheme, host }] = (await finder(proxy).find(HOST, 993)) as [ProxyWay];
    const deadPort = await freePort();
    const dead = await openSilentPort(deadPort);
    try {
      const ways: readonly ProxyWay[] = [
        { scheme: 'http', host: '::1', port: deadPort },
        { scheme, host, port: proxy.port },
      ];
      const startedAt = performance.now();
      expect(await logIn(imapAt(), { find: () => Promise.resolve(ways) })).toContain('INBOX');
      // Its share of the time would be half of what a connection has.
      expect(performance.now() - startedAt).toBeLessThan(0.4 * limits.connectTimeoutMs);
    } finally {
      await dead.close();
    }
  });

  it('is the way of what is fetched over https', async () => {
    proxy = await start();
    const server = createServer({ key, cert }, (_asked, answer) => answer.end('from behind'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (host: string) =>
      new Promise<string>((resolve, reject) => {
        const asked = request(
          `https://${host}:${port}/`,
          viaProxies(finder(proxy), { tls: { ca: [tlsIdentity('wrong-host').ca] } }),
          (answer) => {
            answer.on('data', (chunk: Buffer) => resolve(chunk.toString()));
          },
        );
        asked.on('error', reject);
        asked.end();
      });
    try {
      expect(await ask(HOST)).toBe('from behind');
      expect(proxy.asked).toEqual([`${HOST}:${port}`]);
      await expect(ask('files.company.example')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    } finally {
      server.close();
    }
  });
});
