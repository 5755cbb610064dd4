import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { targetOf, wrongNatives } from '../../scripts/pack/natives.mjs';

const prebuilds = path.join(import.meta.dirname, '../../node_modules/better-sqlite3/prebuilds');
const targets = [
  { platform: 'linux', arch: 'x64' },
  { platform: 'linux', arch: 'arm64' },
  { platform: 'win32', arch: 'x64' },
  { platform: 'win32', arch: 'arm64' },
  { platform: 'darwin', arch: 'x64' },
  { platform: 'darwin', arch: 'arm64' },
] as const;
const prebuilt = (platform: string, arch: string): string => path.join(prebuilds, `${platform}-${arch}.node`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-natives-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lay(name: string, from: string): void {
  const place = path.join(folder, 'node_modules', name, 'x');
  mkdirSync(place, { recursive: true });
  copyFileSync(from, path.join(place, 'own.node'));
}

describe('natives of a package', () => {
  it.each(targets)('are known by their header: $platform $arch', ({ platform, arch }) => {
    expect(targetOf(prebuilt(platform, arch))).toEqual({ platform, archs: [arch] });
  });

  it.each(targets)('fit one target and no other: $platform $arch', (own) => {
    lay('better-sqlite3', prebuilt(own.platform, own.arch));
    lay('keytar', prebuilt(own.platform, own.arch));
    for (const target of targets) {
      const isOwn = target === own;
      expect(wrongNatives(folder, target), `${target.platform} ${target.arch}`).toHaveLength(isOwn ? 0 : 2);
    }
  });

  it('fail the package when one is missing, doubled, or no native at all', () => {
    const target = { platform: 'linux', arch: 'x64' };
    lay('better-sqlite3', prebuilt('linux', 'x64'));
    expect(wrongNatives(folder, target)).toEqual(['keytar: there must be exactly one native of it']);
    lay('keytar', prebuilt('linux', 'x64'));
    expect(wrongNatives(folder, target)).toEqual([]);
    writeFileSync(path.join(folder, 'node_modules/keytar/x/second.node'), 'no native');
    expect(wrongNatives(folder, target)).toEqual([
      'node_modules/keytar/x/second.node is for no known system, not linux x64',
      'keytar: there must be exactly one native of it',
    ]);
  });
});
