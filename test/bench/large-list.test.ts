import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openKeys } from '../../main/keys/open-keys.ts';
import { electronRuntime, startApp, type RunningApp } from '../e2e/support/start-app.ts';
import { seededRandom } from '../support/random.ts';
import { fillStore } from './filled-store.ts';
import { generateBenchMailbox } from './generate-mailbox.mjs';
import { openNext, scrollAlong, typeSearch } from './in-page.mjs';
import { percentile, writeReport, type BenchResult } from './report.ts';

const root = path.join(import.meta.dirname, '../..');
const seed = Number(process.env['HOLDOVER_SEED'] ?? 20261124);
const COUNT = Number(process.env['HOLDOVER_BENCH_MAILS'] ?? 100_000);
const SCROLL_MS = 5_000;
const OPENED = 60;
const SEARCHES = 60;

let folder: string;
let app: RunningApp;
let words: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-large-'));
  const profile = path.join(folder, 'profile');
  const first = await startApp({ profile });
  await first.quit();
  const keys = await openKeys({ profileDir: profile, mode: 'keyring' });
  if (!('storeKey' in keys)) throw new Error('the keyring does not give the key');
  async function* mails() {
    yield* generateBenchMailbox({ seed, count: COUNT, isSmall: true, now: Date.now() });
  }
  const filled = await fillStore(profile, keys.storeKey, mails());
  words = filled.words.filter((word) => word.length > 4);
  filled.close();
  app = await startApp({ profile });
  await app.window.waitForSelector('[role=option]');
}, 3_600_000);
afterAll(async () => {
  await app.quit();
  rmSync(folder, { recursive: true, force: true });
});

/** The same scrolling of the same number of plain rows in a window of Electron that does nothing else. */
async function plainRows(): Promise<number[]> {
  const { executablePath, args, env } = await electronRuntime();
  const kept = Object.entries(process.env).filter((one): one is [string, string] => one[1] !== undefined && one[0] !== 'NODE_OPTIONS');
  const plain = await _electron.launch({
    executablePath,
    args: [...args, path.join(import.meta.dirname, 'empty-window')],
    env: { ...Object.fromEntries(kept), ...env, EMPTY_WINDOW_PROFILE: path.join(folder, 'empty') },
  });
  const window: Page = await plain.firstWindow();
  await window.evaluate(() => {
    const { document } = globalThis as unknown as { document: { body: { innerHTML: string } } };
    const rows = Array.from({ length: 2_000 }, (_, n) => `<div style="height:92px">Row ${n}</div>`).join('');
    document.body.innerHTML = `<div role="listbox" style="height:700px;overflow-y:scroll">${rows}</div>`;
  });
  const { gaps } = await window.evaluate(scrollAlong, SCROLL_MS);
  await plain.close();
  return gaps;
}

it('scrolls, opens and searches in a large mailbox', { timeout: 600_000 }, async () => {
  const plain = await plainRows();
  const ours = await app.window.evaluate(scrollAlong, SCROLL_MS);
  const opened = await app.window.evaluate(openNext, OPENED);
  const random = seededRandom(seed);
  const typed = Array.from({ length: SEARCHES }, () => random.pick(words)).map((word) => word.slice(0, random.int(2, word.length)));
  const found = await app.window.evaluate(typeSearch, typed);
  expect(opened).toHaveLength(OPENED);
  expect(found).toHaveLength(SEARCHES);
  const note = `${COUNT} messages`;
  const p95 = (values: readonly number[]) => percentile(values, 0.95);
  const one = (bar: string, values: readonly number[], atMost: number): BenchResult => ({
    ...{ bar, unit: 'ms', ours: p95(values), runs: [percentile(values, 0.5), p95(values)], atMost, note },
  });
  const isReached = writeReport(
    root,
    'large-list',
    [
      {
        ...one('time between frames while scrolling, p95', ours.gaps, 1.2),
        reference: { name: 'plain rows', value: p95(plain), runs: plain.slice(0, 9) },
      },
      {
        bar: 'frames that showed a row not yet loaded',
        unit: '%',
        ours: ours.blankShare * 100,
        runs: [ours.blankShare * 100],
        atMost: 5,
        note,
      },
      one('opening a message to its painted text, p95', opened, 50),
      one('from a letter to the painted result, p95', found, 50),
    ],
    seed,
  );
  expect(isReached, 'the bars of a large list').toBe(true);
});
