import { visibleLine } from '../../../shared/visible-text.ts';

/** Longest text of a server that is shown, characters. */
export const SERVER_WORDS_CHARS = 500;

/** What a server wrote, as a person may see it: one line, without marks that hide or turn text, to be shown as text; null where nothing is left. Pure. */
export function serverWords(text: string): string | null {
  const line = visibleLine(text).replaceAll(/\s+/gu, ' ');
  return [...line].slice(0, SERVER_WORDS_CHARS).join('') || null;
}
