import { alerts as de } from './de/alerts.ts';
import { alerts as en } from './en/alerts.ts';

export type AlertWords = typeof en;

/** Words around what a server wants a person to be told: loaded with it. */
export const alertWords: Readonly<Record<'de' | 'en', AlertWords>> = { de, en };

/** Words of a stranger, maybe written from right to left, apart from ours (UAX 9: first strong isolate). */
export const apart = (text: string): string => `\u2068${text}\u2069`;
