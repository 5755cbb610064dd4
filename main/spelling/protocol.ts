import type { SpellingLanguage } from '../../shared/model/spelling.ts';

/** What the worker is asked; each is answered once, by the same number. */
export type SpellingQuestion = { readonly id: number; readonly languages: readonly SpellingLanguage[] } & (
  { readonly kind: 'check'; readonly words: readonly string[] } | { readonly kind: 'suggest'; readonly word: string }
);

/** `words`: those that are wrong, or those that may be meant. Null where the dictionaries could not be used. */
export interface SpellingAnswer {
  readonly id: number;
  readonly words: readonly string[] | null;
}

export interface SpellingWorkerData {
  /** Folder of the dictionaries. */
  readonly folder: string;
}
