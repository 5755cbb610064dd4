import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const BUNDLES = ['main', 'admin', 'preload', 'renderer'];

/** Maps name the folder they are written to, and stay at home. */
const isShipped = (name: string): boolean => !name.endsWith('.map');

function digestsOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => isShipped(name) && statSync(path.join(folder, name)).isFile(),
  );
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(path.join(folder, name)))
      .digest('hex');
  return Object.fromEntries(names.sort().map((name) => [name, digest(name)]));
}

/** That two packs of the same bundles list the same is tested where packages for two systems are made. */
describe('two builds of one commit', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'holdover-build-'));
    // The first build, where a change was made since the last one.
    execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { stdio: 'pipe' });
  }, 180_000);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it.each(BUNDLES)(
    'give the same files, byte for byte: %s',
    (name) => {
      const place = path.join(scratch, name);
      const vite = path.join(root, 'node_modules/vite/bin/vite.js');
      const args = ['build', '--config', `vite.${name}.ts`, '--outDir', place, '--emptyOutDir', '--logLevel', 'error'];
      execFileSync(process.execPath, [vite, ...args], { cwd: root, stdio: 'pipe', env: { ...process.env, NODE_ENV: 'production' } });
      const again = digestsOf(place);
      expect(Object.keys(again).length).toBeGreaterThan(0);
      expect(again).toEqual(digestsOf(path.join(root, 'dist', name)));
    },
    120_000,
  );
});
