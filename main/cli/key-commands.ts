import { join } from 'node:path';
import { MailError, type ErrorCode } from '../../shared/errors.ts';
import { OUTBOX_FILE, STORE_FILE } from '../../shared/store-file.ts';
import { systemClock } from '../engine/core/clock.ts';
import { lockStore } from '../engine/store/store-lock.ts';
import { openProfileStores } from '../engine/store/open-profile.ts';
import { hasStore } from '../keys/profile-id.ts';
import { toRecoveryKey } from '../keys/recovery-key.ts';
import { readUnsentNote, setAsideStore } from '../keys/set-aside.ts';
import { askKeys, openProfileKeys, profileDirOf, stderrLog, type ProfileOptions } from './open-profile.ts';
import { readSecretFile } from './read-secret-file.ts';

const KEY_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'store-locked',
  'store-key-missing',
  'store-key-wrong',
  'keyring-unavailable',
  'keyring-locked',
  'passphrase-wrong',
  'vault-damaged',
]);

type Print = (text: string) => void;

/** Prints the text that opens the store when keyring or passphrase is lost. */
export async function showRecoveryKey(options: ProfileOptions, print: Print): Promise<number> {
  const { storeKey } = await openProfileKeys(options);
  print(toRecoveryKey(storeKey));
  return 0;
}

/** Opens both stores and closes them. @throws MailError store-* */
function proveKey(options: ProfileOptions, key: Uint8Array): void {
  const shared = { clock: systemClock, log: stderrLog(options.isVerbose), create: false };
  const { handle, outboxHandle } = openProfileStores({ dir: profileDirOf(options), key, ...shared });
  handle.close();
  outboxHandle.close();
}

/** Why the store cannot be opened with what is at hand. @throws MailError call-rejected where it can, or where there is none */
async function lostBy(options: ProfileOptions): Promise<MailError> {
  const refused = (detail: string) => new MailError('call-rejected', { scope: 'store', retry: 'never', detail });
  if (!hasStore(profileDirOf(options))) throw refused('there is no store');
  try {
    proveKey(options, (await openProfileKeys(options)).storeKey);
  } catch (error) {
    if (error instanceof MailError && KEY_ERRORS.has(error.code)) return error;
    throw error;
  }
  throw refused('the key of this store is not lost');
}

/** Opens the store by its recovery key, proves it, and keeps the key in the keyring, or in the vault of the passphrase given. */
export async function recoverStore(options: ProfileOptions, recoveryKeyFile: string, print: Print): Promise<number> {
  const recoveryKey = readSecretFile(recoveryKeyFile);
  const passphrase = options.passphraseFile ? readSecretFile(options.passphraseFile) : null;
  const { storeKey } = await (await askKeys(options)).recover(recoveryKey, passphrase);
  proveKey(options, storeKey);
  print(
    passphrase === null ? 'the store is open; its key is in the keyring again' : 'the store is open; its key is sealed by the passphrase',
  );
  return 0;
}

const knownLosses = (dir: string): string => {
  const note = readUnsentNote(dir);
  if (note === null) return 'whether unsent mail or drafts stay in it cannot be known without the key';
  const { mails, drafts, changes } = note.losses;
  return `only in this store, as of ${new Date(note.at).toISOString()}: ${mails} unsent mails, ${drafts} drafts, ${changes} changes not carried over`;
};

/** Moves a store whose key is lost out of the way. Without the consent it only says what stays in it. */
export async function setAside(options: ProfileOptions, isAccepted: boolean, print: Print): Promise<number> {
  const dir = profileDirOf(options);
  const { code } = await lostBy(options);
  print(`the store does not open (${code}); ${knownLosses(dir)}`);
  if (!isAccepted) {
    print('nothing was done; with --accept-losses the locked files are moved into a folder of their own in the profile, none is deleted');
    return 1;
  }
  const locks = [STORE_FILE, OUTBOX_FILE].map((name) => lockStore(join(dir, name)));
  try {
    print(`set aside: ${setAsideStore(dir, systemClock.now())}`);
  } finally {
    for (const unlock of locks) unlock();
  }
  return 0;
}
