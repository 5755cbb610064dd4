import type { Database } from 'better-sqlite3';

/**
 * What a person sees of a mail, as one digest and in blocks: the copies of one mail are known by it where a server makes its MIME structure anew.
 * Both null for sources from before, and for those that no parser could read.
 */
export function up(db: Database): void {
  db.exec('ALTER TABLE sources ADD COLUMN content_digest BLOB; ALTER TABLE sources ADD COLUMN content_blocks BLOB');
}
