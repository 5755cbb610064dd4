import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Readiness } from '../../main/app/readiness/readiness.ts';
import { ReadinessStateFile } from '../../main/app/readiness/state-file.ts';
import { FEED_CONTEXT } from '../../main/app/updates/feed.ts';
import { Fetcher } from '../../main/app/updates/fetcher.ts';
import { Updates } from '../../main/app/updates/updates.ts';
import { CredentialProvider } from '../../main/engine/auth/credential-provider.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { fetchBy } from '../../main/engine/core/http/fetch-by.ts';
import type { ProxyFinder, ProxyLogin, ProxyWay } from '../../main/engine/core/proxy/proxy-finder.ts';
import { fetchText } from '../../main/engine/enrol/fetch-text.ts';
import { systemImageNet } from '../../main/engine/trust/image-net.ts';
import { fetchRemoteImages } from '../../main/engine/trust/remote-images.ts';
import { packError } from '../../shared/errors.ts';
import { accountConfigSchema, type Secret } from '../../shared/model/account.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import { freePort } from '../support/ports.ts';
import { watchNames } from '../support/name-watch.ts';
import { startConnectProxy, startSocksProxy, type ProxyMood, type ProxyServerOfTests } from '../support/proxy-server.ts';
import { NOW, wellFacts } from '../support/readiness-facts.ts';
import { tlsIdentity } from '../support/tls.ts';

/** A name that only the proxy can look up, and that this certificate is for. */
const HOST = 'mail.example.org';
const { caFile, key, cert, ca } = tlsIdentity('wrong-host');
const LOGIN: ProxyLogin = { user: 'anna', password: 'pw-CANARY' };
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==', 'base64');
const signer = generateKeyPairSync('ed25519');
const NEXT = Buffer.from('a newer program');

let folder: string;
let server: Server;
let port: number;
let proxy: ProxyServerOfTests;
let watch: ReturnType<typeof watchNames>;
/** Who has connected to the server, and what was asked of it. */
let callers: number[];
let asked: string[];
/** By what name it was asked. */
const named = new Set<string | undefined>();
/** All that was said on the way: logs, states, errors with everything that hangs on them. */
let said: string[];

const say = <T>(what: T): T => (said.push(inspect(what, { depth: 12, showHidden: true })), what);
const log = { write: (...line: unknown[]) => void say(line) };
const finder = ({ url, port: at }: ProxyServerOfTests, login?: ProxyLogin): ProxyFinder => ({
  find: () =>
    Promise.resolve([{ scheme: url.startsWith('socks5') ? 'socks5' : 'http', host: '127.0.0.1', port: at, ...(login ? { login } : {}) }]),
});

const feed = (): Buffer => {
  const files = [{ name: 'next.AppImage', sizeBytes: NEXT.length, sha512: createHash('sha512').update(NEXT).digest('base64') }];
  const product = { product: 'holdover', platform: 'linux', arch: 'x64', version: '1.5.0', releasedAt: '2026-11-28T12:00:00Z' };
  return Buffer.from(JSON.stringify({ ...product, files }));
};
const served: Readonly<Record<string, () => Buffer | string>> = {
  '/pic.png': () => PNG,
  '/token': () => JSON.stringify({ access_token: 'new-token', expires_in: 3600 }),
  '/report': () => '',
  '/set-up': () => '<clientConfig/>',
  '/up/latest-linux-x64.json': feed,
  '/up/latest-linux-x64.json.sig': () =>
    sign(null, Buffer.concat([Buffer.from(FEED_CONTEXT), feed()]), signer.privateKey).toString('base64'),
  '/up/next.AppImage': () => NEXT,
};

/** What is reached over https, and what each says: `ok`, or the code of what went wrong as a person or IT is told. */
const uses: Readonly<Record<string, { readonly paths: readonly string[]; run(proxies: ProxyFinder): Promise<string> }>> = {
  images: {
    paths: ['/pic.png'],
    run: async (proxies) => {
      const net = systemImageNet(proxies, { tls: { ca } });
      const { images } = await fetchRemoteImages(`<img src="https://${HOST}/pic.png">`, net, systemClock);
      return Object.keys(images).length === 1 ? 'ok' : 'no image';
    },
  },
  updates: {
    paths: ['/up/latest-linux-x64.json', '/up/latest-linux-x64.json.sig', '/up/next.AppImage'],
    run: async (proxies) => {
      const app = { version: '1.4.0', name: 'Holdover', userDataPath: folder, baseCachePath: mkdtempSync(path.join(folder, 'cache-')) };
      const updates = new Updates({
        ...{ kind: 'appimage', platform: 'linux', arch: 'x64', key: signer.publicKey, log, now: Date.now, tell: say },
        policy: () => ({ url: `https://${HOST}/up` }),
        facts: () => Promise.resolve({ modes: ['normal'], outbox: ['filed'], draftsSavedAt: [] }),
        fetcher: (source) => new Fetcher({ app, kind: 'appimage', source, ca: [ca], proxies, program: path.join(folder, 'app') }),
      });
      const { phase, reason } = await updates.check();
      return phase === 'ready' ? 'ok' : `${phase} ${reason}`;
    },
  },
  'sign-in tokens': {
    paths: ['/token'],
    run: async (proxies) => {
      const auth = { type: 'oauth2', mechanism: 'XOAUTH2', clientId: 'client', tokenEndpoint: `https://${HOST}/token` };
      const imap = { host: HOST, port: 993, security: 'tls', user: 'alice', caFile, auth };
      const config = accountConfigSchema.parse({ email: 'alice@example.org', primary: { imap, smtp: null } });
      let secret: Secret = { type: 'oauth2', refreshToken: 'old' };
      const secrets = {
        get: () => Promise.resolve(secret),
        set: (...args: unknown[]) => Promise.resolve(void (secret = args[3] as Secret)),
        delete: () => Promise.resolve(),
      };
      const provider = new CredentialProvider({ secrets, clock: systemClock, proxies });
      const given = await provider.get({ id: asAccountId(1), config } as never, 'primary', 'imap');
      return given.type === 'token' && given.accessToken === 'new-token' ? 'ok' : 'no token';
    },
  },
  'reports for IT': {
    paths: ['/report'],
    run: async (proxies) => {
      const { accounts, continuity, sync, outbox, runs } = wellFacts();
      const answers: Readonly<Record<string, unknown>> = {
        ...{ 'accounts.list': accounts, 'continuity.state': continuity, 'sync.state': sync, 'outbox.list': outbox, 'reconcile.list': runs },
      };
      const told: Record<string, unknown>[] = [];
      const noted = { write: (level: string, entry: Record<string, unknown>) => (told.push(entry), log.write(level, entry)) };
      const readiness = new Readiness({
        engine: {
          storeKey: new Uint8Array(32),
          state: () => ({ phase: 'running', error: null, lock: 'none' }),
          call: (name) => Promise.resolve(answers[name] ?? []),
        },
        policy: () => ({ readiness: { spreadMinutes: 0, report: `https://${HOST}/report` }, network: { caFile } }),
        ...{ policyFaults: () => 0, lease: () => null, key: () => 'keyring' as const, log: noted, proxies },
        device: { device: 'PC-1', profile: '00000000-0000-4000-8000-000000000001', version: '0.1.0', platform: 'linux' },
        file: new ReadinessStateFile(path.join(mkdtempSync(path.join(folder, 'state-')), 'state'), noted),
        ...{ now: () => NOW, chance: () => 0.5 },
      });
      await readiness.look();
      const [entry] = told.filter(({ ev }) => String(ev).startsWith('readiness.report'));
      return entry?.['ev'] === 'readiness.report' ? 'ok' : String(entry?.['kind']);
    },
  },
  'set-up': {
    paths: ['/set-up'],
    run: async (proxies) => {
      const fetch = fetchBy({ clock: systemClock, timeoutMs: 20_000, tls: { ca }, proxies });
      const text = await fetchText(fetch, `https://${HOST}/set-up`, new AbortController().signal);
      return text === '<clientConfig/>' ? 'ok' : 'no file';
    },
  },
};

const outcome = (run: (proxies: ProxyFinder) => Promise<string>, proxies: ProxyFinder): Promise<string> =>
  run(proxies).catch((error: unknown) => packError(say(error)).code);
/** Updates are told to a person by their own reasons. */
const toldOf = (name: string, code: string): string => (name === 'updates' ? 'failed proxy' : code);

beforeAll(async () => {
  server = createServer({ key, cert }, (question, answer) => {
    asked.push(question.url!);
    named.add(question.headers.host);
    const found = served[question.url!];
    question.resume().on('end', () => answer.writeHead(found ? 200 : 404).end(found?.()));
  });
  server.on('connection', (socket: Socket) => callers.push(socket.remotePort!));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  expect([...named].filter((name) => name !== HOST)).toEqual([]);
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-proxy-clients-'));
  [callers, asked, said] = [[], [], []];
  watch = watchNames();
  // As the runtime of an AppImage sets it.
  vi.stubEnv('APPIMAGE', path.join(folder, 'app'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  watch.end();
  await proxy.close();
  rmSync(folder, { recursive: true, force: true });
  const text = said.join('\n');
  expect(text).not.toContain(LOGIN.password);
  expect(text).not.toContain(Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64'));
});

const kinds = [
  ['CONNECT', startConnectProxy],
  ['SOCKS 5', startSocksProxy],
] as const;
const names = Object.keys(uses);

describe.each(kinds)('through a %s proxy', (_kind, start) => {
  it.each(names)('%s go that way alone, with a log-in as without one, and names are looked up there', async (name) => {
    const { paths, run } = uses[name]!;
    for (const login of [undefined, LOGIN]) {
      [callers, asked] = [[], []];
      proxy = await start({ routes: { 443: port }, ...(login ? { login } : {}) });
      expect(await outcome(run, finder(proxy, login))).toBe('ok');
      expect([...new Set(asked)]).toEqual(paths);
      expect(proxy.asked.length).toBeGreaterThan(0);
      expect(new Set(proxy.asked)).toEqual(new Set([`${HOST}:443`]));
      expect(callers.filter((one) => !proxy.ownPorts.has(one))).toEqual([]);
      if (!login) await proxy.close();
    }
    expect(watch.names).toEqual([]);
  });

  it.each(names)('%s say what is wrong with it, and take no other way', async (name) => {
    const { run } = uses[name]!;
    const moods: readonly [ProxyMood, string][] = [
      ['wants-log-in', 'proxy-refused'],
      ['forbids', 'proxy-refused'],
      ['finds-nothing', 'proxy-cannot-reach'],
    ];
    proxy = await start({ routes: { 443: port } });
    for (const [mood, code] of moods) {
      proxy.mood = mood;
      expect([mood, await outcome(run, finder(proxy, LOGIN))]).toEqual([mood, toldOf(name, code)]);
    }
    await proxy.close();
    expect(await outcome(run, finder(proxy, LOGIN))).toBe(toldOf(name, 'proxy-unreachable'));
    proxy = await start({ login: { ...LOGIN, password: 'another' } });
    expect(await outcome(run, finder(proxy, LOGIN))).toBe(toldOf(name, 'proxy-refused'));
    expect(await outcome(run, finder(proxy))).toBe(toldOf(name, 'proxy-refused'));
    expect([callers, watch.names]).toEqual([[], []]);
  });

  it('one that is silent is told as such, and not as a server that does not answer', { timeout: 60_000 }, async () => {
    proxy = await start();
    proxy.mood = 'silent';
    const told = await Promise.all(names.map((name) => outcome(uses[name]!.run, finder(proxy))));
    expect(told).toEqual(names.map((name) => toldOf(name, 'proxy-unreachable')));
    expect([callers, watch.names]).toEqual([[], []]);
  });
});

const wayTo = (at: number): ProxyWay => ({ scheme: 'http', host: '127.0.0.1', port: at });

it.each(names)('%s take the next proxy of a list where the first cannot be reached or is silent', { timeout: 30_000 }, async (name) => {
  const { paths, run } = uses[name]!;
  const silent = await startConnectProxy();
  silent.mood = 'silent';
  try {
    for (const first of [await freePort(), silent.port]) {
      [callers, asked] = [[], []];
      proxy = await startConnectProxy({ routes: { 443: port } });
      expect(await outcome(run, { find: () => Promise.resolve([wayTo(first), wayTo(proxy.port)]) })).toBe('ok');
      expect([...new Set(asked)]).toEqual(paths);
      expect(callers.filter((one) => !proxy.ownPorts.has(one))).toEqual([]);
      await proxy.close();
    }
    expect(silent.asked.length).toBeGreaterThan(0);
    expect(watch.names).toEqual([]);
  } finally {
    await silent.close();
  }
});

it.each(names)('%s go past no proxy of a list that refuses or does not get to the server, and past none without DIRECT', async (name) => {
  const { run } = uses[name]!;
  const second = await startConnectProxy({ routes: { 443: port } });
  proxy = await startConnectProxy({ routes: { 443: port } });
  const moods: readonly [ProxyMood, string][] = [
    ['forbids', 'proxy-refused'],
    ['wants-log-in', 'proxy-refused'],
    ['finds-nothing', 'proxy-cannot-reach'],
  ];
  try {
    for (const [mood, code] of moods) {
      proxy.mood = mood;
      const ways = [wayTo(proxy.port), wayTo(second.port), null];
      expect([mood, await outcome(run, { find: () => Promise.resolve(ways) })]).toEqual([mood, toldOf(name, code)]);
    }
    const gone = [wayTo(await freePort()), wayTo(await freePort())];
    expect(await outcome(run, { find: () => Promise.resolve(gone) })).toBe(toldOf(name, 'proxy-unreachable'));
    expect([callers, second.asked, watch.names]).toEqual([[], [], []]);
    // Where the list says so, the direct way is the last one: then the name is looked up here.
    expect(await outcome(run, { find: () => Promise.resolve([...gone, null]) })).not.toBe(toldOf(name, 'proxy-unreachable'));
    expect(watch.names).toContain(HOST);
  } finally {
    await second.close();
  }
});

it('where nobody can say through which proxy, nothing is reached directly', async () => {
  proxy = await startConnectProxy();
  const { proxyUnknown } = await import('../../main/engine/core/proxy/proxy-finder.ts');
  const unknown: ProxyFinder = { find: () => Promise.reject(proxyUnknown()) };
  for (const name of names) expect(await outcome(uses[name]!.run, unknown)).toBe(toldOf(name, 'proxy-unreachable'));
  expect([callers, watch.names, proxy.asked]).toEqual([[], [], []]);
});

it('the watch of this test sees a name that is looked up here', async () => {
  proxy = await startConnectProxy();
  const direct: ProxyFinder = { find: () => Promise.resolve([null]) };
  for (const name of names) {
    watch.names.length = 0;
    expect(await outcome(uses[name]!.run, direct)).not.toBe('ok');
    expect(watch.names).toContain(HOST);
  }
});
