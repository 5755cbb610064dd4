import type { PackedError } from '../../shared/errors.ts';
import type { SecretStore } from '../engine/secrets.ts';

/** `key-lost`: the keyring answers, but the store's key is not in it. */
export type LockedReason = 'choose-passphrase' | 'enter-passphrase' | 'keyring-unavailable' | 'key-lost';

interface Recoverable {
  /**
   * Opens the store by its recovery key, and keeps the key where it belongs: in the keyring, or sealed by a new passphrase
   * where no keyring answers or nobody knows the old one. What was there before is kept under another name.
   * @throws MailError recovery-key-wrong, passphrase-weak (nothing was written)
   */
  recover(recoveryKey: string, passphrase: string | null): Promise<ReadyKeys>;
}
export interface ReadyKeys extends Recoverable {
  readonly status: 'ready';
  /** 256-bit raw key of the store. */
  readonly storeKey: Uint8Array;
  readonly secrets: SecretStore;
}
export interface LockedKeys extends Recoverable {
  readonly status: 'locked';
  readonly reason: LockedReason;
  readonly error: PackedError | null;
  unlock(passphrase: string): Promise<Keys>;
}
export type Keys = ReadyKeys | LockedKeys;
