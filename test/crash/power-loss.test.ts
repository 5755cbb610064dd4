import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createEngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { readDiskLog, type DiskEvent } from '../support/disk/disk-log.ts';
import { DiskModel, LOSSES, type Loss } from '../support/disk/disk-model.ts';
import { buildDiskShim } from '../support/disk/disk-shim.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import { runChild } from './run-child.ts';

const ROUNDS = isFull ? 24 : 8;
/** What the full list has at least, over all its slices. */
const FULL_CUTS = 500;
const SAMPLE = 60;

interface Told {
  readonly account?: number;
  readonly mail?: string;
  readonly op?: number;
  readonly segment?: number;
  readonly digest?: string;
}

const root = mkdtempSync(join(tmpdir(), 'holdover-power-'));
const disk = join(root, 'disk');
const key = randomBytes(32);
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
let events: readonly DiskEvent[];

/** One record of all that a process does to its profile, which it makes itself. */
beforeAll(async () => {
  mkdirSync(disk);
  const [log, ackFile] = [join(root, 'log'), join(root, 'ack')];
  const env = { LD_PRELOAD: buildDiskShim(root), DISK_ROOT: disk, DISK_LOG: log, DISK_ACK: ackFile };
  const task = { dir: join(disk, 'profile'), keyHex: key.toString('hex'), rounds: ROUNDS, ackFile };
  const { code, stderr } = await runChild(childFile('disk'), task, 60_000, undefined, { env });
  expect(code, stderr).toBe(0);
  events = readDiskLog(readFileSync(log));
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What is missing of what had been told, in a folder as the power cut left it; opened as the next start does. */
function missing(dir: string, told: readonly Told[]): string[] {
  const { handle, outboxHandle } = openProfileStores({ dir, key, clock: systemClock, log: silentLog });
  try {
    const store = createEngineStore(handle, outboxHandle);
    const mails = new Map(store.outbox.shown(0).map((one) => [one.messageId, one.id]));
    const op = handle.db.prepare('SELECT 1 FROM ops WHERE id = ?');
    const segment = handle.db.prepare(
      'SELECT pack_id AS packId, pack_offset AS offset, pack_bytes AS bytes, content FROM segments WHERE id = ?',
    );
    const isThere = (one: Told): boolean => {
      if (one.account !== undefined) return store.accounts.list().some(({ id }) => id === one.account);
      if (one.op !== undefined) return op.get(one.op) !== undefined;
      if (one.mail !== undefined) {
        const id = mails.get(one.mail);
        return id !== undefined && sha(Buffer.concat([...store.outbox.bytes.pieces(id)])) === one.digest;
      }
      if (one.segment === undefined) return true;
      const row = segment.get(one.segment) as { packId: number; offset: number; bytes: number; content: Uint8Array } | undefined;
      return row !== undefined && sha(handle.packs.read(row, row.content)) === one.digest;
    };
    const lost = told.filter((one) => !isThere(one)).map((one) => JSON.stringify(one));
    const integrity = [handle, outboxHandle].map(({ db }) => db.pragma('integrity_check', { simple: true }));
    if (integrity.some((one) => one !== 'ok')) lost.push(`integrity ${integrity.join()}`);
    return lost;
  } finally {
    handle.close();
    outboxHandle.close();
  }
}

/** Before and after each sync, and behind each thing told, with each way to lose what was not synced. */
function cases(): { readonly at: number; readonly loss: Loss }[] {
  const places = events.flatMap(({ kind }, n) => (kind === 'sync' ? [n, n + 1] : kind === 'told' ? [n + 1] : []));
  const all = [...new Set(places)].flatMap((at) => LOSSES.map((loss) => ({ at, loss })));
  if (isFull) {
    expect(all.length).toBeGreaterThanOrEqual(FULL_CUTS);
    return sliceOf(all);
  }
  const random = seededRandom(seed);
  return Array.from({ length: SAMPLE }, () => all[random.int(0, all.length - 1)]!).sort((a, b) => a.at - b.at);
}

it('what was told is there after a power cut at any moment, and nothing is damaged (S4)', { timeout: isFull ? 7_200_000 : 300_000 }, () => {
  const random = seededRandom(seed);
  const tally = newTally();
  const model = new DiskModel(disk);
  const told: Told[] = [];
  const faults: string[] = [];
  let fed = 0;
  let corrupt = 0;
  for (const { at, loss } of cases()) {
    for (; fed < at; fed += 1) {
      const event = events[fed]!;
      model.feed(event);
      if (event.kind === 'told') told.push(JSON.parse(event.text) as Told);
    }
    const target = mkdtempSync(join(root, 'cut-'));
    model.cut(target, loss, random);
    const dir = join(target, 'profile');
    tally.cases += 1;
    try {
      const lost = missing(dir, told);
      tally.lost += lost.length;
      if (lost.length > 0) faults.push(`${at} ${loss}: ${lost.slice(0, 3).join()}`);
    } catch (error) {
      tally.stuck += 1;
      faults.push(`${at} ${loss}: ${String(error)}`);
    }
    const traces = readdirSync(target, { recursive: true }).filter((name) => /damaged|mended/u.test(String(name)));
    if (traces.length > 0) faults.push(`${at} ${loss}: taken for damaged: ${traces.join()}`);
    corrupt += traces.length > 0 ? 1 : 0;
    rmSync(target, { recursive: true, force: true });
  }
  reportCases('S4 power cuts', tally, {
    corrupt,
    told: told.length,
    events: events.length,
    syncs: events.filter(({ kind }) => kind === 'sync').length,
    seed,
  });
  expect(faults).toEqual([]);
  expect(told.length).toBeGreaterThan(ROUNDS * 3);
});
