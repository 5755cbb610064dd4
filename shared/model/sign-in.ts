import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { secretSchema } from './account.ts';

/** `browser`: in the person's own browser on this computer. `device`: by a code, typed in anywhere. */
export const signInFlowSchema = z.enum(['browser', 'device']);
export type SignInFlow = z.infer<typeof signInFlowSchema>;

/** One sign-in at a provider, as the window sees it. Its tokens stay in the engine, under its id. */
export const signInStateSchema = z.lazy(() =>
  z.strictObject({
    id: z.uuid(),
    flow: signInFlowSchema,
    phase: z.enum(['waiting', 'done', 'failed']),
    /** The provider's page, for the person's browser. */
    url: z.string().max(8192),
    /** What has to be typed there; null where the browser brings the answer back. */
    userCode: z.string().max(60).nullable(),
    /** Milliseconds since 1970; later nothing is waited for. */
    expiresAt: z.number(),
    error: packedErrorSchema.nullable(),
    /** How the provider calls who signed in; null while nobody has, or where it does not say. */
    signedInAs: z.string().max(320).nullable(),
  }),
);
export type SignInState = z.infer<typeof signInStateSchema>;

/** What one endpoint needs to log in, as the window gives it: typed in, or that somebody has signed in. */
const givenSecretSchema = z.lazy(() => z.union([secretSchema, z.strictObject({ type: z.literal('signed-in'), id: z.uuid() })]));
export type GivenSecret = z.infer<typeof givenSecretSchema>;
const givenSideSchema = z.lazy(() => z.strictObject({ imap: givenSecretSchema, smtp: givenSecretSchema.optional() }));
export type GivenSide = z.infer<typeof givenSideSchema>;

/** As AccountSecrets. */
export const givenSecretsSchema = z.lazy(() =>
  z.strictObject({ primary: givenSideSchema, relay: givenSideSchema.nullable().default(null) }),
);
export type GivenSecrets = z.infer<typeof givenSecretsSchema>;
