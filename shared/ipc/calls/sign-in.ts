import { z } from 'zod';
import { accountConfigSchema, sideSchema } from '../../model/account.ts';
import { accountIdSchema } from '../../model/ids.ts';
import { signInFlowSchema, signInStateSchema } from '../../model/sign-in.ts';
import { call, done } from '../call.ts';

const one = () => z.tuple([z.strictObject({ id: z.uuid() })]);
/** How and in which language of the page that the browser shows in the end. */
export const signInWay = { flow: signInFlowSchema, language: z.enum(['de', 'en']) };

/** Sign-in at the provider of one side. No token ever passes here: an account that is there has them, others are given the id. */
export const signInCalls = {
  /** Begins, in place of any that waits: for an account, or for one that is being set up. */
  'signIn.begin': call(
    () =>
      z.tuple([
        z.strictObject({
          ...signInWay,
          side: sideSchema,
          of: z.union([z.strictObject({ accountId: accountIdSchema }), z.strictObject({ config: accountConfigSchema })]),
        }),
      ]),
    () => signInStateSchema,
  ),
  /** Answers when it has ended, or after some seconds. */
  'signIn.wait': call(one, () => signInStateSchema),
  'signIn.cancel': call(one, () => done),
} as const;
