import type { Database } from 'better-sqlite3';

/**
 * What is carried back after an outage: one run an outage, one item for each thing that has to agree afterwards. `key` names the
 * thing (`op:12`, `in:<entry>`), so that planning twice adds nothing. Ids of ops, outbox items and drafts are no foreign keys:
 * those rows are forgotten earlier than the report, and the last two lie in another file.
 */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE reconcile_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  outage_id INTEGER NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('preview','awaiting-approval','running','waiting','finished')),
  outage_started_at INTEGER NOT NULL,
  outage_ended_at INTEGER,
  -- the return of the primary for which it was planned last: at a later one, after a second part of the outage, it is planned again
  primary_back_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  -- when it first began to carry things over
  begun_at INTEGER,
  continues_at INTEGER,
  finished_at INTEGER,
  acknowledged_at INTEGER
) STRICT;
CREATE INDEX reconcile_runs_by_account ON reconcile_runs (account_id, id DESC);

CREATE TABLE reconcile_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL REFERENCES reconcile_runs(id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('sent','received','change','draft','restore')),
  operation TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned','running','confirmed','exception')),
  entry_id INTEGER,
  op_id INTEGER,
  outbox_id INTEGER,
  draft_id INTEGER,
  message_id TEXT,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  -- what an earlier step noted or proved, JSON
  step_result TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  error TEXT,
  -- not acted upon before
  due_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  done_at INTEGER,
  UNIQUE (run_id, key)
) STRICT;
CREATE INDEX reconcile_items_by_state ON reconcile_items (run_id, state);
CREATE INDEX reconcile_items_by_entry ON reconcile_items (entry_id) WHERE entry_id IS NOT NULL;
`);
}
