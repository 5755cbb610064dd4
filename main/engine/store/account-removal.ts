import { asAccountId, asSourceId, type AccountId, type EntryId } from '../../../shared/model/ids.ts';
import type { SearchIndex, SourceStore, StoreHandle } from './contract.ts';
import type { MetaStore } from './meta.ts';

/**
 * An account leaves the store in portions, each a transaction of its own: all at once, a large one would hold up everything else for half a
 * minute and let the log grow to the size of what goes. What was begun is known after a kill, too.
 */
export interface AccountRemoval {
  /** From now on it is to go; it stays in the list of accounts until accounts.remove(). */
  begin(id: AccountId, acceptLosses: boolean): void;
  /** Those that are to go. */
  begun(): { readonly id: AccountId; readonly acceptLosses: boolean }[];
  isBegun(id: AccountId): boolean;
  /** All other accounts. */
  staying(): AccountId[];
  /** Removes some of its mails; false when none is left. */
  removeSome(id: AccountId): boolean;
}

/** Mails in one transaction: some ten milliseconds of work. */
const PORTION = 50;
const KEY = 'removal.';

export function createAccountRemoval(handle: StoreHandle, meta: MetaStore, sources: SourceStore, search: SearchIndex): AccountRemoval {
  const { db } = handle;
  const noted = db.prepare(`SELECT a.id, m.value FROM accounts a JOIN meta m ON m.key = '${KEY}' || a.id ORDER BY a.id`);
  const staying = db.prepare(`SELECT id FROM accounts WHERE '${KEY}' || id NOT IN (SELECT key FROM meta) ORDER BY id`).pluck();
  const some = db.prepare('SELECT id FROM entries WHERE account_id = ? ORDER BY id LIMIT ?').pluck();
  const sourcesOf = db
    .prepare(
      `SELECT source_id FROM placements WHERE entry_id = @id AND source_id IS NOT NULL
       UNION SELECT source_id FROM entries WHERE id = @id AND source_id IS NOT NULL`,
    )
    .pluck();
  const dropPlacements = db.prepare('DELETE FROM placements WHERE entry_id = ?');
  const dropEntry = db.prepare('DELETE FROM entries WHERE id = ?');
  return {
    begin: (id, acceptLosses) => handle.tx('accounts.begin-removal', () => meta.set(`${KEY}${id}`, String(Number(acceptLosses)))),
    begun: () =>
      (noted.all() as { id: number; value: string }[]).map(({ id, value }) => ({ id: asAccountId(id), acceptLosses: value === '1' })),
    isBegun: (id) => meta.get(`${KEY}${id}`) !== null,
    staying: () => staying.all() as AccountId[],
    removeSome: (id) =>
      handle.tx('accounts.remove-some', () => {
        const ids = some.all(id, PORTION) as EntryId[];
        for (const entry of ids) {
          const held = sourcesOf.all({ id: entry }) as number[];
          search.remove(entry);
          dropPlacements.run(entry);
          dropEntry.run(entry);
          sources.removeUnreferenced(held.map(asSourceId));
        }
        return ids.length > 0;
      }),
  };
}
