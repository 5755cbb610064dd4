import { policy as de } from './de/policy.ts';
import { policy as en } from './en/policy.ts';

export type PolicyUiWords = typeof en;

/** Words of what IT holds: apart from those of every day. */
export const policyWords: Readonly<Record<'de' | 'en', PolicyUiWords>> = { de, en };
