import type { Database } from 'better-sqlite3';

/**
 * Lets go of sources whose bytes are lost. Their mails stay listed and found; what a server still holds is fetched again.
 * Call inside a transaction. Segments shared with other sources keep their rows.
 */
export function forgetSources(db: Database, ids: readonly number[]): void {
  const sql = {
    placements: db.prepare("UPDATE placements SET source_id = NULL, body_state = 'missing', fetch_attempts = 0 WHERE source_id = ?"),
    entries: db.prepare("UPDATE entries SET source_id = NULL, body_state = 'missing' WHERE source_id = ?"),
    links: db.prepare('DELETE FROM source_segments WHERE source_id = ?'),
    source: db.prepare('DELETE FROM sources WHERE id = ?'),
  };
  for (const id of ids) {
    sql.placements.run(id);
    sql.entries.run(id);
    sql.links.run(id);
    sql.source.run(id);
  }
}
