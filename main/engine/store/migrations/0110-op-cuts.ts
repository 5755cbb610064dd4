import type { Database } from 'better-sqlite3';

/** Tries at which the connection ended: no refusals, but not for ever either. The count has to outlive a restart as that of the tries does. */
export function up(db: Database): void {
  db.exec(`
ALTER TABLE ops ADD COLUMN cuts INTEGER NOT NULL DEFAULT 0;
-- those of them between which everything else went well
ALTER TABLE ops ADD COLUMN lone_cuts INTEGER NOT NULL DEFAULT 0;
`);
}
