import type { Database } from 'better-sqlite3';

/** Drills are kept as they were reported: the proof that the emergency access was tried, and when. */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE drills (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  send_to TEXT NOT NULL CHECK (send_to IN ('self','none')),
  state TEXT NOT NULL CHECK (state IN ('running','finished','cancelled')),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  score REAL,
  -- JSON list of steps
  steps TEXT NOT NULL
) STRICT;
CREATE INDEX drills_by_account ON drills (account_id, id DESC);
`);
}
