import { afterEach, beforeEach, expect, it } from 'vitest';
import { asEntryId } from '../../shared/model/ids.ts';
import type { SearchIndex, StoreHandle } from '../../main/engine/store/contract.ts';
import { createMetaStore } from '../../main/engine/store/meta.ts';
import { up as makeRecent } from '../../main/engine/store/migrations/0090-search-recent.ts';
import { createSearchIndex } from '../../main/engine/store/search.ts';
import { RECENT_AT_MOST, RECENT_KEPT } from '../../main/engine/store/search-recent.ts';
import { seededRandom, type SeededRandom } from '../support/random.ts';
import { StoreFixture } from '../support/store-fixture.ts';

const WORDS = ['an', 'angebot', 'anlage', 'rechnung', 'regal', 'besprechung', 'termin', 'treffen', 'umzug', 'wartung'];
const RARE = 'seltenes';
const QUERIES = ['an', 're', 'rech', 'rechnung', 't', 'treff', 'we', RARE, 'seltenes an', 'an re', 'subject:an', '"an"', 'besprech', 'zug'];

let fixture: StoreFixture;
let store: StoreHandle;
let search: SearchIndex;
let random: SeededRandom;
beforeEach(() => {
  fixture = new StoreFixture();
  random = seededRandom(20261124);
  open();
});
afterEach(() => {
  store.close();
  fixture.remove();
});

function open(): void {
  store = fixture.open();
  // What entries refer to is not what is tested here.
  store.db.pragma('foreign_keys = 0');
  search = createSearchIndex(store);
}

function addEntry(id: number): void {
  const row = store.db.prepare(`INSERT OR IGNORE INTO entries
    (id, account_id, view_mailbox_id, internal_date, thread_key, subject, preview, headers, size_bytes, has_attachments, attachments, problems, flag_bits, side_bits,
     is_listed, is_quarantined, body_state, is_indexed) VALUES (?, ?, ?, ?, '', '', '', '{}', 1, 0, '[]', '[]', 0, 1, ?, 0, 'complete', 1)`);
  row.run(id, 1 + (id % 2), 1 + (id % 3), id, id % 11 === 0 ? 0 : 1);
  const words = () => Array.from({ length: 3 }, () => random.pick(WORDS)).join(' ');
  const body = id % 400 === 7 ? `${words()} ${RARE}` : words();
  search.index(asEntryId(id), { subject: words(), people: 'anna', body, files: '', newTerms: [...WORDS, RARE] });
}

/** What the index of all mail finds, asked without the small one. */
function inAll(text: string, options: Parameters<SearchIndex['query']>[1]): ReturnType<SearchIndex['query']> {
  const above = createMetaStore(store).get('search:recent-above')!;
  createMetaStore(store).set('search:recent-above', String(Number.MAX_SAFE_INTEGER));
  const hits = createSearchIndex(store).query(text, options);
  createMetaStore(store).set('search:recent-above', above);
  return hits;
}

function compare(): number {
  let found = 0;
  for (const text of QUERIES) {
    for (const limit of [1, 50]) {
      for (const scope of [{}, { viewMailboxIds: [1] }, { accountId: 2 }, { before: asEntryId(1_700) }]) {
        const hits = search.query(text, { limit, ...scope });
        expect(hits, `${text} ${limit} ${JSON.stringify(scope)}`).toEqual(inAll(text, { limit, ...scope }));
        found += hits.entryIds.length;
      }
    }
  }
  return found;
}

const recentIds = (): number[] => store.db.prepare('SELECT rowid FROM search_recent ORDER BY rowid').pluck().all() as number[];
const above = (): number => Number(createMetaStore(store).get('search:recent-above'));

it.each(['oldest first', 'newest first', 'at random'])('finds the same as the index of all mail, filled %s', (order) => {
  const rising = Array.from({ length: 2_000 }, (_, n) => n + 1);
  const ids = order === 'at random' ? random.shuffle(rising) : order === 'newest first' ? rising.toReversed() : rising;
  for (let at = 0; at < ids.length; at += 100) store.tx('test', () => ids.slice(at, at + 100).forEach(addEntry));
  expect(recentIds().length).toBeGreaterThanOrEqual(RECENT_KEPT);
  expect(recentIds().length).toBeLessThanOrEqual(RECENT_AT_MOST);
  expect(recentIds()).toEqual(ids.filter((id) => id > above()).sort((a, b) => a - b));
  expect(compare()).toBeGreaterThan(1_000);
});

it('finds the same after changes, removals, a change that is taken back, and another start', () => {
  const ids = Array.from({ length: 1_900 }, (_, n) => n + 1);
  store.tx('test', () => ids.forEach(addEntry));
  store.tx('test', () => {
    for (const id of ids.filter((one) => one % 5 === 0)) search.remove(asEntryId(id));
    for (const id of ids.filter((one) => one % 7 === 0)) addEntry(id);
  });
  compare();
  const before = [recentIds(), above()];
  const isTakenBack = new Error('taken back');
  expect(() =>
    store.tx('test', () => {
      for (let id = 2_001; id < 3_800; id += 1) addEntry(id);
      search.query('an', { limit: 5 });
      throw isTakenBack;
    }),
  ).toThrow();
  expect([recentIds(), above()]).toEqual(before);
  compare();
  store.close();
  open();
  store.tx('test', () => [2_003, 3, 2_001].forEach(addEntry));
  compare();
  expect(search.query('a', { limit: 1 }).entryIds).toEqual([2_003]);
});

it('begins empty where mail was here before it, and then holds what comes', () => {
  store.tx('test', () => [40, 41].forEach(addEntry));
  store.db.exec('DROP TABLE search_recent');
  makeRecent(store.db);
  search = createSearchIndex(store);
  expect(above()).toBe(41);
  store.tx('test', () => [42, 39].forEach(addEntry));
  expect(recentIds()).toEqual([42]);
  compare();
});
