import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { MailError } from '../../shared/errors.ts';
import type { ContinuityEngine, EngineEventListener } from '../engine/engine.ts';
import { openEngine } from '../engine/open-engine.ts';
import type { Log, LogEntry } from '../engine/core/log.ts';
import { openKeys } from '../keys/open-keys.ts';

export interface ProfileOptions {
  readonly profile: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly isVerbose: boolean;
  readonly onEvent?: EngineEventListener;
}

function defaultProfile(): string {
  const base = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share');
  return join(base, 'holdover-cli');
}

function stderrLog(isVerbose: boolean): Log {
  const write = (level: string) => (entry: LogEntry) => process.stderr.write(`${JSON.stringify({ level, ...entry })}\n`);
  const quiet = () => undefined;
  return { debug: quiet, info: isVerbose ? write('info') : quiet, warn: isVerbose ? write('warn') : quiet, error: write('error') };
}

/** Stops the process right after the n-th durable step: how crash tests kill it at every one of them. */
function crashStep(): ((name: string) => void) | undefined {
  const at = Number(process.env['HOLDOVER_CRASH_AT'] ?? 0);
  const countFile = process.env['HOLDOVER_COUNT_STEPS'];
  if (at <= 0 && !countFile) return undefined;
  let count = 0;
  return (name) => {
    count += 1;
    if (countFile) process.stderr.write(`step ${count} ${name}\n`);
    if (count === at) process.kill(process.pid, 'SIGKILL');
  };
}

/** Opens the engine of a profile with its keys. A passphrase file stands in for a keyring. */
export async function openProfile(options: ProfileOptions): Promise<ContinuityEngine> {
  const profileDir = resolve(options.profile ?? defaultProfile());
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  const mode = options.passphraseFile ? 'passphrase' : 'auto';
  let keys = await openKeys({ profileDir, mode });
  if (keys.status === 'locked' && options.passphraseFile) {
    const passphrase = readFileSync(options.passphraseFile, 'utf8').replace(/\r?\n$/u, '');
    keys = await keys.unlock(passphrase);
  }
  if (keys.status !== 'ready') {
    throw new MailError('keyring-unavailable', { scope: 'store', retry: 'ask', detail: keys.reason });
  }
  const step = crashStep();
  return openEngine({
    profileDir,
    storeKey: keys.storeKey,
    secrets: keys.secrets,
    log: stderrLog(options.isVerbose),
    onEvent: options.onEvent ?? (() => undefined),
    ...(step ? { step } : {}),
  });
}
