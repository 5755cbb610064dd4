import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { proxyUnknown, type ProxyFinder, type Ways } from '../../main/engine/core/proxy/proxy-finder.ts';
import { discover, type DiscoverParts } from '../../main/engine/enrol/discover.ts';
import { startConnectProxy } from '../support/proxy-server.ts';
import { tlsIdentity } from '../support/tls.ts';

const EMAIL = 'jane.doe@firm.example';
const PROVIDER = 'https://autoconfig.firm.example/mail/config-v1.1.xml';
const WELL_KNOWN = 'https://firm.example/.well-known/autoconfig/mail/config-v1.1.xml';

const file = (servers: string) =>
  `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="firm.example">${servers}</emailProvider></clientConfig>`;
const server = (kind: 'incoming' | 'outgoing', type: string, fields: Record<string, string>) =>
  `<${kind}Server type="${type}">${Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</${kind}Server>`;
const imap = { hostname: 'imap.firm.example', port: '993', socketType: 'SSL', username: '%EMAILADDRESS%' };
const smtp = { hostname: 'smtp.%EMAILDOMAIN%', port: '587', socketType: 'STARTTLS', username: '%EMAILLOCALPART%' };
const both = file(server('incoming', 'imap', imap) + server('outgoing', 'smtp', smtp));

const missing = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A real web server that stands for every host; requests are recorded with the host they were meant for. */
async function web(answer: (url: URL, response: ServerResponse) => void): Promise<{ parts: Partial<DiscoverParts>; asked: string[] }> {
  const asked: string[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(String(request.headers['x-meant-for']));
    asked.push(url.href);
    answer(url, response);
  };
  const http = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  closers.push(() => {
    http.closeAllConnections();
    http.close();
  });
  const port = (http.address() as AddressInfo).port;
  const parts: Partial<DiscoverParts> = {
    fetch: (url, init) => fetch(`http://127.0.0.1:${port}/`, { ...init, headers: { ...init.headers, 'x-meant-for': url } }),
    resolveSrv: missing,
    lookup: missing,
  };
  return { parts, asked };
}

const notFound = (_url: URL, response: ServerResponse) => void response.writeHead(404).end();
const serving = (prefix: string, body: string) => (url: URL, response: ServerResponse) =>
  void (url.href.startsWith(prefix) ? response.end(body) : response.writeHead(404).end());

describe('autoconfiguration files', () => {
  it('takes the servers of the provider file and fills in the address', async () => {
    const { parts } = await web(serving(PROVIDER, both));
    const found = await discover(EMAIL, parts);
    expect(found.imap).toEqual([
      { host: 'imap.firm.example', port: 993, security: 'tls', user: EMAIL, auth: 'password', source: 'autoconfig' },
    ]);
    expect(found.smtp).toEqual([
      { host: 'smtp.firm.example', port: 587, security: 'starttls', user: 'jane.doe', auth: 'password', source: 'autoconfig' },
    ]);
    expect(found.tried).toContainEqual({ what: PROVIDER, status: 'found' });
    expect(found.tried).toContainEqual({ what: WELL_KNOWN, status: 'nothing' });
  });

  it('takes the well-known file of the domain', async () => {
    const { parts } = await web(serving(WELL_KNOWN, both));
    expect((await discover(EMAIL, parts)).imap[0]?.source).toBe('autoconfig-well-known');
  });

  it('tells the local part to the host whose format asks for it and to no other', async () => {
    const { parts, asked } = await web(notFound);
    const found = await discover(EMAIL, parts);
    expect(asked.toSorted()).toEqual([`${PROVIDER}?emailaddress=jane.doe%40firm.example`, WELL_KNOWN]);
    expect(JSON.stringify(found.tried)).not.toContain('jane');
  });

  it('follows a redirect to https and none to http', async () => {
    const redirect = (target: string) => (url: URL, response: ServerResponse) => {
      if (url.href === WELL_KNOWN) response.writeHead(302, { location: target }).end();
      else if (url.host === 'other.example') response.end(both);
      else response.writeHead(404).end();
    };
    const good = await web(redirect('https://other.example/file.xml'));
    expect((await discover(EMAIL, good.parts)).imap).toHaveLength(1);
    const bad = await web(redirect('http://other.example/file.xml'));
    const found = await discover(EMAIL, bad.parts);
    expect(found.imap).toEqual([]);
    expect(found.tried).toContainEqual({ what: WELL_KNOWN, status: 'failed' });
    expect(bad.asked.some((url) => url.startsWith('http:'))).toBe(false);
  });

  it('gives up on endless redirects, endless bodies, errors and nonsense', async () => {
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(302, { location: WELL_KNOWN }).end(),
      (response) => response.end('x'.repeat(65 * 1024)),
      (response) => response.writeHead(500).end(),
      (response) => response.end('<html></html>'),
      (response) => response.end('not xml <'),
      (response) => response.end(Buffer.from([0xff, 0xfe, 0x00])),
      (response) => response.end('<a>'.repeat(20_000)),
      (response) => response.socket?.destroy(),
      (response) => response.end(`<!DOCTYPE x [<!ENTITY a "b">]>${both}`),
    ];
    for (const give of answers) {
      const { parts } = await web((url, response) => (url.href === WELL_KNOWN ? give(response) : notFound(url, response)));
      const found = await discover(EMAIL, parts);
      expect(found.imap).toEqual([]);
      expect(found.tried).toContainEqual({ what: WELL_KNOWN, status: 'failed' });
    }
  });

  it.each([
    ['POP server', server('incoming', 'pop3', imap)],
    ['clear text', server('incoming', 'imap', { ...imap, socketType: 'plain' })],
    ['no port', server('incoming', 'imap', { ...imap, port: '0' })],
    ['large port', server('incoming', 'imap', { ...imap, port: '70000' })],
    ['host with a path', server('incoming', 'imap', { ...imap, hostname: 'evil/../x' })],
    ['host with a line break', server('incoming', 'imap', { ...imap, hostname: 'a&#10;b' })],
    ['user with a line break', server('incoming', 'imap', { ...imap, username: 'a&#13;&#10;b' })],
    ['login that we cannot do', server('incoming', 'imap', { ...imap, authentication: 'GSSAPI' })],
    ['no host', server('incoming', 'imap', { port: '993', socketType: 'SSL' })],
  ])('leaves out a server that must not be proposed: %s', async (_name, xml) => {
    const { parts } = await web(serving(PROVIDER, file(xml)));
    const found = await discover(EMAIL, parts);
    expect(found.imap).toEqual([]);
    expect(found.tried).toContainEqual({ what: PROVIDER, status: 'nothing' });
  });

  it('takes OAuth2 where the file puts it first', async () => {
    const xml = server('incoming', 'imap', { ...imap, authentication: 'OAuth2' });
    const { parts } = await web(serving(PROVIDER, file(xml)));
    expect((await discover(EMAIL, parts)).imap[0]?.auth).toBe('oauth2');
  });

  it('is done after five seconds with a server that never answers', async () => {
    const { parts } = await web(() => undefined);
    let now = 0;
    const timers: { at: number; run: () => void }[] = [];
    const clock = {
      now: () => now,
      monotonic: () => now,
      sleep: () => Promise.resolve(),
      after: (ms: number, run: () => void) => {
        timers.push({ at: now + ms, run });
        return () => undefined;
      },
    };
    const pending = discover(EMAIL, { ...parts, clock });
    await new Promise((resolve) => setTimeout(resolve, 50));
    now = 5_000;
    timers.filter((timer) => timer.at <= now).forEach((timer) => timer.run());
    expect((await pending).tried).toContainEqual({ what: WELL_KNOWN, status: 'failed' });
  });
});

describe('SRV records', () => {
  const record = (name: string, priority: number, weight: number, port = 993) => ({ name, priority, weight, port });

  it('proposes all four services with their protection, by priority and weight', async () => {
    const { parts } = await web(notFound);
    const answers: Record<string, ReturnType<typeof record>[]> = {
      '_imaps._tcp.firm.example': [record('b.example', 20, 0), record('light.example', 10, 1), record('heavy.example', 10, 99)],
      '_imap._tcp.firm.example': [record('c.example', 0, 0, 143)],
      '_submissions._tcp.firm.example': [record('.', 0, 0, 0)],
      '_submission._tcp.firm.example': [record('s.example', 0, 0, 587)],
    };
    const random = { next: () => 0.5 };
    const found = await discover(EMAIL, { ...parts, random, resolveSrv: (name) => Promise.resolve(answers[name] ?? []) });
    expect(found.imap.map(({ host, port, security }) => `${host}:${port} ${security}`)).toEqual([
      'heavy.example:993 tls',
      'light.example:993 tls',
      'b.example:993 tls',
      'c.example:143 starttls',
    ]);
    expect(found.smtp.map(({ host, security, user }) => ({ host, security, user }))).toEqual([
      { host: 's.example', security: 'starttls', user: EMAIL },
    ]);
    expect(found.tried).toContainEqual({ what: '_submissions._tcp.firm.example', status: 'nothing' });
  });

  it('draws by weight: over many draws the shares are those of the weights', async () => {
    const { orderSrv } = await import('../../main/engine/enrol/srv-order.ts');
    const records = [record('a.example', 1, 75), record('b.example', 1, 25), record('zero.example', 1, 0)];
    let seed = 1;
    const random = { next: () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647 };
    let first = 0;
    for (let n = 0; n < 4_000; n += 1) if (orderSrv(records, random)[0]?.name === 'a.example') first += 1;
    expect(first / 4_000).toBeGreaterThan(0.71);
    expect(first / 4_000).toBeLessThan(0.78);
  });

  it('refuses host names that are none', async () => {
    const { parts } = await web(notFound);
    const found = await discover(EMAIL, { ...parts, resolveSrv: () => Promise.resolve([record('bad name\r\n', 0, 0)]) });
    expect(found.imap).toEqual([]);
  });
});

describe('guesses', () => {
  it('come last, only for names that exist, and never twice', async () => {
    const { parts } = await web(serving(PROVIDER, both));
    const exists = ['imap.firm.example', 'mail.firm.example'];
    const found = await discover(EMAIL, { ...parts, lookup: (host) => (exists.includes(host) ? Promise.resolve(1) : missing()) });
    expect(found.imap.map(({ host, source }) => `${host} ${source}`)).toEqual(['imap.firm.example autoconfig', 'mail.firm.example guess']);
    expect(found.smtp.map(({ host, port }) => `${host}:${port}`)).toEqual([
      'smtp.firm.example:587',
      'mail.firm.example:465',
      'mail.firm.example:587',
    ]);
  });
});

describe('where servers are reached through a proxy', () => {
  const wayTo = (port: number): Ways => [{ scheme: 'http', host: '127.0.0.1', port }];
  const look = async (find: ProxyFinder['find']) => {
    const looked: string[] = [];
    const own = (name: string) => (looked.push(name), Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' })));
    const found = await discover(EMAIL, { fetch: (await web(notFound)).parts.fetch!, resolveSrv: own, lookup: own, proxies: { find } });
    const statusOf = (word: string) => found.tried.filter(({ what }) => what.includes(word)).map(({ what, status }) => `${what} ${status}`);
    return { found, looked, srv: statusOf('_tcp'), guesses: statusOf(':993').concat(statusOf(':587')) };
  };

  it('no name is looked up here: SRV records are skipped with a word, and usual names asked of the proxy', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    closers.push(() => listener.close());
    const proxy = await startConnectProxy({ routes: { 993: (listener.address() as AddressInfo).port } });
    closers.push(() => void proxy.close());
    const { found, looked, srv, guesses } = await look(() => Promise.resolve(wayTo(proxy.port)));
    expect(looked).toEqual([]);
    expect(srv).toHaveLength(4);
    for (const line of srv) expect(line).toMatch(/ skipped$/u);
    expect(guesses).toEqual([
      'imap.firm.example:993 found',
      'mail.firm.example:993 found',
      'smtp.firm.example:587 nothing',
      'mail.firm.example:587 nothing',
    ]);
    expect(found.imap.map(({ host, source }) => `${host} ${source}`)).toEqual(['imap.firm.example guess', 'mail.firm.example guess']);
    expect(proxy.asked.toSorted()[0]).toBe('imap.firm.example:993');

    proxy.mood = 'forbids';
    expect((await look(() => Promise.resolve(wayTo(proxy.port)))).guesses[0]).toBe('imap.firm.example:993 failed');
  });

  it('a host that goes past the proxy is looked up here, and so is a domain where the direct way is one of several', async () => {
    const direct = await look(() => Promise.resolve([null]));
    expect(direct.looked).toContain('_imaps._tcp.firm.example');
    const either = await look(() => Promise.resolve([...wayTo(9), null]));
    expect(either.srv[0]).toBe('_imaps._tcp.firm.example nothing');
    const bypassed = await look((host) => Promise.resolve(host === 'imap.firm.example' ? [null] : wayTo(9)));
    expect(bypassed.looked).toEqual(['imap.firm.example']);
  });

  it("the company's own authority is trusted where IT names it, and nobody else's", async () => {
    const { key, cert, caFile } = tlsIdentity();
    const https = createTlsServer({ key, cert }, (_request, response) => response.end(both)).listen(0, '127.0.0.1');
    await new Promise((resolve) => https.once('listening', resolve));
    closers.push(() => https.close());
    const proxy = await startConnectProxy({ routes: { 443: (https.address() as AddressInfo).port } });
    closers.push(() => void proxy.close());
    const statusWith = async (file: string | undefined): Promise<string | undefined> => {
      const proxies: ProxyFinder = { find: () => Promise.resolve(wayTo(proxy.port)), caFile: () => Promise.resolve(file) };
      const { tried } = await discover('jane.doe@localhost', { resolveSrv: missing, lookup: missing, proxies });
      return tried.find(({ what }) => what === 'https://localhost/.well-known/autoconfig/mail/config-v1.1.xml')?.status;
    };
    expect([await statusWith(caFile), await statusWith(undefined), await statusWith('/nowhere/ca.pem')]).toEqual([
      'found',
      'failed',
      'failed',
    ]);
  });

  it('nothing is looked up where nobody can say which way', async () => {
    const { looked, srv, guesses } = await look(() => Promise.reject(proxyUnknown()));
    expect(looked).toEqual([]);
    expect([srv[0], guesses[0]]).toEqual(['_imaps._tcp.firm.example skipped', 'imap.firm.example:993 failed']);
  });
});
