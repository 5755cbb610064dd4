import type { DatabaseHandle } from './contract.ts';
import type { Migration } from './migrate.ts';
import { salvageOutbox } from './mend/salvage-outbox.ts';
import { openDatabase, type OpenStoreOptions, type Schema } from './open-database.ts';
import { up as initial } from './outbox-migrations/0010-initial.ts';
import { up as drafts } from './outbox-migrations/0020-drafts.ts';
import { up as deliveryNotices } from './outbox-migrations/0030-delivery-notices.ts';
import { up as audit } from './outbox-migrations/0040-audit.ts';
import { up as filingRefusals } from './outbox-migrations/0050-filing-refusals.ts';
import { up as removalRefusals } from './outbox-migrations/0060-removal-refusals.ts';

/** In order; never changed once released. */
export const outboxMigrations: readonly Migration[] = [
  { version: 10, up: initial },
  { version: 20, up: drafts },
  { version: 30, up: deliveryNotices },
  { version: 40, up: audit },
  { version: 50, up: filingRefusals },
  { version: 60, up: removalRefusals },
];

/** No server has any of it. */
const schema: Schema = {
  migrations: outboxMigrations,
  isSmall: true,
  salvage: salvageOutbox,
  checkedAfterCrash: [
    'meta',
    'outbox',
    'outbox_recipients',
    'outbox_attempts',
    'outbox_lookups',
    'outbox_notices',
    'drafts',
    'draft_files',
    'draft_copies',
    'audit',
  ],
};

/**
 * Opens the encrypted store of mail being written or sent, or makes it: same key, settings and checks as the store of mirrored mail, in a
 * file of its own, so that damage there never touches unsent mail (bar S6).
 * @throws MailError as openStore() does.
 */
export function openOutbox(options: OpenStoreOptions): DatabaseHandle {
  return openDatabase(options, schema, (handle) => handle);
}
