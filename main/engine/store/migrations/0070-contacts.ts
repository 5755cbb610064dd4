import type { Database } from 'better-sqlite3';

/** People of the mirrored mail, for completing addresses; counted once for each entry, in the background. */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE contacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  -- lower case
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  sent_count INTEGER NOT NULL,
  received_count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  -- logarithm of what was exchanged, each mail weighed by its age: the order does not change as time goes by
  rank REAL NOT NULL,
  -- words of name and address in search form, one space between and in front
  words TEXT NOT NULL,
  UNIQUE (account_id, address)
) STRICT;
CREATE INDEX contacts_by_rank ON contacts (rank DESC, id, words);

CREATE TABLE contact_words (
  word TEXT NOT NULL,
  contact_id INTEGER NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
  PRIMARY KEY (word, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_words_by_contact ON contact_words (contact_id);

CREATE TABLE counted_entries (entry_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE) STRICT;
`);
}
