import type { Contact } from '../../../shared/model/compose.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { Address } from '../../../shared/model/message.ts';
import { searchWords } from '../core/search-words.ts';
import { addRanks, rankOf, scoreAt } from './contact-rank.ts';
import type { StoreHandle } from './contract.ts';
import type { EntryHeaders } from './entries.ts';

/** One time somebody was written to or received from. */
export interface Exchange {
  readonly accountId: AccountId;
  readonly person: Address;
  readonly isSent: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A mirrored mail that has not been counted. */
export interface UncountedEntry {
  readonly entryId: number;
  readonly accountId: AccountId;
  readonly role: MailboxRole;
  readonly internalDate: number;
  readonly headers: EntryHeaders;
}

export interface ContactStore {
  /**
   * Counts a portion of what was mirrored since the last one: at most `limit` placements, each entry once. `exchangesOf` says who
   * counts. False when nothing was left.
   */
  countPortion(limit: number, exchangesOf: (entry: UncountedEntry) => readonly Exchange[]): boolean;
  record(exchange: Exchange): void;
  /** People whose name or address has, for each word of the text, a word that begins with it; the likeliest first, an address once. */
  complete(text: string, accountId: AccountId | null, own: ReadonlySet<string>, limit: number, now: number): Contact[];
}

const MAX_NAME_CHARS = 200;
const MAX_WORDS = 12;
/** More matches than this are walked in the order of rank instead: the first good ones come soon. */
const FEW = 2_000;
const CURSOR = 'contacts:counted-to';
const LAST_CHAR = '\u{10ffff}';

interface Row {
  id: number;
  account_id: number;
  address: string;
  name: string;
  rank: number;
  words: string;
}

function wordsOf({ name, address }: Address): string[] {
  // The last label of a domain stands in half of all addresses.
  const known = searchWords(`${name} ${address.replace(/\.[^.@]*$/u, '')}`).split(' ');
  return [...new Set(known.filter((word) => word !== ''))].slice(0, MAX_WORDS);
}

function prepare(db: StoreHandle['db']) {
  return {
    portion: db.prepare(
      `SELECT p.id AS placement, e.id AS entryId, e.account_id AS accountId, e.internal_date AS internalDate, e.headers, m.role,
         EXISTS (SELECT 1 FROM counted_entries c WHERE c.entry_id = e.id) AS isCounted
       FROM placements p JOIN entries e ON e.id = p.entry_id JOIN mailboxes m ON m.id = p.mailbox_id
       WHERE p.id > ? ORDER BY p.id LIMIT ?`,
    ),
    counted: db.prepare('INSERT OR IGNORE INTO counted_entries (entry_id) VALUES (?)'),
    cursor: db.prepare("SELECT value FROM meta WHERE key = 'contacts:counted-to'").pluck(),
    setCursor: db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'),
    one: db.prepare('SELECT id, account_id, address, name, rank, words FROM contacts WHERE account_id = ? AND address = ?'),
    insert: db.prepare(
      `INSERT INTO contacts (account_id, address, name, sent_count, received_count, last_at, rank, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: db.prepare(
      `UPDATE contacts SET name = ?, sent_count = sent_count + ?, received_count = received_count + ?, last_at = max(last_at, ?), rank = ?,
       words = ? WHERE id = ?`,
    ),
    dropWords: db.prepare('DELETE FROM contact_words WHERE contact_id = ?'),
    addWord: db.prepare('INSERT OR IGNORE INTO contact_words (word, contact_id) VALUES (?, ?)'),
    matches: db.prepare('SELECT contact_id FROM contact_words WHERE word >= ? AND word < ? LIMIT ?').pluck(),
    byId: db.prepare('SELECT id, account_id, address, name, rank, words FROM contacts WHERE id = ?'),
    byRank: db.prepare(
      `SELECT id, account_id, address, name, rank, words FROM contacts INDEXED BY contacts_by_rank
       WHERE instr(words, @first) AND instr(words, @second) AND (@account IS NULL OR account_id = @account) ORDER BY rank DESC LIMIT @limit`,
    ),
  };
}

type Sql = ReturnType<typeof prepare>;

export function createContactStore(handle: StoreHandle): ContactStore {
  const { db } = handle;
  const sql = prepare(db);
  return {
    countPortion: (limit, exchangesOf) =>
      handle.tx('contacts.count', () => {
        const cursor = Number((sql.cursor.get() as string | undefined) ?? 0);
        const rows = sql.portion.all(cursor, limit) as (Omit<UncountedEntry, 'headers'> & {
          placement: number;
          headers: string;
          isCounted: number;
        })[];
        for (const { placement: _, headers, isCounted, ...entry } of rows) {
          if (isCounted || sql.counted.run(entry.entryId).changes === 0) continue;
          for (const exchange of exchangesOf({ ...entry, headers: JSON.parse(headers) as EntryHeaders })) record(sql, exchange);
        }
        const last = rows.at(-1);
        if (last) sql.setCursor.run(CURSOR, String(last.placement));
        return rows.length === limit;
      }),
    record: (exchange) => handle.tx('contacts.record', () => record(sql, exchange)),
    complete: (text, accountId, own, limit, now) => {
      const words = searchWords(text)
        .split(' ')
        .filter((word) => word !== '');
      if (words.length === 0) return [];
      const rows = matching(sql, words, accountId, limit);
      const seen = new Set(own);
      const best = rows.filter(({ address }) => !seen.has(address) && seen.add(address)).slice(0, limit);
      return best.map(({ name, address, rank }) => ({ name, address, score: scoreAt(rank, now) }));
    },
  };
}

function record(sql: Sql, { accountId, person, isSent, at }: Exchange): void {
  const address = person.address.toLowerCase();
  const name = person.name.slice(0, MAX_NAME_CHARS);
  const rank = rankOf(address, isSent, at);
  const known = sql.one.get(accountId, address) as Row | undefined;
  const counts = [Number(isSent), Number(!isSent)] as const;
  if (!known) {
    const words = wordsOf({ name, address });
    const { lastInsertRowid } = sql.insert.run(accountId, address, name, ...counts, at, rank, ` ${words.join(' ')}`);
    for (const word of words) sql.addWord.run(word, lastInsertRowid);
    return;
  }
  // A name once learnt stays until the person is called otherwise in mail of their own.
  const isNewName = name !== '' && name !== known.name && (known.name === '' || !isSent);
  const words = isNewName ? wordsOf({ name, address }) : null;
  sql.update.run(
    isNewName ? name : known.name,
    ...counts,
    at,
    addRanks(known.rank, rank),
    words ? ` ${words.join(' ')}` : known.words,
    known.id,
  );
  if (words === null) return;
  sql.dropWords.run(known.id);
  for (const word of words) sql.addWord.run(word, known.id);
}

/** Candidates in the order of their rank; several accounts may hold one address. */
function matching(sql: Sql, words: readonly string[], accountId: AccountId | null, limit: number): Row[] {
  const [first = '', second = ''] = [...words].sort((a, b) => b.length - a.length);
  const isMatch = (row: Row): boolean =>
    words.every((word) => row.words.includes(` ${word}`)) && (accountId === null || row.account_id === accountId);
  const ids = sql.matches.all(first, first + LAST_CHAR, FEW) as number[];
  if (ids.length < FEW) {
    const rows = [...new Set(ids)].map((id) => sql.byId.get(id) as Row).filter(isMatch);
    return rows.sort((a, b) => b.rank - a.rank);
  }
  // Room for own addresses and for one address in several accounts.
  const found = sql.byRank.all({
    first: ` ${first}`,
    second: second === '' ? '' : ` ${second}`,
    account: accountId,
    limit: limit * 4 + 20,
  });
  return (found as Row[]).filter(isMatch);
}
