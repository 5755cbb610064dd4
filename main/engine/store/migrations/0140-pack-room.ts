import type { Database } from 'better-sqlite3';

/** Packs of which an account that was removed had a part counted its segments on, and their room was never given back. */
export function up(db: Database): void {
  db.exec('UPDATE packs SET live_bytes = (SELECT coalesce(sum(pack_bytes), 0) FROM segments WHERE pack_id = packs.id)');
}
