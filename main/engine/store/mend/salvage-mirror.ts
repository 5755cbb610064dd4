import type { KeptAccount } from '../kept-accounts.ts';
import type { SalvagePlan } from './mend.ts';

/** Rows that refer to something that was lost. */
const ORPHANS = [
  'DELETE FROM mailboxes WHERE account_id NOT IN (SELECT id FROM accounts)',
  'DELETE FROM entries WHERE account_id NOT IN (SELECT id FROM accounts) OR view_mailbox_id NOT IN (SELECT id FROM mailboxes)',
  'DELETE FROM placements WHERE entry_id NOT IN (SELECT id FROM entries) OR mailbox_id NOT IN (SELECT id FROM mailboxes)',
  'UPDATE ops SET group_id = NULL WHERE group_id IS NOT NULL AND group_id NOT IN (SELECT id FROM op_groups)',
  'DELETE FROM ops WHERE account_id NOT IN (SELECT id FROM accounts)',
  'DELETE FROM outages WHERE account_id NOT IN (SELECT id FROM accounts)',
  'DELETE FROM mode_changes WHERE account_id NOT IN (SELECT id FROM accounts)',
  'DELETE FROM continuity_controls WHERE account_id NOT IN (SELECT id FROM accounts)',
  'DELETE FROM endpoint_logins WHERE account_id NOT IN (SELECT id FROM accounts)',
  'DELETE FROM reconcile_runs WHERE account_id NOT IN (SELECT id FROM accounts)',
  'DELETE FROM reconcile_items WHERE run_id NOT IN (SELECT id FROM reconcile_runs)',
  'DELETE FROM drills WHERE account_id NOT IN (SELECT id FROM accounts)',
];

/**
 * Bodies, index, threads and counters are made anew from the servers: each mailbox is looked at in full again. The old packs stay with the damaged
 * file, which alone knows what is in them.
 */
const REFETCHED = `
DELETE FROM meta WHERE key = 'packs_owner';
UPDATE mailboxes SET uid_next = NULL, highest_modseq = NULL, remote_messages = NULL, covered_since = NULL;
UPDATE placements SET source_id = NULL, fetch_attempts = 0,
  body_state = CASE WHEN body_state IN ('complete','partial') THEN 'missing' ELSE body_state END;
UPDATE entries SET source_id = NULL, is_indexed = 0, thread_id = 0,
  body_state = CASE WHEN body_state IN ('complete','partial') THEN 'missing' ELSE body_state END;
DELETE FROM entries WHERE id NOT IN (SELECT entry_id FROM placements)
  AND id NOT IN (SELECT entry_id FROM ops WHERE entry_id IS NOT NULL AND state IN ('queued','claimed','copied'));`;

/**
 * Accounts, what a person changed, outages and their balance, and the list of mails with their ids: changes that wait refer to them. Bodies
 * and the search index are not brought over, the servers have them.
 *
 * @param kept the accounts as they are kept elsewhere: their secrets are found under these ids
 */
export const salvageMirror = (kept: readonly KeptAccount[]): SalvagePlan => ({
  tables: [
    ...['meta', 'accounts', 'mailboxes', 'entries', 'placements', 'op_groups', 'ops', 'outages', 'mode_changes'],
    ...['continuity_controls', 'endpoint_logins', 'reconcile_runs', 'reconcile_items', 'drills'],
  ],
  settle: (db) => {
    const insert = db.prepare('INSERT OR IGNORE INTO accounts (id, email, config, created_at) VALUES (@id, @email, @config, @created_at)');
    for (const account of kept) insert.run(account);
    let givenUp = 0;
    for (const sql of ORPHANS) givenUp += db.prepare(sql).run().changes;
    db.exec(REFETCHED);
    return givenUp;
  },
});
