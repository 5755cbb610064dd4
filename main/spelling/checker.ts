import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Hunspell } from 'hunspell-wasm';
import makeModule from 'hunspell-wasm/wasm/hunspell.js';
import { spellingLimits, type SpellingLanguage } from '../../shared/model/spelling.ts';
import { nearest } from './near.ts';

/** Dictionaries of each language: right is what one of them has. */
const DICTIONARIES: Readonly<Record<SpellingLanguage, readonly string[]>> = { de: ['de'], en: ['en', 'en-gb'] };
/** Declared without the argument that Emscripten's modules take. */
type MakeModule = (parts: { readonly wasmBinary: Uint8Array }) => Promise<unknown>;
/** Names of things rather than words: numbers with units, part numbers, abbreviations in capitals. */
const NO_WORD = /\d|^.$|^\p{Lu}+$/u;

export interface Checker {
  /** Those of the words that none of the languages has. */
  wrong(words: readonly string[], languages: readonly SpellingLanguage[]): string[];
  /** What may be meant by a word, likeliest first. May take half a second. */
  suggest(word: string, languages: readonly SpellingLanguage[]): string[];
}

/**
 * Hunspell over the dictionaries of a folder; each is read when its language is first asked for.
 * @throws Error where the program or a dictionary cannot be read
 */
export async function openChecker(folder: string): Promise<Checker> {
  const file = (name: string): Buffer => readFileSync(path.join(folder, name));
  const module: unknown = await (makeModule as MakeModule)({ wasmBinary: file('hunspell.wasm') });
  const opened = new Map<string, Hunspell>();
  const open = (name: string): Hunspell => {
    const known = opened.get(name) ?? new Hunspell(module, file(`${name}.aff`).toString(), file(`${name}.dic`).toString());
    opened.set(name, known);
    return known;
  };
  const of = (languages: readonly SpellingLanguage[]): Hunspell[] => languages.flatMap((one) => DICTIONARIES[one]).map(open);
  const isRight = (word: string, dictionaries: readonly Hunspell[]): boolean =>
    word.length > spellingLimits.wordChars || NO_WORD.test(word) || dictionaries.some((one) => one.testSpelling(word));
  return {
    wrong: (words, languages) => {
      const dictionaries = of(languages);
      return dictionaries.length === 0 ? [] : words.filter((word) => !isRight(word, dictionaries));
    },
    suggest: (word, languages) => {
      const proposals = of(languages).map((one) => one.getSpellingSuggestions(word));
      return nearest(word, proposals, spellingLimits.suggestions);
    },
  };
}
