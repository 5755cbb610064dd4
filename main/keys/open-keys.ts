import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MailError, packError } from '../../shared/errors.ts';
import { Keyring, type KeyringBackend } from './keyring.ts';
import type { Keys } from './keys.ts';
import { profileId, vaultPath } from './profile-id.ts';
import { ready } from './ready-keys.ts';

export type { Keys, LockedKeys, ReadyKeys } from './keys.ts';

export interface KeysOptions {
  readonly profileDir: string;
  /** `auto`: the vault where one exists, else the keyring. `passphrase`: always the vault. */
  readonly mode: 'auto' | 'keyring' | 'passphrase';
  readonly loadKeyring?: () => Promise<KeyringBackend>;
  readonly env?: NodeJS.ProcessEnv;
}

/** Under this name the keyring has everything of ours. */
export const SERVICE = 'Holdover';
/** Loaded where the keyring does not simply give the key: most starts need none of it. */
const loadLocked = () => import('./locked-keys.ts');

/** The demo's throw-away profile unlocks itself; any other profile ignores the variable. */
function demoPassphrase({ profileDir, env = process.env }: KeysOptions): string | null {
  return existsSync(join(profileDir, 'demo-profile')) ? (env['HOLDOVER_DEMO_PASSPHRASE'] ?? null) : null;
}

/** Opens the keys of a profile: from its vault, from the keyring, or tells what is needed. Never falls back to plain text. */
export async function openKeys(options: KeysOptions): Promise<Keys> {
  const { profileDir, mode } = options;
  const keyring = new Keyring(SERVICE, options.loadKeyring ? { load: options.loadKeyring } : {});
  const hasVault = existsSync(vaultPath(profileDir));
  try {
    const id = profileId(profileDir);
    const demo = demoPassphrase(options);
    if (demo !== null) return await (await loadLocked()).locked(profileDir, id, null).unlock(demo);
    if (mode !== 'keyring' && (mode === 'passphrase' || hasVault)) return (await loadLocked()).locked(profileDir, id, null);
    return await openKeyring(keyring, profileDir, id);
  } catch (error) {
    if (!(error instanceof MailError) || error.code !== 'store-key-missing') throw error;
    const { locked, lost } = await loadLocked();
    // Where a vault was used, a passphrase is chosen anew; a keyring takes the recovered key as it is.
    return hasVault ? locked(profileDir, '', packError(error)) : lost(keyring, profileDir, error);
  }
}

async function openKeyring(keyring: Keyring, dir: string, id: string): Promise<Keys> {
  try {
    return await ready(keyring, dir, id);
  } catch (error) {
    const isKeyring = error instanceof MailError && (error.code === 'keyring-unavailable' || error.code === 'keyring-locked');
    if (!isKeyring) throw error;
    // A keyring that is there and locked holds the key: a passphrase of its own would make a second one.
    const answer = (await loadLocked()).locked(dir, id, packError(error));
    return error.code === 'keyring-locked' ? { ...answer, reason: 'keyring-unavailable' } : answer;
  }
}
