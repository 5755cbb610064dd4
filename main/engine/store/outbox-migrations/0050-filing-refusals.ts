import type { Database } from 'better-sqlite3';

/** Why a draft's copy was not taken by the primary, and when it is tried again: a restart must neither repeat it at once nor forget to tell it. */
export function up(db: Database): void {
  // JSON, see draft-row.ts; null where nothing was refused since the last copy was filed.
  db.exec('ALTER TABLE drafts ADD COLUMN filing_refusal TEXT');
}
