import { afterEach, beforeEach, expect, it } from 'vitest';
import { asEntryId } from '../../shared/model/ids.ts';
import type { SearchIndex, StoreHandle } from '../../main/engine/store/contract.ts';
import { createSearchIndex } from '../../main/engine/store/search.ts';
import { StoreFixture } from '../support/store-fixture.ts';

let fixture: StoreFixture;
let store: StoreHandle;
let search: SearchIndex;
beforeEach(() => {
  fixture = new StoreFixture();
  store = fixture.open();
  search = createSearchIndex(store);
});
afterEach(() => {
  store.close();
  fixture.remove();
});

/** Parts of the index: the segments that FTS5 keeps, told by the first bits of its block ids. */
const parts = (): number =>
  (store.db.prepare('SELECT count(DISTINCT id >> 37) AS n FROM search_data WHERE id > 10').get() as { n: number }).n;

it('merges the parts that many transactions left, in portions, and ends', () => {
  for (let n = 1; n <= 40; n += 1) {
    const body = `gemeinsam wort${n} ${Array.from({ length: 1_500 }, (_, k) => `w${n}x${k}`).join(' ')}`;
    const text = { subject: `betreff ${n}`, people: 'anna', body, files: '', newTerms: [`wort${n}`] };
    store.tx('test', () => search.index(asEntryId(n), text));
  }
  const before = parts();
  expect(before).toBeGreaterThan(8);
  let rounds = 0;
  while (search.merge(20) && rounds < 1_000) rounds += 1;
  expect(rounds).toBeGreaterThan(1);
  expect(rounds).toBeLessThan(1_000);
  expect(parts()).toBeLessThan(before / 2);
  const match = store.db.prepare('SELECT count(*) AS n FROM search WHERE search MATCH ?');
  expect(match.get('gemeinsam')).toEqual({ n: 40 });
  expect(match.get('wort7')).toEqual({ n: 1 });
  expect(search.merge(20)).toBe(false);
});

it('keeps a block of the index in one page of the file', () => {
  const words = Array.from({ length: 4_000 }, (_, n) => `wort${n.toString(36)}x`).join(' ');
  store.tx('test', () => search.index(asEntryId(1), { subject: '', people: '', body: words, files: '', newTerms: [] }));
  const { longest } = store.db.prepare('SELECT max(length(block)) AS longest FROM search_data').get() as { longest: number };
  // 4096 bytes less what the cipher takes (80) and what SQLite needs around one row (35 and its header).
  expect(longest).toBeGreaterThan(3_000);
  expect(longest).toBeLessThan(3_976);
});
