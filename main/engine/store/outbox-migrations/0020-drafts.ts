import type { Database } from 'better-sqlite3';

/**
 * Mail being written: what the person typed, the files that go along, and the copies of it that we filed in the primary's Drafts. A
 * copy outlives its draft until it is removed from the server.
 */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE drafts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  -- finds the account again when the other store had to be made anew and its ids changed
  account_email TEXT NOT NULL COLLATE NOCASE,
  -- handed-over: in the outbox as outbox_id, kept while it can come back
  state TEXT NOT NULL CHECK (state IN ('open','handed-over')),
  content TEXT NOT NULL,
  original TEXT,
  -- Message-IDs of the mail answered: it may be gone when this one is sent
  thread TEXT NOT NULL,
  -- raised by each save of the content
  version INTEGER NOT NULL,
  -- raised by each change, of files too
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,
  outbox_id INTEGER UNIQUE,
  -- revision of the copy that stands in the primary's Drafts; null for none
  filed_revision INTEGER,
  -- another program changed our copy: both are kept
  conflict_at INTEGER
) STRICT;
CREATE INDEX drafts_by_state ON drafts (state, saved_at);

CREATE TABLE draft_files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  draft_id INTEGER NOT NULL REFERENCES drafts(id) ON DELETE CASCADE,
  file_name TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  is_inline INTEGER NOT NULL,
  content_id TEXT NOT NULL
) STRICT;
CREATE INDEX draft_files_by_draft ON draft_files (draft_id, id);

-- large files in pieces, so that none of their ways needs them whole
CREATE TABLE draft_chunks (
  file_id INTEGER NOT NULL REFERENCES draft_files(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  content BLOB NOT NULL,
  UNIQUE (file_id, number)
) STRICT;

CREATE TABLE draft_copies (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  draft_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  account_email TEXT NOT NULL COLLATE NOCASE,
  revision INTEGER NOT NULL,
  -- null for a draft of another program without one
  message_id TEXT,
  path TEXT NOT NULL,
  -- UIDVALIDITY and UIDNEXT before it was filed; null until that is noted
  epoch INTEGER,
  floor INTEGER,
  is_acknowledged INTEGER NOT NULL DEFAULT 0,
  uid INTEGER,
  -- found to be what we filed and about to be removed: if it is gone afterwards, that was us
  is_proved INTEGER NOT NULL DEFAULT 0,
  -- SHA-256 of the bytes: as composed, and once it is filed as the server has them
  digest BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  date INTEGER NOT NULL,
  -- filing: may be there or not; filed: is there; removing: has to go, if it is still what we filed
  state TEXT NOT NULL CHECK (state IN ('filing','filed','removing')),
  state_since INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_copies_by_draft ON draft_copies (draft_id);
CREATE INDEX draft_copies_by_message_id ON draft_copies (message_id) WHERE message_id IS NOT NULL;
`);
}
