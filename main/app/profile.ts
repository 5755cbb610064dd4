import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DROP_FILE, STORE_FILE } from '../../shared/store-file.ts';

/** Where everything of one profile lies. Nothing that the app writes by itself is outside `dir`. */
export interface Profile {
  readonly dir: string;
  /** Chromium's own files; the window's session is in memory, so no mail content gets here. */
  readonly chromiumDir: string;
  readonly logsDir: string;
  readonly settingsFile: string;
  /** What the window showed first in the last run, sealed. */
  readonly firstViewFile: string;
  /** The last policy that was right, sealed. */
  readonly policyFile: string;
  /** Where an enrolment file may be left while the app runs. */
  readonly dropFile: string;
  /** A throw-away profile of the demo, marked so by whoever made it. */
  readonly isDemo: boolean;
  /** A store was there when the app started: most likely mail can be shown in a moment. */
  readonly hasStore: boolean;
}

/** Folder named by `--profile DIR`, `--profile=DIR` or HOLDOVER_PROFILE, in this order; null for the default one. */
export function findProfileArgument(argv: readonly string[], env: NodeJS.ProcessEnv): string | null {
  for (const [at, argument] of argv.entries()) {
    if (argument === '--') break;
    if (argument.startsWith('--profile=')) return argument.slice('--profile='.length) || null;
    if (argument === '--profile') return argv[at + 1] ?? null;
  }
  return env['HOLDOVER_PROFILE'] || null;
}

/** Makes the profile's folders, readable by their owner only. */
export function openProfile(dir: string): Profile {
  const base = path.resolve(dir);
  const chromiumDir = path.join(base, 'chromium');
  const logsDir = path.join(base, 'logs');
  for (const folder of [base, chromiumDir, logsDir]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  }
  const isDemo = existsSync(path.join(base, 'demo-profile'));
  const hasStore = existsSync(path.join(base, STORE_FILE));
  const inBase = (name: string): string => path.join(base, name);
  const files = {
    settingsFile: inBase('settings.json'),
    firstViewFile: inBase('first-view.sealed'),
    policyFile: inBase('policy.sealed'),
    dropFile: inBase(DROP_FILE),
  };
  return { dir: base, chromiumDir, logsDir, ...files, isDemo, hasStore };
}
