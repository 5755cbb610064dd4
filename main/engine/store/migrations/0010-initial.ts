import type { Database } from 'better-sqlite3';

/**
 * First schema. Why it is shaped so:
 * - entries are mails as the reader sees them, placements are where a server holds them; a relay copy and a primary copy
 *   are two placements of one entry, so a list needs no join to show one line.
 * - entry ids grow with the internal date, so the full-text index answers newest first without sorting.
 * - sources are lists of shared segments: the relay's copy of a body, a forwarded attachment and a logo are stored once.
 * - all times are milliseconds since 1970; MODSEQ needs 63 bits, read it with safeIntegers.
 */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  config TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE mailboxes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  side TEXT NOT NULL CHECK (side IN ('primary','relay')),
  path TEXT NOT NULL,
  delimiter TEXT,
  role TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('incoming','outgoing','quarantined')),
  object_id TEXT,
  is_subscribed INTEGER NOT NULL,
  is_selectable INTEGER NOT NULL,
  is_mirrored INTEGER NOT NULL,
  -- epoch and counters as of the last pass that was applied completely; null before the first
  uid_validity INTEGER,
  uid_next INTEGER,
  highest_modseq INTEGER,
  remote_messages INTEGER,
  -- headers and flags are complete from here on; null before the first complete pass
  covered_since INTEGER,
  last_pass_at INTEGER,
  -- packed error of the last pass, JSON
  last_error TEXT,
  -- notice that a mass deletion is held back, since when
  held_since INTEGER,
  -- set when LIST no longer answered it
  vanished_at INTEGER,
  UNIQUE (account_id, side, path)
) STRICT;

CREATE TABLE sources (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- null while slices are still missing
  raw_digest BLOB,
  header_digest BLOB,
  body_digest BLOB,
  size_bytes INTEGER NOT NULL,
  -- bytes stored so far, in order from 0
  stored_bytes INTEGER NOT NULL,
  is_complete INTEGER NOT NULL
) STRICT;
CREATE INDEX sources_by_raw ON sources (raw_digest) WHERE raw_digest IS NOT NULL;

CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  digest BLOB,
  raw_bytes INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  line_width INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX segments_by_digest ON segments (digest) WHERE digest IS NOT NULL;

CREATE TABLE source_segments (
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  segment_id INTEGER NOT NULL REFERENCES segments(id),
  PRIMARY KEY (source_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_segments_by_segment ON source_segments (segment_id);

CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  -- the mailbox under which the reader finds it (a mailboxes.id)
  view_mailbox_id INTEGER NOT NULL REFERENCES mailboxes(id),
  internal_date INTEGER NOT NULL,
  sent_date INTEGER,
  message_id TEXT,
  thread_key TEXT NOT NULL,
  subject TEXT NOT NULL,
  preview TEXT NOT NULL,
  -- JSON of people and headers shown by the reader
  headers TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  has_attachments INTEGER NOT NULL,
  attachments TEXT NOT NULL,
  problems TEXT NOT NULL,
  -- bits: 1 seen, 2 flagged, 4 answered, 8 forwarded, 16 draft
  flag_bits INTEGER NOT NULL,
  -- bits of the sides that hold it now: 1 primary, 2 relay
  side_bits INTEGER NOT NULL,
  -- shown under view_mailbox_id; 0 while unlinked, recoverable or set aside
  is_listed INTEGER NOT NULL,
  is_quarantined INTEGER NOT NULL,
  body_state TEXT NOT NULL CHECK (body_state IN ('missing','partial','complete','too-large','unreadable')),
  source_id INTEGER REFERENCES sources(id),
  is_indexed INTEGER NOT NULL,
  -- set when the primary lost it inside the window; it is then listed as recoverable
  recoverable_since INTEGER
) STRICT;
CREATE INDEX entries_by_view ON entries (view_mailbox_id, id DESC, flag_bits, side_bits, has_attachments) WHERE is_listed = 1;
CREATE INDEX entries_recoverable ON entries (account_id, id DESC) WHERE recoverable_since IS NOT NULL;
CREATE INDEX entries_unindexed ON entries (id DESC) WHERE is_indexed = 0;
CREATE INDEX entries_by_message_id ON entries (account_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX entries_by_source ON entries (source_id) WHERE source_id IS NOT NULL;

CREATE TABLE placements (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  entry_id INTEGER NOT NULL REFERENCES entries(id),
  mailbox_id INTEGER NOT NULL REFERENCES mailboxes(id),
  side TEXT NOT NULL CHECK (side IN ('primary','relay')),
  uid_validity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  modseq INTEGER,
  -- sorted, one space between them
  flags TEXT NOT NULL,
  internal_date INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  message_id TEXT,
  -- evidence that two placements are one mail: digest of the summary as the gateway gave it
  summary_digest BLOB NOT NULL,
  structure_digest TEXT NOT NULL,
  email_id TEXT,
  source_id INTEGER REFERENCES sources(id),
  body_state TEXT NOT NULL CHECK (body_state IN ('missing','partial','complete','too-large','unreadable')),
  fetch_attempts INTEGER NOT NULL,
  -- present: on the server; unlinked: lost its UID, body kept for a move; vanished: gone inside the window;
  -- superseded: of an older UIDVALIDITY, kept until the new epoch is complete; held: gone in a mass deletion, kept in place
  state TEXT NOT NULL CHECK (state IN ('present','unlinked','vanished','superseded','held')),
  state_since INTEGER NOT NULL,
  UNIQUE (mailbox_id, uid_validity, uid)
) STRICT;
CREATE INDEX placements_by_entry ON placements (entry_id);
CREATE INDEX placements_by_source ON placements (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX placements_by_message_id ON placements (side, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX placements_by_summary ON placements (side, summary_digest) WHERE message_id IS NULL;
CREATE INDEX placements_missing ON placements (side, internal_date DESC, id DESC) WHERE state = 'present' AND body_state IN ('missing','partial');
CREATE INDEX placements_by_age ON placements (mailbox_id, internal_date);
CREATE INDEX placements_not_present ON placements (state, state_since) WHERE state <> 'present';


CREATE VIRTUAL TABLE search USING fts5 (
  subject, people, body, files,
  content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);

-- Distinct words seen, for substring search: found here by trigram, then looked up in the index as whole words.
CREATE VIRTUAL TABLE search_terms USING fts5 (term, content = 'search_words', content_rowid = 'id', tokenize = 'trigram', detail = 'none');
CREATE TABLE search_words (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE) STRICT;

-- User changes: recorded before they are applied anywhere, in the order they were made.
CREATE TABLE ops (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  entry_id INTEGER,
  kind TEXT NOT NULL,
  args TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued','claimed','copied','done','refused','conflict')),
  step_result TEXT,
  attempts INTEGER NOT NULL,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ops_open ON ops (account_id, id) WHERE state IN ('queued','claimed','copied');
CREATE INDEX ops_by_entry ON ops (entry_id) WHERE entry_id IS NOT NULL;
`);
}
