import * as de from './de/reading.ts';
import * as en from './en/reading.ts';

export type ReadingWords = typeof en;

/** Words of what is shown with a mail that was opened: loaded with it, since the start needs none of them. */
export const readingWords: Readonly<Record<'de' | 'en', ReadingWords>> = { de, en };
