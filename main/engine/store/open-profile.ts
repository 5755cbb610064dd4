import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MailError } from '../../../shared/errors.ts';
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

export type OpenProfileOptions = Omit<OpenStoreOptions, 'path'> & { readonly dir: string };

/**
 * Opens both stores of a profile folder, or makes them. When one cannot be opened neither is. A damaged one is set aside, and what can be
 * read of it is brought over into a new one; one that is gone is made anew and reported as lost. Accounts lost with the mirror come back from the copy beside the unsent mail.
 * @throws MailError as openStore() does; the log says which of the two it was.
 */
export function openProfileStores(options: OpenProfileOptions): ProfileStores {
  return again(() => openBoth(options));
}

/**
 * Opens both stores and makes what works on them. A damaged page that is met by that is mended by a second open, as one that the open itself
 * meets; later ones are told to `onDamage`.
 * @throws MailError as openProfileStores() does; whatever `make` throws, and then the stores are closed
 */
export function onProfileStores<T>(options: OpenProfileOptions, make: (stores: ProfileStores) => T): T {
  let isMade = false;
  let isMet = false;
  const onDamage = (): void => {
    isMet = true;
    if (isMade) options.onDamage?.();
  };
  const once = (): T => {
    const stores = openProfileStores({ ...options, onDamage });
    isMet = false;
    try {
      return make(stores);
    } catch (error) {
      for (const one of [stores.handle, stores.outboxHandle]) one.close();
      throw error;
    }
  };
  const made = again(once);
  isMade = true;
  // Met, and got over: what has been made works, and the next open mends it.
  if (isMet) options.onDamage?.();
  return made;
}

/** A second time where a damaged page was met: noted by that, it is mended when the store is opened next. */
function again<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof MailError) || error.code !== 'store-corrupt') throw error;
    return open();
  }
}

function openBoth({ dir, ...rest }: OpenProfileOptions): ProfileStores {
  const shared = { ...rest, isMended: true };
  const [outbox, mirror] = [join(dir, OUTBOX_FILE), join(dir, STORE_FILE)];
  // The outbox is made first: beside a complete store of mirrored mail it is never absent by itself.
  const isOutboxExpected = existsSync(mirror) && existsSync(mirror + KEY_CHECK_SUFFIX);
  const opened: DatabaseHandle[] = [];
  try {
    const outboxHandle = openOutbox({ ...shared, path: outbox, isExpected: isOutboxExpected, siblingPath: mirror });
    opened.push(outboxHandle);
    const accounts = keptAccounts(outboxHandle);
    // Accounts were copied from it, so it was there.
    const handle = openStore({ ...shared, path: mirror, accounts, isExpected: accounts.length > 0, siblingPath: outbox });
    opened.push(handle);
    keepAccounts(handle, outboxHandle);
    return { outboxHandle, handle };
  } catch (error) {
    for (const one of opened) one.close();
    throw error;
  }
}
