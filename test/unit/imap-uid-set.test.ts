import { describe, expect, it } from 'vitest';
import { expandUidSet, formatUidSet, parseUidRanges, splitUidSet } from '../../main/engine/imap/uid-set.ts';
import { SearchAnswer } from '../../main/engine/imap/wire/search-answer.ts';
import { VanishedUids } from '../../main/engine/imap/wire/vanished-uids.ts';
import { seededRandom } from '../support/random.ts';
import type { Uid } from '../../shared/model/ids.ts';

const uids = (...list: number[]) => list as Uid[];

describe('UID sets', () => {
  it.each([
    [[], ''],
    [[7], '7'],
    [[3, 1, 2, 2], '1:3'],
    [[9, 1, 2, 10, 5], '1:2,5,9:10'],
    [[4294967295, 4294967294], '4294967294:4294967295'],
  ])('of %j is %s', (list, set) => expect(formatUidSet(uids(...list))).toBe(set));

  it('come back the same, in pieces that fit', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 50; round += 1) {
      const list = [...new Set(Array.from({ length: random.int(0, 3000) }, () => random.int(1, 60_000)))].sort((a, b) => a - b);
      const pieces = splitUidSet(uids(...list), 200);
      expect(pieces.every((piece) => piece.set.length <= 200)).toBe(true);
      expect(pieces.flatMap((piece) => [...piece.uids])).toEqual(list);
      expect(pieces.flatMap((piece) => expandUidSet(piece.set, 1e6) ?? [])).toEqual(list);
    }
  });

  it.each(['', '0', '1:', ':1', '1,,2', '*', '1:*', 'a', '4294967296', '-1', '1:2:3', ' 1'])('refuses %j', (set) =>
    expect(parseUidRanges(set)).toBeNull(),
  );

  it('reads a range either way round and never expands past the bound', () => {
    expect(expandUidSet('3:1,9', 10)).toEqual([1, 2, 3, 9]);
    expect(expandUidSet('1:4294967295', 1000)).toBeNull();
  });
});

describe('SEARCH and ESEARCH', () => {
  const search = (text: string) => {
    const answer = new SearchAnswer();
    answer.readSearch(text, 0);
    return answer;
  };
  const esearch = (text: string) => {
    const answer = new SearchAnswer();
    answer.readEsearch(text, 0);
    return answer;
  };
  it.each([
    ['', []],
    [' 5 3 3 9 ', [3, 5, 9]],
    [' 5 (MODSEQ 917)', [5]],
    [' 5(MODSEQ 917)', [5]],
  ])('reads SEARCH%s', (text, found) => expect(search(text).uids()).toEqual(found));

  it.each([
    [' (TAG "A1") UID ALL 1:3,9', [1, 2, 3, 9]],
    [' (TAG "A1") UID', []],
    [' UID COUNT 2 ALL 4:5 MODSEQ 3', [4, 5]],
    [' (TAG "x")', []],
  ])('reads ESEARCH%s', (text, found) => expect(esearch(text).uids()).toEqual(found));

  it.each([' 5 x', ' 0', ' 4294967296', ' 1,2', ' -1'])('refuses SEARCH%s', (text) => expect(() => search(text)).toThrow());
  it.each([' UID ALL x', ' UID ALL 1:*', ' UID ALL 0'])('refuses ESEARCH%s', (text) => expect(() => esearch(text)).toThrow());

  it('is not answered before its line has come', () => {
    expect(new SearchAnswer().wasAnswered).toBe(false);
    expect(search('').wasAnswered).toBe(true);
  });

  it('ends at its bound instead of expanding four thousand million', () => {
    expect(() => esearch(' UID ALL 1:4294967295')).toThrow(expect.objectContaining({ code: 'answer-too-large', scope: 'connection' }));
  });
});

describe('VANISHED', () => {
  const vanished = (known: number[], ...lines: string[]) => {
    const found = new VanishedUids(uids(...known));
    for (const line of lines) found.read(line, 0);
    return found.uids();
  };
  it.each([
    [[1, 5, 9], [' (EARLIER) 1:4,9'], [1, 9]],
    [[9, 5, 1], [' 5'], [5]],
    [[1, 2], [' (EARLIER) 7:9'], []],
    [[], [' (EARLIER) 1:9'], []],
    [
      [1, 2, 3],
      [' 3:2', ' 1'],
      [1, 2, 3],
    ],
  ])('of known %j by %j is %j', (known, lines, gone) => expect(vanished(known, ...lines)).toEqual(gone));

  it('takes a million overlapping ranges over everything without effort', () => {
    const known = Array.from({ length: 20_000 }, (_, i) => i + 1);
    const line = ` (EARLIER) ${'1:4294967295,'.repeat(200_000)}3`;
    const began = performance.now();
    expect(vanished(known, line)).toEqual(known);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('agrees with plain sets on random input', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 200; round += 1) {
      const known = [...new Set(Array.from({ length: random.int(0, 60) }, () => random.int(1, 100)))];
      const ranges = Array.from({ length: random.int(1, 10) }, () => [random.int(1, 100), random.int(1, 100)] as const);
      const gone = known.filter((uid) => ranges.some(([a, b]) => uid >= Math.min(a, b) && uid <= Math.max(a, b)));
      expect(vanished(known, ` (EARLIER) ${ranges.map(([a, b]) => `${a}:${b}`).join(',')}`)).toEqual(gone.sort((a, b) => a - b));
    }
  });

  it.each([' x', ' (EARLIER) 1:x', ' (EARLIER) 0:3', ' 1:*'])('refuses%s', (line) => expect(() => vanished([1], line)).toThrow());
});
