import type { Database } from 'better-sqlite3';

/** What servers reported later about mail they had taken: delayed, failed, delivered. The copy on each side is one report. */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE outbox_notices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  outbox_id INTEGER NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
  -- date of the report itself
  at INTEGER NOT NULL,
  address TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('failed','delayed','delivered','relayed','expanded')),
  status TEXT,
  reply TEXT,
  retry_until INTEGER,
  UNIQUE (outbox_id, at, address, action)
) STRICT;
`);
}
