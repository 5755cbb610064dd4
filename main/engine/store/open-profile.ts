import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_CHECK_SUFFIX, OUTBOX_FILE, STORE_FILE } from '../../../shared/store-file.ts';
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
 * read of it is brought over into a new one; one that is gone is made anew and reported as lost. Accounts lost with the mirror come back from the copy beside the unsent mail.
 * @throws MailError as openStore() does; the log says which of the two it was.
 */
export function openProfileStores(options: Omit<OpenStoreOptions, 'path'> & { readonly dir: string }): ProfileStores {
  const { dir, ...rest } = options;
  const shared = { ...rest, isMended: true };
  const [outbox, mirror] = [join(dir, OUTBOX_FILE), join(dir, STORE_FILE)];
  // The outbox is made first: beside a complete store of mirrored mail it is never absent by itself.
  const isOutboxExpected = existsSync(mirror) && existsSync(mirror + KEY_CHECK_SUFFIX);
  const outboxHandle = openOutbox({ ...shared, path: outbox, isExpected: isOutboxExpected, siblingPath: mirror });
  try {
    const accounts = keptAccounts(outboxHandle);
    // Accounts were copied from it, so it was there.
    const handle = openStore({ ...shared, path: mirror, accounts, isExpected: accounts.length > 0, siblingPath: outbox });
    keepAccounts(handle, outboxHandle);
    return { outboxHandle, handle };
  } catch (error) {
    outboxHandle.close();
    throw error;
  }
}
