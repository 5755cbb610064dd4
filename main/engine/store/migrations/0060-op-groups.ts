import type { Database } from 'better-sqlite3';

/**
 * What one action of the person did is a group, so that it can be undone as one; each operation notes the last state that
 * both sides agreed on, for the comparison at replay. The table is made anew because its CHECK has to let `undone` in:
 * taken back here before any server had heard of it.
 */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE op_groups (id INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL) STRICT;

CREATE TABLE ops_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  entry_id INTEGER,
  kind TEXT NOT NULL,
  args TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued','claimed','copied','done','refused','conflict','undone')),
  step_result TEXT,
  attempts INTEGER NOT NULL,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  group_id INTEGER REFERENCES op_groups(id),
  -- last agreed state when it was recorded, JSON; null for mail that no server held
  baseline TEXT,
  -- the operation that this one takes back
  undo_of INTEGER,
  -- recorded once, however often it is asked for
  unique_key TEXT,
  -- a try that ended without a verdict is not repeated before
  not_before INTEGER NOT NULL DEFAULT 0,
  -- the person has seen that it failed
  dismissed_at INTEGER
) STRICT;
INSERT INTO ops_next (id, account_id, entry_id, kind, args, state, step_result, attempts, last_error, created_at, updated_at)
  SELECT id, account_id, entry_id, kind, args, state, step_result, attempts, last_error, created_at, updated_at FROM ops;
-- ids are never given twice: the count goes on where it was, also when the newest rows are forgotten already
INSERT INTO sqlite_sequence (name, seq) SELECT 'ops_next', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'ops_next');
UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'ops'), 0)) WHERE name = 'ops_next';
DROP TABLE ops;
ALTER TABLE ops_next RENAME TO ops;

CREATE INDEX ops_open ON ops (account_id, id) WHERE state IN ('queued','claimed','copied');
CREATE INDEX ops_by_entry ON ops (entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX ops_by_group ON ops (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX ops_by_undone ON ops (undo_of) WHERE undo_of IS NOT NULL;
CREATE UNIQUE INDEX ops_by_key ON ops (unique_key) WHERE unique_key IS NOT NULL;
`);
}
