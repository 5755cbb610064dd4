import { setup as de } from './de/setup.ts';
import { setup as en } from './en/setup.ts';

export type SetupWords = typeof en;

/** Words of setting up an account: apart from those of every day, since they are read once. */
export const setupWords: Readonly<Record<'de' | 'en', SetupWords>> = { de, en };
