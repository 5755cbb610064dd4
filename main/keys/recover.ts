import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MailError } from '../../shared/errors.ts';
import { KEY_CHECK_SUFFIX, OUTBOX_FILE, STORE_FILE } from '../../shared/store-file.ts';
import { isKeyCheckOf } from '../engine/core/key-check.ts';
import { renewProfileId, storeKeyItem } from './profile-id.ts';
import { fromRecoveryKey } from './recovery-key.ts';
import type { ItemStore } from './secret-items.ts';
import { refuseWeak, Vault } from './vault.ts';

export interface Recovered {
  readonly key: Uint8Array;
  readonly id: string;
}

/** Where nothing is noted beside the stores the key is taken: it is proved when the store is opened, and replaced nothing for good. */
function isForeign(dir: string, key: Uint8Array): boolean {
  const notes = [STORE_FILE, OUTBOX_FILE].map((name) => join(dir, `${name}${KEY_CHECK_SUFFIX}`)).filter((path) => existsSync(path));
  return notes.length > 0 && !notes.some((path) => isKeyCheckOf(key, readFileSync(path, 'utf8')));
}

/** @throws MailError recovery-key-wrong: a typing error, or the key of another store */
function keyOf(dir: string, text: string): Uint8Array {
  const key = fromRecoveryKey(text);
  if (!isForeign(dir, key)) return key;
  throw new MailError('recovery-key-wrong', { scope: 'store', retry: 'ask', detail: 'the recovery key belongs to another store' });
}

/** Puts the recovered key where the profile's key belongs; another that is there stays under a name of its own. */
export async function recoverInto(items: ItemStore, dir: string, text: string): Promise<Recovered> {
  const key = keyOf(dir, text);
  const id = renewProfileId(dir);
  const item = storeKeyItem(id);
  const hex = Buffer.from(key).toString('hex');
  const found = await items.get(item);
  if (found !== null && found !== hex) {
    const mark = createHash('sha256').update(found).digest('hex').slice(0, 12);
    await items.set(`${item}:replaced-${mark}`, found);
  }
  if (found !== hex) await items.set(item, hex);
  return { key, id };
}

/** Seals the recovered key by a new passphrase. @throws MailError passphrase-weak, recovery-key-wrong: nothing was written */
export async function recoverVault(
  path: string,
  dir: string,
  text: string,
  passphrase: string | null,
): Promise<Recovered & { vault: Vault }> {
  const key = keyOf(dir, text);
  refuseWeak(passphrase ?? '');
  const id = renewProfileId(dir);
  const vault = await Vault.replace(path, passphrase ?? '', { [storeKeyItem(id)]: Buffer.from(key).toString('hex') });
  return { key, id, vault };
}
