import { packError, type MailError, type PackedError } from '../../shared/errors.ts';
import type { LockedKeys } from './keys.ts';
import { hasStore, keyMissing, vaultPath } from './profile-id.ts';
import { ready, readyWith } from './ready-keys.ts';
import { recoverInto, recoverVault } from './recover.ts';
import type { ItemStore } from './secret-items.ts';
import { Vault } from './vault.ts';

/** A passphrase opens the store, or is to be chosen, or would if the store were not a keyring's. */
export function locked(dir: string, id: string, error: PackedError | null): LockedKeys {
  const path = vaultPath(dir);
  const hasVault = Vault.exists(path);
  const reason = hasVault ? 'enter-passphrase' : hasStore(dir) ? 'keyring-unavailable' : 'choose-passphrase';
  return {
    ...{ status: 'locked', reason, error },
    recover: async (text, passphrase) => {
      const { key, id: name, vault } = await recoverVault(path, dir, text, passphrase);
      return readyWith(key, vault, dir, name);
    },
    unlock: async (passphrase) => {
      if (reason === 'keyring-unavailable') throw keyMissing('this store was made with a keyring');
      return ready(await (hasVault ? Vault.open(path, passphrase) : Vault.create(path, passphrase)), dir, id);
    },
  };
}

/** The keyring answers and has no key that fits: only the recovery key helps, or a keyring brought back. */
export function lost(keyring: ItemStore, dir: string, error: MailError): LockedKeys {
  return {
    ...{ status: 'locked', reason: 'key-lost', error: packError(error) },
    recover: async (text) => {
      const { key, id } = await recoverInto(keyring, dir, text);
      return readyWith(key, keyring, dir, id);
    },
    unlock: () => Promise.reject(error),
  };
}
