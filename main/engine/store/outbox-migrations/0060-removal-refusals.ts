import type { Database } from 'better-sqlite3';

/** Why the older copy of a draft was not removed from the primary, and when that is tried again: a restart must neither repeat it at once nor forget it. */
export function up(db: Database): void {
  // JSON, see draft-row.ts; null where nothing was refused.
  db.exec('ALTER TABLE draft_copies ADD COLUMN removal_refusal TEXT');
}
