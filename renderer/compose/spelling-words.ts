/** A word of a text, and where it is: UTF-16 units. */
export interface SpelledWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

const CHUNK = /\S+/gu;
/** Addresses of any kind, paths, abbreviations with dots within: no words to be checked. */
const NO_TEXT = /[@\\/]|[\p{L}\p{N}][.:][\p{L}\p{N}]/u;
/** Letters and digits, with apostrophes and shy hyphens between them. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’\u{AD}][\p{L}\p{M}\p{N}]+)*/gu;

/** The words of a text that a dictionary can be asked about. */
export function wordsOf(text: string): SpelledWord[] {
  return [...text.matchAll(CHUNK)]
    .filter(([chunk]) => !NO_TEXT.test(chunk))
    .flatMap(({ 0: chunk, index }) =>
      [...chunk.matchAll(WORD)].map(({ 0: word, index: at }) => ({ word, start: index + at, end: index + at + word.length })),
    );
}

/** The word at or around a place, the one that ends there included. */
export function wordAround(text: string, at: number): SpelledWord | null {
  return wordsOf(text).find(({ start, end }) => start <= at && at <= end) ?? null;
}
