import { randomBytes } from 'node:crypto';
import type { ReadyKeys } from './keys.ts';
import { hasStore, keyMissing, storeKeyItem } from './profile-id.ts';
import { createSecretStore, type ItemStore } from './secret-items.ts';

/**
 * The key of the profile's store. A new one is made only where there is neither a store nor a key: a keyring that is
 * locked, missing or answers wrongly never leads to a new key over an old store.
 */
async function storeKey(items: ItemStore, dir: string, id: string): Promise<Uint8Array> {
  const item = storeKeyItem(id);
  const found = await items.get(item);
  if (found !== null) {
    if (!/^[0-9a-f]{64}$/u.test(found)) throw keyMissing('the key item is damaged');
    return new Uint8Array(Buffer.from(found, 'hex'));
  }
  if (hasStore(dir)) throw keyMissing('the store is there, its key is not');
  const key = randomBytes(32);
  await items.set(item, key.toString('hex'));
  return new Uint8Array(key);
}

/** Keys that are open. The engine may yet find the store's wrong: then the recovery key is taken here, too. */
export const readyWith = (key: Uint8Array, items: ItemStore, dir: string, id: string): ReadyKeys => ({
  ...{ status: 'ready', storeKey: key, secrets: createSecretStore(items, id) },
  recover: async (text) => {
    const recovered = await (await import('./recover.ts')).recoverInto(items, dir, text);
    return readyWith(recovered.key, items, dir, recovered.id);
  },
});

/** @throws MailError store-key-missing */
export async function ready(items: ItemStore, dir: string, id: string): Promise<ReadyKeys> {
  return readyWith(await storeKey(items, dir, id), items, dir, id);
}
