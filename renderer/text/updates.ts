import { updates as de } from './de/updates.ts';
import { updates as en } from './en/updates.ts';

export type UpdateWords = typeof en;

/** Words for updates of the app: apart from all others, since they are read in the settings alone. */
export const updateWords: Readonly<Record<'de' | 'en', UpdateWords>> = { de, en };
