import { z } from 'zod';
import { accountConfigSchema, sideSchema } from '../../model/account.ts';
import { accountIdSchema } from '../../model/ids.ts';
import { signInFlowSchema, signInStateSchema } from '../../model/sign-in.ts';
import { call, done } from '../call.ts';

const one = () => z.tuple([z.strictObject({ id: z.uuid() })]);
export const signInWay = { flow: signInFlowSchema, language: z.enum(['de', 'en']) };

/** Sign-in at a side's provider. No token passes here. */
export const signInCalls = {
  /** In place of any that waits. */
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
  /** A password typed in anew: proved before it is kept. */
  'signIn.password': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, side: sideSchema, password: z.string().min(1).max(4096) })]),
    () => done,
  ),
} as const;
