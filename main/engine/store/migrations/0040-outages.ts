import type { Database } from 'better-sqlite3';

/**
 * Outages, changes of the mode, who decides about it, and which log-ins have ever been accepted: a password that never was
 * right is no outage. An outage without an end survives restarts, because what was done in it has yet to be carried back.
 */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE outages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  cause TEXT NOT NULL,
  is_drill INTEGER NOT NULL CHECK (is_drill IN (0, 1)),
  -- first sign of the trouble, its confirmation, the primary back and stable, everything carried back
  trouble_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  back_at INTEGER,
  ended_at INTEGER
) STRICT;
CREATE INDEX outages_by_account ON outages (account_id, id);
CREATE UNIQUE INDEX outages_unreconciled ON outages (account_id) WHERE ended_at IS NULL;

CREATE TABLE mode_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  changed_at INTEGER NOT NULL,
  from_mode TEXT NOT NULL,
  to_mode TEXT NOT NULL,
  reason TEXT NOT NULL,
  cause TEXT
) STRICT;
CREATE INDEX mode_changes_by_account ON mode_changes (account_id, id);

CREATE TABLE continuity_controls (
  account_id INTEGER PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  control TEXT NOT NULL CHECK (control IN ('automatic','forced-continuity','forced-normal'))
) STRICT;

CREATE TABLE endpoint_logins (
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  side TEXT NOT NULL CHECK (side IN ('primary','relay')),
  service TEXT NOT NULL CHECK (service IN ('imap','smtp')),
  -- when the server first accepted it
  accepted_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, side, service)
) STRICT, WITHOUT ROWID;
-- A side of which mailboxes are known has been logged in to.
INSERT INTO endpoint_logins (account_id, side, service, accepted_at)
  SELECT DISTINCT m.account_id, m.side, 'imap', a.created_at FROM mailboxes m JOIN accounts a ON a.id = m.account_id;
`);
}
