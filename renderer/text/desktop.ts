import * as de from './de/desktop.ts';
import * as en from './en/desktop.ts';

export type DesktopWords = typeof en;

/** Words of the app among the others of the computer: loaded with its settings, or when something is asked of the window. */
export const desktopWords: Readonly<Record<'de' | 'en', DesktopWords>> = { de, en };
