import type { Database } from 'better-sqlite3';

/** Mail handed over to be sent: its bytes, whom it goes to, and everything that was tried and found out about it. */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  -- finds the account again when the other store had to be made anew and its ids changed
  account_email TEXT NOT NULL COLLATE NOCASE,
  state TEXT NOT NULL CHECK (state IN ('queued','submitting','accepted','filed','unknown','rejected','cancelled','quarantined')),
  message_id TEXT NOT NULL UNIQUE,
  date INTEGER NOT NULL,
  envelope_from TEXT NOT NULL,
  needs_utf8 INTEGER NOT NULL DEFAULT 0,
  subject TEXT NOT NULL,
  shown_to TEXT NOT NULL,
  bcc TEXT NOT NULL,
  preview TEXT NOT NULL,
  raw_sha256 BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  original TEXT,
  draft_id INTEGER,
  created_at INTEGER NOT NULL,
  send_after INTEGER NOT NULL,
  next_attempt_at INTEGER,
  -- tries that count, and the time they have taken: auth, TLS and offline do not
  retries INTEGER NOT NULL DEFAULT 0,
  waited_ms INTEGER NOT NULL DEFAULT 0,
  last_try_at INTEGER,
  route TEXT CHECK (route IN ('primary','relay')),
  -- committed before the first byte of the body leaves
  body_started INTEGER NOT NULL DEFAULT 0,
  claimed_by TEXT,
  lease_until INTEGER,
  uncertain_since INTEGER,
  -- a person sent an uncertain mail once more: taken back it is uncertain again, never "not sent"
  was_uncertain INTEGER NOT NULL DEFAULT 0,
  accepted_at INTEGER,
  outage_id INTEGER,
  sent_copy TEXT CHECK (sent_copy IN ('waiting','filed','by-server','failed')),
  sent_step TEXT,
  error TEXT,
  hold TEXT,
  original_marked INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER,
  dismissed_at INTEGER
) STRICT;
CREATE INDEX outbox_by_state ON outbox (account_id, state, id);

CREATE TABLE outbox_chunks (
  outbox_id INTEGER NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  content BLOB NOT NULL,
  UNIQUE (outbox_id, number)
) STRICT;

CREATE TABLE outbox_recipients (
  outbox_id INTEGER NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  address TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending','accepted','transient','rejected','unknown')),
  reply_code INTEGER,
  reply TEXT,
  enhanced_code TEXT,
  UNIQUE (outbox_id, number),
  UNIQUE (outbox_id, address)
) STRICT;

CREATE TABLE outbox_attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  outbox_id INTEGER NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  route TEXT NOT NULL CHECK (route IN ('primary','relay')),
  phase TEXT,
  verdict TEXT,
  reply_code INTEGER,
  reply TEXT,
  enhanced_code TEXT,
  queue_id TEXT,
  error TEXT
) STRICT;
CREATE INDEX outbox_attempts_by_item ON outbox_attempts (outbox_id, id);

CREATE TABLE outbox_lookups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  outbox_id INTEGER NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('primary','relay')),
  searched TEXT NOT NULL,
  found_in TEXT,
  error TEXT
) STRICT;
CREATE INDEX outbox_lookups_by_item ON outbox_lookups (outbox_id, id);

-- what was learnt of a submission server: whether it files a copy of what it accepts in Sent by itself
CREATE TABLE submission_servers (
  host TEXT PRIMARY KEY,
  files_own_copy TEXT NOT NULL CHECK (files_own_copy IN ('yes','no')),
  learnt_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`);
}
