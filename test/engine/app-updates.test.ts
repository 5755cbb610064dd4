import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startUpdates, type AppUpdatesParts } from '../../main/app/app-updates.ts';
import { FEED_CONTEXT } from '../../main/app/updates/feed.ts';
import type { Updates } from '../../main/app/updates/updates.ts';
import { layUpdateKey } from '../../scripts/pack/update-feed.mjs';
import type { UpdateState } from '../../shared/model/update.ts';
import type { Policy } from '../../shared/policy/schema.ts';
import { tlsIdentity } from '../support/tls.ts';
import { until } from '../support/until.ts';

vi.mock('electron', () => ({ app: { getVersion: () => '1.4.0', getName: () => 'Holdover' } }));

const identity = tlsIdentity('good');
const { privateKey } = generateKeyPairSync('ed25519');
let folder: string;
let server: Server;
let served: Map<string, Buffer>;
let held: Policy;
let watchers: (() => void)[];
let told: UpdateState[];
const at = (...names: string[]): string => path.join(folder, ...names);

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-app-updates-'));
  for (const name of ['dist', 'profile', 'installed']) mkdirSync(at(name));
  [served, watchers, told] = [new Map(), [], []];
  server = createServer({ key: identity.key, cert: identity.cert }, (question, answer) => {
    const found = served.get(question.url!);
    answer.writeHead(found ? 200 : 404).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  // Under the company's own authority: it is believed by what the policy says of the network alone.
  held = { updates: { url }, network: { caFile: identity.caFile } };
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function layKey(): void {
  writeFileSync(at('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  layUpdateKey(at('key.pem'), at('dist/update'));
}

function publish(platform: string, name: string, bytes: Buffer): void {
  const files = [{ name, sizeBytes: bytes.length, sha512: createHash('sha512').update(bytes).digest('base64') }];
  const feed = { product: 'holdover', platform, arch: process.arch, version: '1.5.0', releasedAt: '2026-11-28T12:00:00Z', files };
  const text = JSON.stringify(feed);
  const place = `/latest-${platform}-${process.arch}.json`;
  served.set(place, Buffer.from(text));
  served.set(`${place}.sig`, Buffer.from(sign(null, Buffer.from(FEED_CONTEXT + text), privateKey).toString('base64')));
  served.set(`/${name}`, bytes);
}

function start(): Updates {
  const parts: AppUpdatesParts = {
    engine: { call: () => Promise.resolve([]) } as unknown as AppUpdatesParts['engine'],
    log: { write: () => undefined },
    ...{ distDir: at('dist'), profileDir: at('profile') },
    send: (_name, state) => void told.push(state as UpdateState),
    rules: {
      inForce: { section: (name) => held[name], watch: (watcher) => void watchers.push(watcher) },
      findProxy: () => Promise.resolve([null]),
    },
  };
  return startUpdates(parts);
}

const fetched = (ending: string): string[] =>
  readdirSync(at('profile'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => at('profile', file));

/** As on a Windows on which the app was installed by NSIS, or by an MSI. */
function onWindows(hasUninstaller: boolean): void {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
  vi.spyOn(process, 'execPath', 'get').mockReturnValue(at('installed/Holdover.exe'));
  if (hasUninstaller) writeFileSync(at('installed/Uninstall Holdover.exe'), '');
}

/** An installer that notes what it was started with. */
const installer = (): Buffer => Buffer.from(`#!/bin/sh\necho "$@" > '${at('started')}'\n`);

describe('the updates of the app', () => {
  it('take an image by the key of the build, the network and the server of the policy, and put it in its place', async () => {
    layKey();
    writeFileSync(at('Holdover.AppImage'), 'the old program', { mode: 0o755 });
    vi.stubEnv('APPIMAGE', at('Holdover.AppImage'));
    const next = Buffer.from('the new program');
    publish('linux', 'Holdover-1.5.0.AppImage', next);
    const updates = start();
    expect(await updates.check()).toMatchObject({ phase: 'ready', version: '1.5.0', reason: null });
    await updates.atQuit();
    expect(readFileSync(at('Holdover.AppImage'))).toEqual(next);
  });

  it('take nothing in a build without a key', async () => {
    publish('linux', 'Holdover-1.5.0.AppImage', Buffer.from('x'));
    expect(await start().check()).toMatchObject({ phase: 'off', reason: 'no-key' });
  });

  it('hear of each change of the policy, and take away what is not wanted any more', async () => {
    layKey();
    vi.stubEnv('APPIMAGE', at('Holdover.AppImage'));
    publish('linux', 'Holdover-1.5.0.AppImage', Buffer.from('the new program'));
    const updates = start();
    await updates.check();
    expect(fetched('.AppImage')).toHaveLength(1);
    held = { ...held, updates: { ...held.updates, pinnedVersion: '1.4.9' } };
    for (const tell of watchers) tell();
    await until('the file is gone', () => fetched('.AppImage').length === 0);
    expect(told.map(({ phase }) => phase)).toEqual(['ready', 'idle']);
  });
});

describe('on Windows', () => {
  it('an installation by NSIS runs its installer when the app is quit: silently, and without starting the app', async () => {
    layKey();
    onWindows(true);
    publish('win32', 'Holdover-1.5.0.exe', installer());
    const updates = start();
    expect(await updates.check()).toMatchObject({ phase: 'ready', version: '1.5.0' });
    expect(existsSync(at('started'))).toBe(false);
    // Windows asks for no such mark.
    for (const file of fetched('.exe')) chmodSync(file, 0o755);
    await updates.atQuit();
    await until('the installer has run', () => existsSync(at('started')) && readFileSync(at('started'), 'utf8') !== '');
    expect(readFileSync(at('started'), 'utf8')).toBe('--updated /S\n');
  });

  it('an installer that was changed on its way, or before the app is quit, is never run', async () => {
    layKey();
    onWindows(true);
    publish('win32', 'Holdover-1.5.0.exe', installer());
    served.set('/Holdover-1.5.0.exe', Buffer.concat([installer(), Buffer.from('#')]).subarray(1));
    expect(await start().check()).toMatchObject({ phase: 'failed', reason: 'damaged' });
    served.set('/Holdover-1.5.0.exe', installer());
    const updates = start();
    expect(await updates.check()).toMatchObject({ phase: 'ready' });
    for (const file of fetched('.exe')) writeFileSync(file, `${installer().toString()}echo more\n`, { mode: 0o755 });
    for (const file of fetched('.exe')) chmodSync(file, 0o755);
    await updates.atQuit();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(existsSync(at('started'))).toBe(false);
  });

  it('an installation by MSI is only told of it', async () => {
    layKey();
    onWindows(false);
    publish('win32', 'Holdover-1.5.0.exe', installer());
    expect(await start().check()).toMatchObject({ phase: 'available', version: '1.5.0' });
    expect(fetched('.exe')).toEqual([]);
  });
});
