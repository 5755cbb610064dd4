import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildDiskShim } from '../support/disk/disk-shim.ts';
import { DISK_FAULTS, diskCases, DiskSwitch, type DiskFault } from '../support/disk/disk-switch.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';
import { runChild } from './run-child.ts';

const ROUNDS = 8;
const SAMPLE = 18;

interface Result {
  readonly at: number;
  readonly errno: number;
  readonly changes: number;
  readonly faults: readonly string[];
  readonly codes: readonly string[];
}

const root = mkdtempSync(join(tmpdir(), 'holdover-disk-'));
const control = join(root, 'control');
const disk = join(root, 'disk');
let library: string;
beforeAll(() => {
  library = buildDiskShim(root);
  mkdirSync(disk);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(cases: readonly { at: number; errno: number }[]): Promise<Result[]> {
  DiskSwitch.make(control).close();
  const env = { LD_PRELOAD: library, DISK_ROOT: disk, DISK_CONTROL: control };
  const task = { root: disk, control, cases, rounds: ROUNDS };
  const { code, signal, out, stderr } = await runChild(childFile('disk-faults'), task, isFull ? 7_200_000 : 300_000, undefined, { env });
  expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
  return out.trim().split('\n').map((line) => JSON.parse(line) as Result); // prettier-ignore
}

const timeout = isFull ? 7_200_000 : 300_000;
it(
  'a disk that fails is told, loses nothing, leaves nothing half done, and is used again as soon as it is well (S5)',
  { timeout },
  async () => {
    const [well] = await run([{ at: 0, errno: 0 }]);
    expect(well?.faults).toEqual([]);
    const names = Object.keys(DISK_FAULTS) as DiskFault[];
    const all = diskCases(well?.changes ?? 0);
    expect(all.length).toBeGreaterThanOrEqual(200);
    const random = seededRandom(seed);
    // Of each kind as many.
    const sample = Array.from({ length: SAMPLE }, (_, n) => random.pick(all.filter(({ name }) => name === names[n % names.length])));
    const chosen = isFull ? sliceOf(all) : sample;
    const results = await run(chosen);
    const tally = { ...newTally(), cases: results.length };
    const faults: string[] = [];
    const told = new Set<string>();
    for (const [n, { at, faults: own, codes }] of results.entries()) {
      const { name } = chosen[n]!;
      for (const code of codes) told.add(code);
      faults.push(...own.map((one) => `${name} at ${at}: ${one}`));
      tally.stuck += own.some((one) => one.startsWith('stuck')) ? 1 : 0;
      tally.lost += own.filter((one) => /cannot be read|operations/u.test(one)).length;
      tally.duplicated += own.filter((one) => one.includes('was refused and is there')).length;
    }
    reportCases('S5 failing disk', tally, {
      places: all.length / names.length,
      faults: names.length,
      told: [...told].sort().join(' '),
      seed,
    });
    expect(faults).toEqual([]);
    expect(results).toHaveLength(chosen.length);
    // SQLite has one name for most of what a disk says, so a read-only one may be told as failing.
    expect([...told]).toEqual(expect.arrayContaining(['store-full', 'store-io']));
    expect(Object.values<string>(DISK_FAULTS)).toEqual(expect.arrayContaining([...told]));
  },
);
