import type { Database } from 'better-sqlite3';

/**
 * Settings of the search index, kept in the file:
 * - pgsz: one block of the index and its row fit one page (4096 bytes, of which the cipher takes 80); the default spilled
 *   every block into a second one.
 * - automerge, crisismerge: a first mirror makes a part of the index with every transaction. Merging four at a time wrote
 *   every word four times; what is left is merged when there is nothing else to do (mirror/upkeep.ts).
 */
export function up(db: Database): void {
  const set = db.prepare('INSERT INTO search (search, rank) VALUES (?, ?)');
  // Takes integers only, and a number would be bound as a float.
  for (const [name, value] of [
    ['pgsz', 3960n],
    ['automerge', 16n],
    ['crisismerge', 64n],
  ] as const)
    set.run(name, value);
}
