import { join } from 'node:path';
import { OUTBOX_FILE, STORE_FILE } from '../../../shared/store-file.ts';
import type { DatabaseHandle, StoreHandle } from './contract.ts';
import { openStore, type OpenStoreOptions } from './open.ts';
import { openOutbox } from './open-outbox.ts';

/** The two stores of a profile. */
export interface ProfileStores {
  readonly handle: StoreHandle;
  readonly outboxHandle: DatabaseHandle;
}

/**
 * Opens both stores of a profile folder, or makes them. When one cannot be opened neither is.
 * @throws MailError as openStore() does; the log says which of the two it was.
 */
export function openProfileStores(options: Omit<OpenStoreOptions, 'path'> & { readonly dir: string }): ProfileStores {
  const { dir, ...shared } = options;
  const outboxHandle = openOutbox({ ...shared, path: join(dir, OUTBOX_FILE) });
  try {
    return { outboxHandle, handle: openStore({ ...shared, path: join(dir, STORE_FILE) }) };
  } catch (error) {
    outboxHandle.close();
    throw error;
  }
}
