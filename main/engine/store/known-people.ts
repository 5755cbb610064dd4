import type { AccountId, EntryId } from '../../../shared/model/ids.ts';
import type { StoreHandle } from './contract.ts';

/** Somebody as the mirrored mail knows them. */
export interface PersonRow {
  readonly name: string;
  readonly address: string;
  readonly sent: number;
  readonly received: number;
}

/** Questions about people of mirrored mail; read-only. */
export interface KnownPeople {
  /** All accounts together; null where the address was never met. */
  person(address: string): PersonRow | null;
  /** People whose names or addresses hold a word that begins with each of these, a few at most. */
  withWords(words: readonly string[], limit: number): PersonRow[];
  /** Addresses that were written to, of those met most. */
  writtenTo(): string[];
  /** Whether this mail is among those that were counted. */
  isCounted(id: EntryId): boolean;
  /** Internal date of the oldest mail of an account, milliseconds since 1970; null where there is none. */
  oldestMail(accountId: AccountId): number | null;
  /** Whether all mail that is here has been counted. */
  isUpToDate(): boolean;
}

const MET_MOST = 3_000;
const FEW = 200;
const LAST_CHAR = '\u{10ffff}';

export function createKnownPeople({ db }: StoreHandle): KnownPeople {
  const person = db.prepare(
    `SELECT max(name) AS name, address, sum(sent_count) AS sent, sum(received_count) AS received FROM contacts
     WHERE account_id IN (SELECT id FROM accounts) AND address = ? GROUP BY address`,
  );
  const matches = db.prepare('SELECT contact_id FROM contact_words WHERE word >= ? AND word < ? LIMIT ?').pluck();
  const byId = db.prepare('SELECT name, address, words, sent_count AS sent, received_count AS received FROM contacts WHERE id = ?');
  const written = db
    .prepare(
      `SELECT address FROM (SELECT address, sent_count FROM contacts INDEXED BY contacts_by_rank ORDER BY rank DESC LIMIT ${MET_MOST})
       WHERE sent_count > 0`,
    )
    .pluck();
  const counted = db.prepare('SELECT 1 FROM counted_entries WHERE entry_id = ?').pluck();
  const oldest = db.prepare('SELECT internal_date FROM entries WHERE account_id = ? ORDER BY id LIMIT 1').pluck();
  const uncounted = db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM placements WHERE id > (SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'contacts:counted-to'))`,
    )
    .pluck();
  return {
    person: (address) => (person.get(address.toLowerCase()) as PersonRow | undefined) ?? null,
    withWords: (words, limit) => {
      const longest = [...words].sort((a, b) => b.length - a.length)[0] ?? '';
      if (longest === '') return [];
      const ids = new Set(matches.all(longest, longest + LAST_CHAR, FEW) as number[]);
      const rows = [...ids].map((id) => byId.get(id) as PersonRow & { words: string });
      return rows.filter((row) => words.every((word) => row.words.includes(` ${word}`))).slice(0, limit);
    },
    writtenTo: () => written.all() as string[],
    isCounted: (id) => counted.get(id) !== undefined,
    oldestMail: (accountId) => (oldest.get(accountId) as number | undefined) ?? null,
    isUpToDate: () => uncounted.get() === 0,
  };
}
