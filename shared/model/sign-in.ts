import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { secretSchema } from './account.ts';

/** In the browser of this computer, or by a code on any device. */
export const signInFlowSchema = z.enum(['browser', 'device']);
export type SignInFlow = z.infer<typeof signInFlowSchema>;

/** One sign-in as the window sees it: its tokens stay in the engine. Times in milliseconds since 1970. */
export const signInStateSchema = z.lazy(() =>
  z.strictObject({
    id: z.uuid(),
    flow: signInFlowSchema,
    phase: z.enum(['waiting', 'done', 'failed']),
    /** The provider's page. */
    url: z.string().max(8192),
    userCode: z.string().max(60).nullable(),
    expiresAt: z.number(),
    error: packedErrorSchema.nullable(),
    /** As the provider says. */
    signedInAs: z.string().max(320).nullable(),
  }),
);
export type SignInState = z.infer<typeof signInStateSchema>;

const given = z.lazy(() => z.union([secretSchema, z.strictObject({ type: z.literal('signed-in'), id: z.uuid() })]));
const side = z.lazy(() => z.strictObject({ imap: given, smtp: given.optional() }));
/** As AccountSecrets, with ids of sign-ins in place of their tokens. */
export const givenSecretsSchema = z.lazy(() => z.strictObject({ primary: side, relay: side.nullable().default(null) }));
export type GivenSecrets = z.infer<typeof givenSecretsSchema>;
export type GivenSide = GivenSecrets['primary'];
export type GivenSecret = GivenSide['imap'];
