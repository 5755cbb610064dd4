import { join } from 'node:path';
import { OUTBOX_FILE, STORE_FILE } from '../../../shared/store-file.ts';
import type { DatabaseHandle, StoreHandle } from './contract.ts';
import { keepAccounts, keptAccounts } from './kept-accounts.ts';
import { openStore, type OpenStoreOptions } from './open.ts';
import { openOutbox } from './open-outbox.ts';

/** The two stores of a profile. */
export interface ProfileStores {
  readonly handle: StoreHandle;
  readonly outboxHandle: DatabaseHandle;
}

/**
 * Opens both stores of a profile folder, or makes them. When one cannot be opened neither is. A damaged one is set aside, and what can be
 * read of it is brought over into a new one; accounts lost with the mirror come back from the copy beside the unsent mail.
 * @throws MailError as openStore() does; the log says which of the two it was.
 */
export function openProfileStores(options: Omit<OpenStoreOptions, 'path'> & { readonly dir: string }): ProfileStores {
  const { dir, ...rest } = options;
  const shared = { ...rest, isMended: true };
  const outboxHandle = openOutbox({ ...shared, path: join(dir, OUTBOX_FILE) });
  try {
    const handle = openStore({ ...shared, path: join(dir, STORE_FILE), accounts: keptAccounts(outboxHandle) });
    keepAccounts(handle, outboxHandle);
    return { outboxHandle, handle };
  } catch (error) {
    outboxHandle.close();
    throw error;
  }
}
