import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../../..');

/** The policy that the packages for Linux bring. */
export const PACKAGE_POLICY = { log: { level: 'info' } };
/** Who gives the packages out. */
export const HOMEPAGE = 'https://www.company.example/mail';
export const PUBLISHER = 'Mail of Company';
export const MAINTAINER = `${PUBLISHER} <mail@company.example>`;
/** Whether the package for RPM systems can be made and looked at here. */
export const hasRpm = process.platform === 'linux' && process.arch === 'x64' && process.getuid?.() === 0;

const builds = {
  linux: ['--arch', process.arch, 'deb', 'tar.gz', ...(hasRpm ? ['rpm'] : [])],
  /** Windows and macOS, around an empty runtime. */
  elsewhere: ['--stand-in', 'msi', 'dmg'],
} satisfies Readonly<Record<string, readonly string[]>>;

/** Builds packages into `release`, uncompressed; once for all files of a run of the tests, which run one after the other. */
export function buildOnce(name: keyof typeof builds): void {
  const { HOLDOVER_RUN_DIR: runDir } = process.env;
  const mark = runDir === undefined ? null : path.join(runDir, `packages-${name}`);
  if (mark !== null && existsSync(mark)) return;
  const scratch = mkdtempSync(path.join(tmpdir(), 'holdover-packages-'));
  try {
    const policy = path.join(scratch, 'policies.json');
    writeFileSync(policy, JSON.stringify(PACKAGE_POLICY));
    const env = { HOLDOVER_HOMEPAGE: HOMEPAGE, HOLDOVER_MAINTAINER: MAINTAINER, ...(name === 'linux' ? { HOLDOVER_POLICY: policy } : {}) };
    execFileSync(process.execPath, [path.join(root, 'scripts/dist.mjs'), '--quick', ...builds[name]], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  if (mark !== null) writeFileSync(mark, '');
}
