import { z } from 'zod';
import { spellingLimits } from '../../model/spelling.ts';
import { call, done, none } from '../call.ts';

const word = z.string().max(spellingLimits.wordChars);

/** Spelling of what is being written, in the languages of the settings. */
export const spellingCalls = {
  /** Those of the words that are wrong. */
  'spelling.check': call(
    () => z.tuple([z.strictObject({ words: z.array(z.string().max(10_000)).max(spellingLimits.words) })]),
    () => z.array(word),
  ),
  /** Whether one word is wrong, and what may be meant by it, likeliest first. */
  'spelling.suggest': call(
    () => z.tuple([z.strictObject({ word })]),
    () => z.strictObject({ isWrong: z.boolean(), suggestions: z.array(z.string()).max(spellingLimits.suggestions) }),
  ),
  /** The words that a person has said are right, in order of the alphabet. */
  'spelling.ownWords': call(
    () => none,
    () => z.array(word),
  ),
  /** Refused (`call-rejected`) where there are too many. */
  'spelling.setOwnWord': call(
    () => z.tuple([z.strictObject({ word: word.min(1), isRight: z.boolean() })]),
    () => done,
  ),
} as const;
