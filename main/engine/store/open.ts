import { existsSync } from 'node:fs';
import { limits } from '../../../shared/limits.ts';
import type { StoreHandle } from './contract.ts';
import type { KeptAccount } from './kept-accounts.ts';
import { salvageMirror } from './mend/salvage-mirror.ts';
import { migrations } from './migrate.ts';
import { backupFile, openDatabase, type OpenStoreOptions, type Schema } from './open-database.ts';
import { claimPackFolder } from './pack-folder.ts';
import { SegmentPacks } from './segment-packs.ts';

export type { OpenStoreOptions } from './open-database.ts';

/** Mail itself is fetched again; what is checked is what no server has. */
const schemaOf = (accounts: readonly KeptAccount[]): Schema => ({
  migrations,
  checkedAfterCrash: ['accounts', 'mailboxes', 'ops', 'meta'],
  isSmall: false,
  salvage: salvageMirror(accounts),
});

const packFolder = (path: string): string => `${path}.packs`;

/**
 * Opens the encrypted store of mirrored mail, or makes it. A failed open changes nothing: no file is wiped, rewritten, or made without key.
 * @throws MailError store-key-wrong, store-corrupt, store-newer-schema, store-in-use, store-full, store-read-only, store-io.
 * @param options.accounts brought back where they were lost with a damaged store
 */
export function openStore(options: OpenStoreOptions & { readonly accounts?: readonly KeptAccount[] }): StoreHandle {
  const { path, log, accounts = [] } = options;
  return openDatabase(options, schemaOf(accounts), (handle, atClose): StoreHandle => {
    const packs = new SegmentPacks(handle.db, packFolder(path), log, () => existsSync(backupFile(path)));
    claimPackFolder(handle.db, packFolder(path), log);
    packs.reconcile();
    handle.join(packs);
    atClose(() => packs.close());
    return {
      ...handle,
      packs,
      sizeBytes: () => handle.sizeBytes() + packs.sizeBytes(),
      compact: () => packs.compact(handle.tx, limits.compactBytes),
    };
  });
}
