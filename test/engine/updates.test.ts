import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UpdateFacts, UpdatesPolicy } from '../../main/app/updates/decide.ts';
import { FEED_CONTEXT, type Feed } from '../../main/app/updates/feed.ts';
import { Fetcher } from '../../main/app/updates/fetcher.ts';
import { Updates, type UpdateParts } from '../../main/app/updates/updates.ts';
import { feedFor, layUpdateKey } from '../../scripts/pack/update-feed.mjs';
import type { UpdateState } from '../../shared/model/update.ts';
import { tlsIdentity } from '../support/tls.ts';

const CURRENT = '1.4.0';
const NEXT = randomBytes(300_000);
const CALM: UpdateFacts = { modes: ['normal'], outbox: ['filed'], draftsSavedAt: [] };
const identity = tlsIdentity('good');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const digest = (bytes: Buffer): string => createHash('sha512').update(bytes).digest('base64');
const name = (version: string): string => `Holdover-${version}-linux-x64.AppImage`;

let folder: string;
let server: Server;
let url: string;
let asked: string[];
/** What the server has, by path. */
let served: Map<string, Buffer | ((answer: import('node:http').ServerResponse) => void)>;
let told: UpdateState[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-updates-'));
  mkdirSync(path.join(folder, 'profile'));
  writeFileSync(program(), 'the old program', { mode: 0o755 });
  // As the runtime of an AppImage sets it.
  vi.stubEnv('APPIMAGE', program());
  asked = [];
  told = [];
  served = new Map();
  server = createServer({ key: identity.key, cert: identity.cert }, (question, answer) => {
    asked.push(question.url!);
    const found = served.get(question.url!);
    if (typeof found === 'function') return found(answer);
    answer.writeHead(found ? 200 : 404).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/holdover`;
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const program = (): string => path.join(folder, 'Holdover.AppImage');
const feedOf = (change: Partial<Feed> = {}): Feed => {
  const version = change.version ?? '1.5.0';
  const files = [{ name: name(version), sizeBytes: NEXT.length, sha512: digest(NEXT) }];
  return { product: 'holdover', platform: 'linux', arch: 'x64', version, releasedAt: '2026-11-28T12:00:00Z', files, ...change };
};

/** Lays a feed, its signature and its file where the app looks for them. */
function publish(feed: object, { key = privateKey, below = '', channel = 'latest' } = {}): string {
  const text = JSON.stringify(feed);
  const place = `/holdover/${below}${channel}-linux-x64.json`;
  served.set(place, Buffer.from(text));
  served.set(`${place}.sig`, Buffer.from(`${sign(null, Buffer.from(FEED_CONTEXT + text), key).toString('base64')}\n`));
  for (const file of (feed as Feed).files ?? []) served.set(`/holdover/${below}${file.name}`, NEXT);
  return place;
}

function updates(change: Partial<UpdateParts> & { held?: UpdatesPolicy; facts?: () => Promise<UpdateFacts | null> } = {}): Updates {
  const app = { version: CURRENT, name: 'Holdover', userDataPath: path.join(folder, 'profile'), baseCachePath: path.join(folder, 'cache') };
  return new Updates({
    kind: 'appimage',
    platform: 'linux',
    arch: 'x64',
    key: publicKey as KeyObject | null,
    log: { write: () => undefined },
    policy: () => ({ url, ...change.held }),
    facts: () => Promise.resolve(CALM),
    fetcher: (source) => new Fetcher({ app, kind: 'appimage', source, ca: [identity.ca], program: program() }),
    now: Date.now,
    tell: (state) => told.push(state),
    ...change,
  });
}

/** Nothing was put in the place of the program, nothing that could be run lies anywhere. */
async function expectNothingTaken(one: Updates): Promise<void> {
  await one.atQuit();
  expect(readFileSync(program(), 'utf8')).toBe('the old program');
  const cache = path.join(folder, 'cache');
  const left = existsSync(cache)
    ? readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.AppImage'))
    : [];
  expect(left).toEqual([]);
}

describe('an update from the company’s server', () => {
  it('is fetched, proved, told once, and put in the place of the program when the app is quit', async () => {
    publish(feedOf());
    const one = updates();
    expect(await one.check()).toMatchObject({ phase: 'ready', version: '1.5.0', reason: null });
    expect(readFileSync(program(), 'utf8')).toBe('the old program');
    await one.check();
    expect(told.map(({ phase }) => phase)).toEqual(['ready']);
    // What is there already is not fetched again.
    expect(asked.filter((place) => place.endsWith('.AppImage'))).toHaveLength(1);
    await one.atQuit();
    expect(readFileSync(program())).toEqual(NEXT);
    expect(readdirSync(folder).filter((file) => file.endsWith('.new'))).toEqual([]);
  });

  it('sends nothing that tells one device from another', async () => {
    publish(feedOf());
    let headers: Record<string, unknown> = {};
    server.prependListener('request', (question: { headers: Record<string, unknown> }) => (headers = { ...headers, ...question.headers }));
    await updates().check();
    expect(Object.keys(headers).sort()).toEqual(expect.arrayContaining(['host']));
    expect(Object.keys(headers).filter((key) => /staging|id$|cookie|auth/u.test(key))).toEqual([]);
  });

  it.each([
    ['the same version', CURRENT],
    ['an older version', '1.3.9'],
    ['a much older one', '0.1.0'],
  ])('is not taken when it is %s, however well it is signed', async (_what, version) => {
    publish(feedOf({ version }));
    const one = updates();
    expect(await one.check()).toMatchObject({ phase: 'idle', version: null });
    await expectNothingTaken(one);
  });

  const stranger = generateKeyPairSync('ed25519').privateKey;
  const changes: [string, (place: string) => void, string][] = [
    ['a feed signed by somebody else', () => publish(feedOf(), { key: stranger }), 'untrusted'],
    [
      'a feed that was changed after it was signed',
      (place) => served.set(place, Buffer.from(JSON.stringify(feedOf({ version: '9.9.9' })))),
      'untrusted',
    ],
    ['a feed without signature', (place) => served.delete(`${place}.sig`), 'unreachable'],
    ['an empty signature', (place) => served.set(`${place}.sig`, Buffer.alloc(0)), 'untrusted'],
    [
      'a signature of something else',
      (place) => served.set(`${place}.sig`, Buffer.from(sign(null, served.get(place) as Buffer, privateKey).toString('base64'))),
      'untrusted',
    ],
    ['a feed for another system', () => publish(feedOf({ platform: 'win32' })), 'untrusted'],
    ['a feed for another processor', () => publish(feedOf({ arch: 'arm64' })), 'untrusted'],
    [
      'a file name that leads elsewhere',
      () => publish({ ...feedOf(), files: [{ ...feedOf().files[0], name: '../../evil.AppImage' }] }),
      'damaged',
    ],
    [
      'an address as file name',
      () => publish({ ...feedOf(), files: [{ ...feedOf().files[0], name: 'https://evil.example/a.AppImage' }] }),
      'damaged',
    ],
    ['an announced size beyond all measure', () => publish({ ...feedOf(), files: [{ ...feedOf().files[0], sizeBytes: 5e9 }] }), 'damaged'],
    ['a feed with more in it than there may be', () => publish({ ...feedOf(), run: 'rm -rf /' }), 'damaged'],
    ['a feed that never ends', (place) => served.set(place, Buffer.alloc(1_000_000, 32)), 'untrusted'],
    [
      'a file of which one byte was changed',
      () => served.set(`/holdover/${name('1.5.0')}`, Buffer.from(NEXT).fill(NEXT[7]! ^ 1, 7, 8)),
      'damaged',
    ],
    ['a file that is longer than announced', () => served.set(`/holdover/${name('1.5.0')}`, Buffer.concat([NEXT, NEXT])), 'untrusted'],
    ['a file that ends early', () => served.set(`/holdover/${name('1.5.0')}`, NEXT.subarray(0, 1000)), 'damaged'],
    ['a file that is gone', () => served.delete(`/holdover/${name('1.5.0')}`), 'unreachable'],
    [
      'a server that sends us elsewhere',
      (place) => served.set(place, (answer) => void answer.writeHead(302, { location: `${url}/x` }).end()),
      'untrusted',
    ],
    [
      'a server that breaks off',
      () =>
        served.set(
          `/holdover/${name('1.5.0')}`,
          (answer) => void answer.writeHead(200).write(NEXT.subarray(0, 99), () => answer.destroy()),
        ),
      'unreachable',
    ],
  ];
  it.each(changes)('is refused: %s', async (_what, change, reason) => {
    change(publish(feedOf()));
    const one = updates();
    expect(await one.check()).toMatchObject({ phase: 'failed', reason });
    await expectNothingTaken(one);
  });

  it('is refused when the fetched file is changed before the app is quit', async () => {
    publish(feedOf());
    const one = updates();
    await one.check();
    const cache = path.join(folder, 'cache');
    const file = readdirSync(cache, { recursive: true, encoding: 'utf8' }).find((place) => place.endsWith('.AppImage'))!;
    writeFileSync(path.join(cache, file), 'something else');
    await one.atQuit();
    expect(readFileSync(program(), 'utf8')).toBe('the old program');
  });

  it.each(['untrusted-ca', 'expired', 'wrong-host', 'self-signed'] as const)(
    'is not asked of a server with a certificate that is %s',
    async (kind) => {
      const wrong = tlsIdentity(kind);
      server.setSecureContext({ key: wrong.key, cert: wrong.cert });
      publish(feedOf());
      const one = updates();
      expect(await one.check()).toMatchObject({ phase: 'failed', reason: 'unreachable' });
      expect(asked).toEqual([]);
    },
  );

  it('is looked for again when the server is back', async () => {
    publish(feedOf());
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const one = updates();
    expect(await one.check()).toMatchObject({ phase: 'failed', reason: 'unreachable' });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(await one.check()).toMatchObject({ phase: 'ready', version: '1.5.0' });
  });
});

describe('what `npm run dist` publishes', () => {
  it('is taken by an app that was built with the public half of its key', async () => {
    const keyFile = path.join(folder, 'key.pem');
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    layUpdateKey(keyFile, path.join(folder, 'update'));
    const file = path.join(folder, name('2.0.0'));
    writeFileSync(file, NEXT);
    const made = feedFor({ file, system: 'linux', arch: 'x64', version: '2.0.0', releasedAt: new Date(), stagingPercentage: 100 }, keyFile);
    served.set(`/holdover/${made.name}`, Buffer.from(made.text));
    served.set(`/holdover/${made.name}.sig`, Buffer.from(made.signature));
    served.set(`/holdover/${name('2.0.0')}`, NEXT);
    const key = createPublicKey(readFileSync(path.join(folder, 'update/key.pem')));
    expect(await updates({ key }).check()).toMatchObject({ phase: 'ready', version: '2.0.0' });
  });
});

describe('IT decides', () => {
  it.each([
    [{ mode: 'off' as const }, publicKey, 'by-policy'],
    [{ url: undefined }, publicKey, 'no-server'],
    [{}, null, 'no-key'],
  ])('that nobody is asked: %o', async (held, key, reason) => {
    publish(feedOf());
    const one = updates({ held, key });
    await one.check();
    expect(one.state).toMatchObject({ phase: 'off', reason });
    expect(asked).toEqual([]);
  });

  it('which version is taken, and no other', async () => {
    publish(feedOf({ version: '1.6.0' }));
    publish(feedOf({ version: '1.5.0' }), { below: '1.5.0/' });
    expect(await updates({ held: { pinnedVersion: '1.5.0' } }).check()).toMatchObject({ phase: 'ready', version: '1.5.0' });
    publish(feedOf({ version: '1.6.0' }), { below: '1.5.0/' });
    expect(await updates({ held: { pinnedVersion: '1.5.0' } }).check()).toMatchObject({ phase: 'failed', reason: 'untrusted' });
    publish(feedOf({ version: '1.3.0' }), { below: '1.3.0/' });
    expect(await updates({ held: { pinnedVersion: '1.3.0' } }).check()).toMatchObject({ phase: 'idle', version: null });
  });

  it('which channel is asked', async () => {
    publish(feedOf({ version: '1.7.0' }), { channel: 'pilot' });
    expect(await updates({ held: { channel: 'pilot' } }).check()).toMatchObject({ phase: 'ready', version: '1.7.0' });
  });

  const others: [string, UpdatesPolicy][] = [
    ['another version is pinned', { pinnedVersion: '1.4.5' }],
    ['another channel holds', { channel: 'pilot' }],
    ['another server holds', { url: 'https://127.0.0.1:1/elsewhere' }],
    ['updates are switched off', { mode: 'off' }],
  ];
  it.each(others)('after it was fetched, too: %s, and what lies there is taken away', async (_what, change) => {
    publish(feedOf());
    let held: UpdatesPolicy = { url };
    const one = updates({ policy: () => held });
    expect(await one.check()).toMatchObject({ phase: 'ready' });
    held = { ...held, ...change };
    expect(one.state).toMatchObject({ phase: change.mode === 'off' ? 'off' : 'idle', version: null });
    await expectNothingTaken(one);
    // Nothing of it comes back with the old word of IT, either.
    held = { url };
    await expectNothingTaken(one);
  });

  it('of what lies there when the word comes, and the version that is wanted now is looked for', async () => {
    publish(feedOf({ version: '1.6.0' }));
    publish(feedOf({ version: '1.5.0' }), { below: '1.5.0/' });
    let held: UpdatesPolicy = { url };
    const one = updates({ policy: () => held });
    expect(await one.check()).toMatchObject({ phase: 'ready', version: '1.6.0' });
    expect(await one.policyChanged()).toBe(false);
    held = { url, pinnedVersion: '1.5.0' };
    expect(await one.policyChanged()).toBe(true);
    expect(readdirSync(path.join(folder, 'cache'), { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('1.6.0'))).toEqual(
      [],
    );
    expect(told.map(({ phase, version }) => [phase, version])).toEqual([
      ['ready', '1.6.0'],
      ['idle', null],
    ]);
    expect(await one.check()).toMatchObject({ phase: 'ready', version: '1.5.0' });
    await one.atQuit();
    expect(readFileSync(program())).toEqual(NEXT);
  });

  it('while it is being fetched: what came is not installed', async () => {
    publish(feedOf());
    let held: UpdatesPolicy = { url };
    served.set(`/holdover/${name('1.5.0')}`, (answer) => {
      held = { url, pinnedVersion: '1.4.5' };
      answer.writeHead(200).end(NEXT);
    });
    const one = updates({ policy: () => held });
    expect(await one.check()).toMatchObject({ phase: 'idle', version: null });
    await expectNothingTaken(one);
  });

  it('how many devices are the first', async () => {
    publish(feedOf({ stagingPercentage: 0 }));
    expect(await updates().check()).toMatchObject({ phase: 'idle', version: null });
    publish(feedOf({ stagingPercentage: 100 }));
    expect(await updates().check()).toMatchObject({ phase: 'ready' });
  });

  it('by its own means where the app was installed by those: the app only tells', async () => {
    publish(feedOf());
    const one = updates({ kind: 'managed' });
    expect(await one.check()).toMatchObject({ phase: 'available', version: '1.5.0' });
    expect(asked.filter((place) => place.endsWith('.AppImage'))).toEqual([]);
    await expectNothingTaken(one);
  });
});

describe('an update waits', () => {
  const states: [string, UpdateFacts | null, string][] = [
    ['in an outage', { ...CALM, modes: ['normal', 'continuity'] }, 'outage'],
    ['while work is carried back', { ...CALM, modes: ['recovering'] }, 'outage'],
    ['while mail is unsent', { ...CALM, outbox: ['filed', 'queued'] }, 'unsent'],
    ['while nobody knows whether a mail arrived', { ...CALM, outbox: ['unknown'] }, 'unsent'],
    ['while the engine does not answer', null, 'unknown-state'],
  ];
  it.each(states)('%s: nothing is fetched', async (_what, facts, reason) => {
    publish(feedOf());
    const one = updates({ facts: () => Promise.resolve(facts) });
    expect(await one.check()).toMatchObject({ phase: 'waiting', reason });
    await expectNothingTaken(one);
  });

  it.each([...states, ['while a mail is being written', { ...CALM, draftsSavedAt: [Date.now() - 60_000] }, 'writing'] as const])(
    '%s that began after it was fetched: nothing is installed, and it is at the next end',
    async (_what, facts) => {
      publish(feedOf());
      let now: UpdateFacts | null = CALM;
      const one = updates({ facts: () => Promise.resolve(now) });
      expect(await one.check()).toMatchObject({ phase: 'ready' });
      now = facts;
      await one.atQuit();
      expect(readFileSync(program(), 'utf8')).toBe('the old program');
      now = CALM;
      await one.atQuit();
      expect(readFileSync(program())).toEqual(NEXT);
    },
  );
});
