import type { Database } from 'better-sqlite3';

/**
 * Larger segments move out of the database, into pack files beside it. For a packed segment `content` holds its key and
 * tag only, so that deleting the row makes the bytes unreadable at once, wherever copies of the pack may be.
 */
export function up(db: Database): void {
  db.exec(`
CREATE TABLE packs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- bytes of the file that committed segments reach to; whatever follows was never committed
  end_bytes INTEGER NOT NULL,
  -- bytes of segments that still exist
  live_bytes INTEGER NOT NULL
) STRICT;
ALTER TABLE segments ADD COLUMN pack_id INTEGER REFERENCES packs(id);
ALTER TABLE segments ADD COLUMN pack_offset INTEGER;
ALTER TABLE segments ADD COLUMN pack_bytes INTEGER;
CREATE INDEX segments_by_pack ON segments (pack_id, pack_offset) WHERE pack_id IS NOT NULL;
`);
}
