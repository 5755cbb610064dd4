import { asEntryId, type EntryId } from '../../../shared/model/ids.ts';
import type { SearchText } from '../ingest/protocol.ts';
import type { SearchHits, SearchIndex, StoreHandle } from './contract.ts';
import { labelTest } from './label-lists.ts';
import { parseSearch, type SearchTerm } from './search-query.ts';
import { RecentIndex } from './search-recent.ts';
import type { TxParticipant } from './transaction.ts';

/** A substring this short stands in nearly every word: only prefixes are looked for. */
const MIN_SUBSTRING = 3;
/** Words shorter than this hold no substring worth an index row. */
const MIN_TERM = 4;
/** Longer words that contain the one asked for, the shortest first. */
const MAX_EXPANSION = 60;

/** Our words hold letters and digits only, so quoting cannot be broken; doubled quotes all the same. */
const quote = (word: string): string => `"${word.replaceAll('"', '""')}"`;

function prepare(db: StoreHandle['db']) {
  return {
    insert: db.prepare('INSERT OR REPLACE INTO search (rowid, subject, people, body, files) VALUES (?, ?, ?, ?, ?)'),
    remove: db.prepare('DELETE FROM search WHERE rowid = ?'),
    addWord: db.prepare('INSERT OR IGNORE INTO search_words (term) VALUES (?)'),
    addTerm: db.prepare('INSERT INTO search_terms (rowid, term) VALUES (?, ?)'),
    containing: db.prepare(
      `SELECT w.term FROM search_terms t JOIN search_words w ON w.id = t.rowid WHERE t.term LIKE ? ORDER BY length(w.term) LIMIT ?`,
    ),
    words: db.prepare('SELECT id, term FROM search_words WHERE id > ? ORDER BY id LIMIT 500'),
    isUsed: db.prepare('SELECT 1 FROM search WHERE search MATCH ? LIMIT 1'),
    dropTerm: db.prepare("INSERT INTO search_terms (search_terms, rowid, term) VALUES ('delete', ?, ?)"),
    dropWord: db.prepare('DELETE FROM search_words WHERE id = ?'),
    merge: db.prepare("INSERT INTO search (search, rank) VALUES ('merge', ?)"),
    changes: db.prepare('SELECT total_changes() AS n'),
  };
}

type Sql = ReturnType<typeof prepare>;

function expansions(sql: Sql, word: string): string[] {
  if (word.length < MIN_SUBSTRING) return [];
  const rows = sql.containing.all(`%${word}%`, MAX_EXPANSION) as { term: string }[];
  return rows.map((row) => row.term).filter((term) => !term.startsWith(word));
}

/** One condition of the MATCH expression (FTS5 syntax). */
function toMatch(sql: Sql, { words, field, isExact }: SearchTerm): string {
  const column = field === null ? '' : `${field} : `;
  const last = words.at(-1)!;
  if (words.length > 1) return `${column}(${quote(words.join(' '))}${isExact ? '' : ' *'})`;
  if (isExact) return `${column}(${quote(last)})`;
  // One letter begins nearly every mail: it is looked for where a person would look first.
  const narrow = field === null && last.length === 1 ? '{subject people} : ' : column;
  const others = expansions(sql, last).map(quote);
  return `${narrow}(${[`${quote(last)} *`, ...others].join(' OR ')})`;
}

/** Full-text search over everything mirrored: whole words by FTS5, parts of words through the list of distinct words. */
export function createSearchIndex(handle: StoreHandle): SearchIndex {
  const { db } = handle;
  const sql = prepare(db);
  const recent = new RecentIndex(handle);
  const pending = new PendingChanges(handle, sql, recent);
  const isLabel = labelTest(handle);
  let sweptTo = 0;
  return {
    index: (entryId, text) => pending.add(entryId, text),
    remove: (entryId) => pending.add(entryId, null),
    query: (text, options) => {
      pending.write();
      return runQuery({ db, sql, recent, isLabel }, text, options);
    },
    merge: (pages) =>
      handle.tx('search.merge', () => {
        pending.write();
        const before = (sql.changes.get() as { n: number }).n;
        // A number would be bound as a float, and FTS5 takes integers only.
        sql.merge.run(BigInt(pages));
        // The statement itself counts as one change.
        return (sql.changes.get() as { n: number }).n - before > 1;
      }),
    sweepTerms: (batches) => {
      let removed = 0;
      for (let done = 0; done < batches; done += 1) {
        const batch = sql.words.all(sweptTo) as { id: number; term: string }[];
        sweptTo = batch.at(-1)?.id ?? 0;
        if (batch.length === 0) break;
        removed += handle.tx('search.sweep', () => {
          pending.write();
          return sweepBatch(sql, batch);
        });
      }
      return removed;
    },
  };
}

/**
 * Changes of the index, written at the end of the transaction. FTS5 writes out what it has gathered whenever a statement
 * between two of its own needs a savepoint: done one by one, every mail would become a segment of its own to be merged.
 */
class PendingChanges implements TxParticipant {
  readonly #handle: StoreHandle;
  readonly #sql: Sql;
  readonly #recent: RecentIndex;
  readonly #changes = new Map<EntryId, SearchText | null>();

  constructor(handle: StoreHandle, sql: Sql, recent: RecentIndex) {
    this.#handle = handle;
    this.#sql = sql;
    this.#recent = recent;
    handle.join(this);
  }

  /** `null` takes the entry out of the index. */
  add(entryId: EntryId, text: SearchText | null): void {
    this.#changes.set(entryId, text);
    if (!this.#handle.db.inTransaction) this.#handle.tx('search.change', () => undefined);
  }

  write(): void {
    if (this.#changes.size === 0) return;
    for (const [entryId, text] of this.#changes) {
      if (text === null) this.#sql.remove.run(entryId);
      else indexText(this.#sql, entryId, text);
    }
    // After the large one: going to and fro would end what FTS5 has gathered of either.
    for (const [entryId, text] of this.#changes) {
      if (text === null) this.#recent.remove(entryId);
      else this.#recent.add(entryId, text);
    }
    this.#recent.trim();
    this.#changes.clear();
  }

  beforeCommit(): void {
    this.write();
  }

  afterRollback(): void {
    this.#recent.forget();
    this.#changes.clear();
  }
}

function indexText(sql: Sql, entryId: EntryId, { subject, people, body, files, newTerms }: SearchText): void {
  sql.insert.run(entryId, subject, people, body, files);
  for (const term of newTerms) {
    if (term.length < MIN_TERM) continue;
    const { changes, lastInsertRowid } = sql.addWord.run(term);
    if (changes > 0) sql.addTerm.run(lastInsertRowid, term);
  }
}

function sweepBatch(sql: Sql, batch: readonly { id: number; term: string }[]): number {
  const unused = batch.filter(({ term }) => sql.isUsed.get(quote(term)) === undefined);
  for (const { id, term } of unused) {
    sql.dropTerm.run(id, term);
    sql.dropWord.run(id);
  }
  return unused.length;
}

type Options = Parameters<SearchIndex['query']>[1];

interface Searched {
  readonly db: StoreHandle['db'];
  readonly sql: Sql;
  readonly recent: RecentIndex;
  readonly isLabel: (mailboxId: number) => boolean;
}

function runQuery(searched: Searched, text: string, options: Options): SearchHits {
  const { sql, recent } = searched;
  const terms = parseSearch(text);
  if (terms.length === 0) return { entryIds: [], hasMore: false };
  const match = terms.map((term) => toMatch(sql, term)).join(' AND ');
  // What the newest mails do not fill is looked for in all; where they are all, there is no more.
  const newest = hitsIn(searched, 'search_recent', match, { ...options, above: recent.above });
  return newest.hasMore || recent.above === 0 ? newest : hitsIn(searched, 'search', match, { ...options, above: 0 });
}

type Table = 'search' | 'search_recent';

/** What stands under a label is found in its list though it is shown by another one. */
function viewsOf(ids: readonly number[], isLabel: (id: number) => boolean): string {
  const labels = ids.filter(isLabel);
  const also = labels.map((id) => ` OR e.id IN (SELECT entry_id FROM placements WHERE mailbox_id = ${id} AND state = 'present')`);
  return `AND (e.view_mailbox_id IN (${ids.join(',')})${also.join('')})`;
}

function hitsIn({ db, isLabel }: Searched, table: Table, match: string, options: Options & { readonly above: number }): SearchHits {
  const { limit, viewMailboxIds, accountId, before = Number.MAX_SAFE_INTEGER, above } = options;
  const views = viewMailboxIds ? viewsOf(viewMailboxIds.map(Number), isLabel) : '';
  const account = accountId === undefined ? '' : `AND e.account_id = ${Number(accountId)}`;
  // The index walks from the newest entry down; CROSS keeps the planner from turning the join round.
  const query = `SELECT ${table}.rowid AS id FROM ${table} CROSS JOIN entries e ON e.id = ${table}.rowid
    WHERE ${table} MATCH ? AND ${table}.rowid > ? AND ${table}.rowid < ? AND (e.is_listed = 1 OR e.recoverable_since IS NOT NULL) ${views} ${account}
    ORDER BY ${table}.rowid DESC LIMIT ?`;
  const rows = db.prepare(query).all(match, above, before, limit + 1) as { id: number }[];
  return { entryIds: rows.slice(0, limit).map((row) => asEntryId(row.id)), hasMore: rows.length > limit };
}
