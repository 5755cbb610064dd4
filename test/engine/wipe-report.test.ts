import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppLogEntry } from '../../main/app/log-file.ts';
import { reportWipe } from '../../main/app/policy/wipe-report.ts';
import { beginWipe, carryOutWipe, readWipeNote, type WipeNote } from '../../main/keys/wipe.ts';
import type { Way } from '../../main/policy/post-json.ts';
import { startHttpsReceiver, type HttpsReceiver } from '../support/alert-receivers.ts';
import { startConnectProxy, type ProxyServerOfTests } from '../support/proxy-server.ts';
import { tlsIdentity } from '../support/tls.ts';

const { caFile } = tlsIdentity();
const noKeyring = () => Promise.reject(new Error('no keyring'));
let profileDir: string;
let receiver: HttpsReceiver;
let proxy: ProxyServerOfTests;
let log: AppLogEntry[];

beforeEach(async () => {
  profileDir = mkdtempSync(path.join(tmpdir(), 'holdover-wipe-report-'));
  [receiver, proxy, log] = [await startHttpsReceiver(), await startConnectProxy(), []];
});
afterEach(async () => {
  await Promise.all([receiver.close(), proxy.close()]);
  rmSync(profileDir, { recursive: true, force: true });
});

const wipe = (report: string | null, order = 'order 1'): Promise<WipeNote> =>
  carryOutWipe({ profileDir, loadKeyring: noKeyring }, beginWipe({ profileDir }, order, report, 1_700_000_000_000));
const report = (note: WipeNote, way: Way): Promise<void> => {
  const write = (_level: string, entry: AppLogEntry): void => void log.push(entry);
  return reportWipe({ profileDir, log: { write }, way: () => Promise.resolve(way) }, note);
};
const isReported = (): boolean | undefined => readWipeNote(profileDir)?.isReported;

describe('the report of a remote wipe', () => {
  it("is taken by a server that the company's own authority vouches for, once", async () => {
    const note = await wipe(`${receiver.url}/wiped`);
    await report(note, { caFile });
    expect(receiver.taken.map(({ path: at }) => at)).toEqual(['/wiped']);
    const body = JSON.parse(receiver.taken[0]!.body) as object;
    const device = { format: 'holdover-wipe-1', device: hostname(), order: 'order 1', orderedAt: '2023-11-14T22:13:20.000Z' };
    expect(body).toEqual({ ...device, areKeysGone: true, areFilesGone: true, left: [], unsent: null });
    expect(isReported()).toBe(true);

    await report(readWipeNote(profileDir)!, { caFile });
    expect([receiver.taken.length, log]).toEqual([1, []]);
  });

  it('is not given to a server that nobody vouches for, and is tried again', async () => {
    const note = await wipe(`${receiver.url}/wiped`);
    await report(note, {});
    expect([receiver.taken, isReported(), log]).toEqual([[], false, [expect.objectContaining({ ev: 'wipe.not-reported' })]]);
    await report(note, { caFile });
    expect([receiver.taken.length, isReported()]).toEqual([1, true]);
  });

  it('goes through the proxy of the policy, and past none', async () => {
    const note = await wipe(`${receiver.url}/wiped`);
    const proxies = { find: () => Promise.resolve([{ scheme: 'http', host: '127.0.0.1', port: proxy.port } as const]) };
    proxy.mood = 'forbids';
    await report(note, { caFile, proxies });
    expect([receiver.taken, isReported()]).toEqual([[], false]);
    proxy.mood = 'well';
    await report(note, { caFile, proxies });
    expect([receiver.taken.length, isReported()]).toEqual([1, true]);
    expect(new Set(proxy.asked)).toEqual(new Set([new URL(receiver.url).host]));
  });

  it('of one order says nothing of the next, which began meanwhile', async () => {
    const note = await wipe(`${receiver.url}/wiped`);
    await wipe(`${receiver.url}/wiped`, 'order 2');
    await report(note, { caFile });
    expect(readWipeNote(profileDir)).toMatchObject({ order: 'order 2', isReported: false });
  });

  it('is a file where IT names a folder, and nothing where it names no place', async () => {
    const folder = path.join(profileDir, 'reports');
    await report(await wipe(folder), {});
    const [name] = readdirSync(folder);
    expect(JSON.parse(readFileSync(path.join(folder, name!), 'utf8'))).toMatchObject({ order: 'order 1' });
    await report(await wipe(null), { caFile });
    expect([receiver.taken, isReported()]).toEqual([[], false]);
  });
});
