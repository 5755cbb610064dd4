import { recovery as de } from './de/recovery.ts';
import { recovery as en } from './en/recovery.ts';

export type RecoveryWords = typeof en;

/** Words for a store whose key is lost: apart from all others, since hardly anybody ever reads them. */
export const recoveryWords: Readonly<Record<'de' | 'en', RecoveryWords>> = { de, en };
