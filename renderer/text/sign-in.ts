import { signIn as de } from './de/sign-in.ts';
import { signIn as en } from './en/sign-in.ts';

export type SignInWords = typeof en;

/** Words of signing in at a provider: apart from those of every day. */
export const signInWords: Readonly<Record<'de' | 'en', SignInWords>> = { de, en };
