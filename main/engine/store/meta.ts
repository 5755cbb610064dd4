import type { StoreHandle } from './contract.ts';

/** Single values about the store itself. */
export interface MetaStore {
  get(key: string): string | null;
  set(key: string, value: string): void;
}

export function createMetaStore(handle: StoreHandle): MetaStore {
  const get = handle.db.prepare('SELECT value FROM meta WHERE key = ?');
  const set = handle.db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  return {
    get: (key) => (get.get(key) as { value: string } | undefined)?.value ?? null,
    set: (key, value) => void set.run(key, value),
  };
}
