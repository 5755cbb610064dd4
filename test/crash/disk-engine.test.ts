import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildDiskShim } from '../support/disk/disk-shim.ts';
import { DISK_FAULTS, diskCases } from '../support/disk/disk-switch.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { isFull, seed } from '../support/this-run.ts';
import { DiskWorker, type DiskCase, type DiskResult } from './disk-worker.ts';

/** Cases at a time: they wait more than they work. */
const LANES = 3;

const root = mkdtempSync(join(tmpdir(), 'holdover-disk-engine-'));
let library: string;
let dovecot: Dovecot;
let smtp: SmtpScript;
const users = Array.from({ length: LANES }, (_, n) => `lane${n}`);

beforeAll(async () => {
  library = buildDiskShim(root);
  dovecot = await startDovecot({ users });
  smtp = await startSmtpScript({ passwords: Object.fromEntries(users.map((user) => [user, `pw-${user}`])) });
});
afterAll(async () => {
  await smtp?.close();
  await dovecot?.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** Plays all cases, `LANES` of them at a time, each lane with a person of its own. */
async function play(cases: readonly DiskCase[]): Promise<DiskResult[]> {
  const results: DiskResult[] = [];
  let next = 0;
  const lane = async (user: string): Promise<void> => {
    for (let n = next++; n < cases.length; n = next++) {
      const disk = join(root, `disk-${n}`);
      mkdirSync(disk);
      const worker = new DiskWorker({ dovecot, smtp, user, disk, control: join(root, `control-${n}`), library });
      results[n] = await worker.play(cases[n]!);
      rmSync(disk, { recursive: true, force: true });
    }
  };
  await Promise.all(users.slice(0, cases.length).map(lane));
  return results;
}

const timeout = isFull ? 10_800_000 : 300_000;
it(
  'an engine at work whose disk fails says so, loses and doubles nothing, and goes on by itself when the disk is well (S5)',
  { timeout },
  async () => {
    const moments = ['first look', 'work'] as const;
    const well = await play(moments.map((moment) => ({ moment, at: 0, errno: 0 })));
    expect(well.map(({ faults }) => faults)).toEqual([[], []]);
    const all = moments.flatMap((moment, n) => diskCases(well[n]!.changes).map((one) => ({ moment, ...one })));
    expect(all.length).toBeGreaterThanOrEqual(200);
    const random = seededRandom(seed);
    // In the sample each way in which a disk fails once, half of them at either moment.
    const sampled = random.shuffle(Object.keys(DISK_FAULTS)).map((fault, n) => {
      const ofBoth = all.filter(({ name, moment }) => name === fault && moment === moments[n % moments.length]);
      return random.pick(ofBoth);
    });
    const chosen = isFull ? sliceOf(all) : sampled;
    const results = await play(chosen);
    const tally = { ...newTally(), cases: results.length };
    const faults: string[] = [];
    const told = new Set<string>();
    for (const [n, { faults: own, codes }] of results.entries()) {
      const { name, at, moment } = chosen[n]!;
      for (const code of codes) told.add(code);
      faults.push(...own.map((one) => `${name} at ${at} of ${moment}: ${one}`));
      tally.lost += own.filter((one) => one.startsWith('lost')).length;
      tally.duplicated += own.filter((one) => one.startsWith('twice')).length;
      tally.stuck += own.filter((one) => one.startsWith('stuck')).length;
    }
    const engines = Math.max(...results.map((one) => one.lives));
    reportCases('S5 failing disk, whole engine', tally, { of: all.length, enginesAtMost: engines, told: [...told].sort().join(' '), seed });
    expect(faults).toEqual([]);
    expect(Object.values<string>(DISK_FAULTS)).toEqual(expect.arrayContaining([...told]));
  },
);
