import * as de from './de/spelling.ts';
import * as en from './en/spelling.ts';

export type SpellingWords = typeof en;

/** Words of the spell check: loaded with the composer and the settings. */
export const spellingWords: Readonly<Record<'de' | 'en', SpellingWords>> = { de, en };
