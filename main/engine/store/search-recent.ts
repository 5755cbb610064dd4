import type { EntryId } from '../../../shared/model/ids.ts';
import type { SearchText } from '../ingest/protocol.ts';
import type { StoreHandle } from './contract.ts';
import { createMetaStore } from './meta.ts';

/** Fewer hits than are shown come out of it only where few of all mails match, and those are found quickly. */
export const RECENT_KEPT = 1_000;
export const RECENT_AT_MOST = 1_500;
/** Set by the schema; without it nothing is known of what the index holds. */
const ABOVE = 'search:recent-above';

function prepare(db: StoreHandle['db']) {
  return {
    insert: db.prepare('INSERT OR REPLACE INTO search_recent (rowid, subject, people, body, files) VALUES (?, ?, ?, ?, ?)'),
    remove: db.prepare('DELETE FROM search_recent WHERE rowid = ?'),
    count: db.prepare('SELECT count(*) FROM search_recent').pluck(),
    newestDropped: db.prepare('SELECT rowid FROM search_recent ORDER BY rowid DESC LIMIT 1 OFFSET ?').pluck(),
    drop: db.prepare('DELETE FROM search_recent WHERE rowid <= ?'),
  };
}

/** The newest entries once more, in an index that is small whatever the mailbox holds. Invariant: every indexed entry above `above` is in it. */
export class RecentIndex {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #meta: ReturnType<typeof createMetaStore>;
  #above: number | null = null;
  /** Never less than there are. */
  #atMost: number | null = null;

  constructor(handle: StoreHandle) {
    this.#sql = prepare(handle.db);
    this.#meta = createMetaStore(handle);
  }

  get above(): number {
    this.#above ??= Number(this.#meta.get(ABOVE) ?? Number.MAX_SAFE_INTEGER);
    return this.#above;
  }

  /** Call inside tx. */
  add(entryId: EntryId, { subject, people, body, files }: SearchText): void {
    if (entryId <= this.above) return;
    this.#atMost ??= this.#sql.count.get() as number;
    this.#sql.insert.run(entryId, subject, people, body, files);
    this.#atMost += 1;
  }

  /** Call inside tx. */
  remove(entryId: EntryId): void {
    if (entryId > this.above) this.#sql.remove.run(entryId);
  }

  /** Call at the end of tx: lets the oldest go where there are too many. */
  trim(): void {
    if (this.#atMost === null || this.#atMost <= RECENT_AT_MOST) return;
    const dropped = this.#sql.newestDropped.get(RECENT_KEPT) as number | undefined;
    if (dropped !== undefined) {
      this.#sql.drop.run(dropped);
      this.#above = dropped;
      this.#meta.set(ABOVE, String(dropped));
    }
    this.#atMost = this.#sql.count.get() as number;
  }

  /** What was remembered may have been rolled back. */
  forget(): void {
    this.#above = null;
    this.#atMost = null;
  }
}
