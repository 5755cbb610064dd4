import { z } from 'zod';

export const spellingLimits = {
  /** Asked about at once. */
  words: 2_000,
  /** Longer ones are taken for right. */
  wordChars: 60,
  ownWords: 5_000,
  suggestions: 6,
} as const;

export const spellingLanguages = ['de', 'en'] as const;
export type SpellingLanguage = (typeof spellingLanguages)[number];

/** In which languages a text is checked: a word is right that is right in one of them. */
export const spellingChoiceSchema = z.enum(['both', ...spellingLanguages, 'off']);
export type SpellingChoice = z.infer<typeof spellingChoiceSchema>;
