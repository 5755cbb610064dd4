import { searchWords } from '../core/search-words.ts';

export type SearchField = 'subject' | 'people' | 'files';

export interface SearchTerm {
  /** Normalised words; several make a phrase. */
  readonly words: readonly string[];
  readonly field: SearchField | null;
  /** Quoted: the words as they stand, not as prefixes. */
  readonly isExact: boolean;
}

/** Prefixes that restrict a word, in English and German. */
const FIELDS: Readonly<Record<string, SearchField>> = {
  from: 'people',
  to: 'people',
  cc: 'people',
  von: 'people',
  an: 'people',
  subject: 'subject',
  betreff: 'subject',
  file: 'files',
  datei: 'files',
  anhang: 'files',
};
const TOKEN = /(?:(?<field>[\p{L}]{2,8}):)?(?:"(?<quoted>[^"]*)"?|(?<plain>\S+))/gu;
/** More words than this narrow nothing down and only cost. */
const MAX_TERMS = 12;

/** Reads what a person typed. Pure; every text is a valid query. */
export function parseSearch(text: string): SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const { groups } of text.normalize('NFC').matchAll(TOKEN)) {
    const name = groups?.['field']?.toLowerCase();
    const field = name === undefined ? null : (FIELDS[name] ?? null);
    const quoted = groups?.['quoted'];
    // A colon that is no field belongs to the words: "re:x" is looked for as it stands.
    const raw = `${name !== undefined && field === null ? `${name} ` : ''}${quoted ?? groups?.['plain'] ?? ''}`;
    const words = searchWords(raw).split(' ').filter(Boolean);
    if (words.length > 0) terms.push({ words, field, isExact: quoted !== undefined });
  }
  return terms.slice(0, MAX_TERMS);
}
