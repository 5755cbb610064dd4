import type { Database } from 'better-sqlite3';

/**
 * An index of the newest mail alone, beside that of all. A search starts with two or three letters, which begin a word of nearly every
 * mail: FTS5 gathers all of them (100 ms and more of 100,000) before it gives the newest. Mail that is here already is not in it.
 */
export function up(db: Database): void {
  db.exec(`
CREATE VIRTUAL TABLE search_recent USING fts5 (
  subject, people, body, files,
  content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);
INSERT OR REPLACE INTO meta (key, value) SELECT 'search:recent-above', coalesce(max(id), 0) FROM entries;
`);
  // One block fits one page, as in the large index; a number would be bound as a float.
  db.prepare('INSERT INTO search_recent (search_recent, rank) VALUES (?, ?)').run('pgsz', 3960n);
}
