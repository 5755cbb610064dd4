import type { Words } from './en.ts';

export type Language = 'de' | 'en';

/** The language of the system's languages that there are words in. */
export const languageOf = (locale: string): Language => (locale.toLowerCase().startsWith('de') ? 'de' : 'en');

/** All words of one language: a start needs no other. */
export async function loadWords(language: Language): Promise<Words> {
  return language === 'de' ? (await import('./de.ts')).de : (await import('./en.ts')).en;
}
