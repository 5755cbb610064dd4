import type { Database } from 'better-sqlite3';

/**
 * What tells when the relay took a mail, where its clock is wrong. `arrived_after`: our own clock, at a look at the relay at which the
 * mail was not there yet, by its UID; null where no look tells. `relay_mark`: the newest placement when the outage was confirmed, so
 * that "seen since" is a matter of order, which no clock can change.
 */
export function up(db: Database): void {
  db.exec(`
ALTER TABLE placements ADD COLUMN arrived_after INTEGER;
ALTER TABLE outages ADD COLUMN relay_mark INTEGER;
-- how far the relay's clock was ahead of ours when the run was planned, milliseconds; 0 where it was right or is not known
ALTER TABLE reconcile_runs ADD COLUMN relay_clock_ms INTEGER NOT NULL DEFAULT 0;
`);
}
