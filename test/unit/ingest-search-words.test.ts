import { describe, expect, it } from 'vitest';
import { foldByRules, searchWords } from '../../main/engine/core/search-words.ts';

/** The rules without the table: what the quick way must equal. */
const byRules = (text: string) => foldByRules(text).replace(/ {2,}/g, ' ').trim();

describe('search words', () => {
  it.each([
    ['Grüße aus der Königstraße!', 'grusse aus der konigstrasse'],
    ['STRASSE Straße', 'strasse strasse'],
    ['e-mail: jane.doe@example.org', 'e mail jane doe example org'],
    ['“Quoted” – dash… and’s', 'quoted dash and s'],
    ['Donau\u00addampf\u200bschiff', 'donaudampfschiff'],
    ['ﬁne ½ ① ＡＢＣ', 'fine 1 2 1 abc'],
    ['Привет, Мир!', 'привет мир'],
    ['東京へ行く', '東 京 へ 行 く'],
    ['mail 東京 now', 'mail 東 京 now'],
    ['party 🎉 time', 'party time'],
    ['İstanbul Dvořák Łódź', 'istanbul dvorak lodz'],
    ['', ''],
    [' \n\t', ''],
  ])('of %j are %j', (text, expected) => expect(searchWords(text)).toBe(expected));

  it('are equal by table and by rules for every character, alone and inside of words', () => {
    for (let code = 0; code < 0x3000; code++) {
      const char = String.fromCharCode(code);
      const text = `ab${char}cd ${char} x${char}`;
      expect(searchWords(text), `U+${code.toString(16)}`).toBe(byRules(text));
    }
  });

  it('are equal by table and by rules for random mixes', () => {
    const alphabet = [...'aZ9 ,.-ßÄöé\u0301\u2019\u00ad東かПриΣ🎉½ﬁ\n\t'];
    let state = 5;
    for (let n = 0; n < 3000; n++) {
      let text = '';
      for (let k = 0; k < 40; k++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        text += alphabet[state % alphabet.length];
      }
      expect(searchWords(text)).toBe(byRules(text));
    }
  });

  it('are cut at 64 characters, and do not change when folded again', () => {
    expect(searchWords(`${'x'.repeat(100)} y`)).toBe(`${'x'.repeat(64)} y`);
    expect(searchWords(`ä東${'ß'.repeat(100)}`)).toBe(`a 東 ${'s'.repeat(64)}`);
    const once = searchWords('Ünïcödé Straße 東京 ½ Привет');
    expect(searchWords(once)).toBe(once);
  });

  it('of a megabyte are found quickly', () => {
    const text = 'Schöne Grüße aus dem Büro, “heute” 3 Straßen weiter 🎉. '.repeat(20_000);
    const start = performance.now();
    searchWords(text);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
