import { existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { MailError, unpackError } from '../../shared/errors.ts';
import type { ContinuityEngine, EngineEventListener } from '../engine/engine.ts';
import { openEngine } from '../engine/open-engine.ts';
import type { Log, LogEntry } from '../engine/core/log.ts';
import type { ProxyFinder } from '../engine/core/proxy/proxy-finder.ts';
import { openKeys, type Keys, type ReadyKeys } from '../keys/open-keys.ts';
import { readSecretFile } from './read-secret-file.ts';

export interface ProfileOptions {
  readonly profile: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly isVerbose: boolean;
  readonly proxies?: ProxyFinder;
  readonly onEvent?: EngineEventListener;
}

function defaultProfile(): string {
  const base = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share');
  return join(base, 'holdover-cli');
}

export function stderrLog(isVerbose: boolean): Log {
  const write = (level: string) => (entry: LogEntry) => process.stderr.write(`${JSON.stringify({ level, ...entry })}\n`);
  const quiet = () => undefined;
  return { debug: quiet, info: isVerbose ? write('info') : quiet, warn: isVerbose ? write('warn') : quiet, error: write('error') };
}

/** Folder of the profile that is meant; not made. */
export const profileDirOf = ({ profile }: Pick<ProfileOptions, 'profile'>): string => resolve(profile ?? defaultProfile());

/** With those above it. Node's own way never returns where a file system has no room for folders and says ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const one of missing) mkdirSync(one, { mode: 0o700 });
  if (!statSync(folder).isDirectory()) throw Object.assign(new Error('a file'), { code: 'ENOTDIR' });
}

/** The keys of a profile, open or not. @throws MailError config-invalid where its folder cannot be made */
export async function askKeys(options: ProfileOptions): Promise<Keys> {
  const profileDir = profileDirOf(options);
  try {
    makeFolder(profileDir);
  } catch (cause) {
    const detail = `${profileDir}: folder of the profile cannot be made (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`;
    throw new MailError('config-invalid', { scope: 'store', retry: 'ask', detail, cause });
  }
  return openKeys({ profileDir, mode: options.passphraseFile ? 'passphrase' : 'auto' });
}

/** A passphrase file stands in for a keyring. @throws MailError that says why the keys are not open */
export async function openProfileKeys(options: ProfileOptions): Promise<ReadyKeys> {
  let keys = await askKeys(options);
  if (keys.status === 'locked' && keys.reason !== 'key-lost' && options.passphraseFile) {
    keys = await keys.unlock(readSecretFile(options.passphraseFile));
  }
  if (keys.status === 'ready') return keys;
  if (keys.error) throw unpackError(keys.error);
  throw new MailError('store-locked', { scope: 'store', retry: 'ask', detail: keys.reason });
}

/** Opens the engine of a profile with its keys. */
export async function openProfile(options: ProfileOptions): Promise<ContinuityEngine> {
  const { storeKey, secrets } = await openProfileKeys(options);
  return openEngine({
    ...{ profileDir: profileDirOf(options), storeKey, secrets, log: stderrLog(options.isVerbose) },
    onEvent: options.onEvent ?? (() => undefined),
    ...(options.proxies ? { proxies: options.proxies } : {}),
  });
}
