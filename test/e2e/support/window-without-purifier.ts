import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'vite';
import { expect } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');

/**
 * Builds the window as it is built, but for a purifier that lets everything through. Gives the folder for HOLDOVER_TEST_DIST, to be
 * removed by the caller.
 */
export async function buildWithoutPurifier(): Promise<string> {
  // Within the project: the main process finds its modules from there.
  mkdirSync(path.join(root, '.tmp'), { recursive: true });
  const dist = mkdtempSync(path.join(root, '.tmp/hostile-'));
  for (const part of ['main', 'preload']) cpSync(path.join(root, 'dist', part), path.join(dist, part), { recursive: true });
  let isReplaced = false;
  const identity: Plugin = {
    name: 'identity-purifier',
    transform(code, id) {
      if (!id.endsWith('/renderer/mail/purifier.ts')) return null;
      isReplaced = true;
      return `${code}\npurify.sanitize = (html) => html;\n`;
    },
  };
  await build({
    configFile: path.join(root, 'vite.renderer.ts'),
    plugins: [identity],
    logLevel: 'error',
    build: { outDir: path.join(dist, 'renderer'), emptyOutDir: true },
  });
  expect(isReplaced).toBe(true);
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
