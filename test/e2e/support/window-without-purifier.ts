import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');

/** Where the purifier gets its last method, after the one that cleans. */
const LAST_METHOD = /(\w+)\.clearConfig=/gu;

/**
 * The window as it was built, but for a purifier that lets everything through. Gives the folder for HOLDOVER_TEST_DIST, to be removed
 * by the caller.
 */
export function windowWithoutPurifier(): string {
  // Within the project: the main process finds its modules from there.
  mkdirSync(path.join(root, '.tmp'), { recursive: true });
  const dist = mkdtempSync(path.join(root, '.tmp/hostile-'));
  for (const part of ['main', 'preload', 'renderer']) cpSync(path.join(root, 'dist', part), path.join(dist, part), { recursive: true });
  const assets = path.join(dist, 'renderer/assets');
  let replaced = 0;
  for (const name of readdirSync(assets).filter((one) => one.endsWith('.js'))) {
    const file = path.join(assets, name);
    const code = readFileSync(file, 'utf8');
    const open = code.replace(LAST_METHOD, (_all, purifier: string) => {
      replaced += 1;
      return `${purifier}.sanitize=(html)=>html,${purifier}.clearConfig=`;
    });
    if (open !== code) writeFileSync(file, open);
  }
  expect(replaced, 'purifiers in the window that was built').toBe(1);
  return dist;
}

/** Starts something with the app that is built in this folder. */
export async function withDist<T>(dist: string, start: () => Promise<T>): Promise<T> {
  const before = process.env['HOLDOVER_TEST_DIST'];
  process.env['HOLDOVER_TEST_DIST'] = dist;
  try {
    return await start();
  } finally {
    if (before === undefined) delete process.env['HOLDOVER_TEST_DIST'];
    else process.env['HOLDOVER_TEST_DIST'] = before;
  }
}
