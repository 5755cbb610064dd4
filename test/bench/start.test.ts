import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type Page as Window } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMailWorld, type MailWorld } from '../e2e/support/mail-world.ts';
import { startApp } from '../e2e/support/start-app.ts';
import { median, writeReport } from './report.ts';

const ROUNDS = Number(process.env['HOLDOVER_BENCH_ROUNDS'] ?? 7);
const root = path.join(import.meta.dirname, '../..');

let world: MailWorld;
let folder: string;
beforeAll(async () => {
  world = await startMailWorld();
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-start-'));
});
afterAll(async () => {
  await world.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** The page's global object, for the function that runs there. */
interface Page {
  readonly document: { querySelector(selector: string): unknown };
}

/** Looks in every frame, where Playwright's own waiting looks again after up to half a second. */
const isThere = (window: Window, selector: string): Promise<unknown> =>
  window.waitForFunction((wanted) => (globalThis as unknown as Page).document.querySelector(wanted) !== null, selector, { polling: 'raf' });

async function emptyWindow(): Promise<number> {
  const { resolveElectron } = (await import(path.join(root, 'scripts/lib/electron.mjs'))) as {
    resolveElectron(): { executablePath: string; args: string[]; env: Record<string, string> };
  };
  const { executablePath, args, env } = resolveElectron();
  const kept = Object.entries(process.env).filter((one): one is [string, string] => one[1] !== undefined && one[0] !== 'NODE_OPTIONS');
  const startedAt = performance.now();
  const app = await _electron.launch({
    executablePath,
    args: [...args, path.join(import.meta.dirname, 'empty-window')],
    env: { ...Object.fromEntries(kept), ...env, EMPTY_WINDOW_PROFILE: path.join(folder, 'empty') },
  });
  const window = await app.firstWindow();
  await isThere(window, 'p');
  const tookMs = performance.now() - startedAt;
  await app.close();
  return tookMs;
}

async function toFirstRow(profile: string): Promise<number> {
  const startedAt = performance.now();
  const app = await startApp({ profile });
  await isThere(app.window, '[role=option]');
  const tookMs = performance.now() - startedAt;
  await app.quit();
  return tookMs;
}

it('starts to its first list row', { timeout: 600_000 }, async () => {
  const profile = path.join(folder, 'profile');
  const first = await startApp({ profile });
  const enrolled = await first.call('accounts.enrol', { config: world.config, secrets: world.secrets } as never);
  expect(enrolled.ok).toBe(true);
  await expect
    .poll(
      async () => {
        const states = await first.call('sync.state');
        return states.ok && states.value.length === 2 && states.value.every(({ lastCompleteAt }) => lastCompleteAt !== null);
      },
      { timeout: 120_000 },
    )
    .toBe(true);
  await first.quit();
  await world.pullPlug();
  const ours: number[] = [];
  const empty: number[] = [];
  // One of each before it counts: files are in the system's cache from then on.
  await emptyWindow();
  await toFirstRow(profile);
  for (let round = 0; round < ROUNDS; round += 1) {
    empty.push((await emptyWindow()) / 1000);
    ours.push((await toFirstRow(profile)) / 1000);
  }
  const result = {
    ...{ bar: 'start to first list row, no network', unit: 's', ours: median(ours), runs: ours, atMost: 1.5 },
    reference: { name: 'empty Electron window', value: median(empty), runs: empty },
  };
  const isReached = writeReport(root, 'start', [result], 0);
  expect(isReached, 'the bar of the start').toBe(true);
});
