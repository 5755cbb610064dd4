import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnWords } from '../../main/app/spelling/own-words.ts';
import { Spelling } from '../../main/app/spelling/spelling.ts';
import { openChecker, type Checker } from '../../main/spelling/checker.ts';
import { distance, nearest } from '../../main/spelling/near.ts';
import { wordAround, wordsOf } from '../../renderer/compose/spelling-words.ts';
import type { AppLog } from '../../main/app/log-file.ts';
// @ts-expect-error -- a script of the build
import { layDictionaries } from '../../scripts/lib/dictionaries.mjs';

const log: AppLog = { write: () => undefined };
let folder: string;
let checker: Checker;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-spelling-'));
  (layDictionaries as (to: string) => void)(path.join(folder, 'dictionaries'));
  checker = await openChecker(path.join(folder, 'dictionaries'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the dictionaries', () => {
  it('know German with its compounds, and both kinds of English', () => {
    const right = ['Rechnungsprüfung', 'Mailserverausfall', 'Straße', 'fährst', 'colour', 'color', "don't", 'organise', 'organize'];
    expect(checker.wrong(right, ['de', 'en'])).toEqual([]);
    expect(checker.wrong(['Strase', 'recieve', 'Rechnugn'], ['de', 'en'])).toEqual(['Strase', 'recieve', 'Rechnugn']);
  });

  it('are those of the languages that were asked for', () => {
    expect(checker.wrong(['Straße', 'weather'], ['de'])).toEqual(['weather']);
    expect(checker.wrong(['Straße', 'weather'], ['en'])).toEqual(['Straße']);
    expect(checker.wrong(['Straße', 'recieve'], [])).toEqual([]);
  });

  it('are not asked about what is no word', () => {
    expect(checker.wrong(['HTML', 'ISO9001', 'x', 'Q'.repeat(61).toLowerCase()], ['de', 'en'])).toEqual([]);
  });

  it('propose the nearest words of all languages first', () => {
    expect(checker.suggest('recieve', ['de', 'en'])[0]).toBe('receive');
    expect(checker.suggest('Rechnugn', ['en', 'de'])[0]).toBe('Rechnung');
    expect(distance('recieve', 'receive')).toBe(1);
    expect(distance('', 'abc')).toBe(3);
    expect(nearest('teh', [['eh', 'the'], ['the', 'Zeh']], 2)).toEqual(['eh', 'the']); // prettier-ignore
  });
});

describe('own words', () => {
  const key = new Uint8Array(32).fill(7);
  const open = (storeKey: Uint8Array | null) => new OwnWords(path.join(folder, 'own-words.sealed'), log, () => storeKey);

  it('are right as they stand and begun with a capital, until they are taken back, and need the key', async () => {
    const own = open(key);
    const asked: string[][] = [];
    const speller = {
      wrong: (words: readonly string[]) => (asked.push([...words]), Promise.resolve(words)),
      suggest: () => Promise.resolve(['near']),
    };
    const spelling = new Spelling(speller, own, () => 'both', () => 'de'); // prettier-ignore
    spelling.setOwnWord({ word: 'holdover', isRight: true });
    expect(await spelling.check(['holdover', 'Holdover', 'HOLDOVER', 'x', 'x'])).toEqual(['HOLDOVER', 'x']);
    expect(await spelling.suggest('Holdover')).toEqual({ isWrong: false, suggestions: [] });
    expect(await spelling.suggest('other')).toEqual({ isWrong: true, suggestions: ['near'] });
    expect(open(key).list).toEqual(['holdover']);
    expect(open(new Uint8Array(32)).list).toEqual([]);
    expect(open(null).list).toEqual([]);
    expect(() => open(null).set('a', true)).toThrow(expect.objectContaining({ code: 'store-locked' }));
    spelling.setOwnWord({ word: 'holdover', isRight: false });
    expect(open(key).list).toEqual([]);
  });

  it('of a damaged file are none, and do not stand in the way', () => {
    writeFileSync(path.join(folder, 'own-words.sealed'), 'nonsense');
    expect(open(key).list).toEqual([]);
  });
});

describe('words of a text', () => {
  it('are cut with their apostrophes, and without what is an address', () => {
    const words = (text: string) => wordsOf(text).map(({ word }) => word);
    expect(words("Don't 'quote' me: Müller-Lüdenscheidt, z.B. in C:\\tmp")).toEqual([
      "Don't",
      'quote',
      'me',
      'Müller',
      'Lüdenscheidt',
      'in',
    ]);
    expect(words('an anna@kunde.example oder https://kunde.example/pfad, www.kunde.example: gut.')).toEqual(['an', 'oder', 'gut']);
    expect(words('Ende.Neu\nzweite Zeile')).toEqual(['zweite', 'Zeile']);
  });

  it('are found by the caret: in them, before them, behind them', () => {
    expect([0, 2, 3].map((at) => wordAround('das Haus', at)?.word)).toEqual(['das', 'das', 'das']);
    expect(wordAround('das Haus', 8)).toEqual({ word: 'Haus', start: 4, end: 8 });
    expect(wordAround('a  b', 2)).toBeNull();
  });
});
