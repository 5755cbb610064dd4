import { z } from 'zod';
import { oauth2Fields, providerSchema } from '../model/account.ts';

/** How the app is registered at providers, for accounts that people set up by hand; within `accounts` each endpoint says it itself. */
export const signInSectionSchema = z.lazy(() =>
  z
    .array(z.strictObject({ provider: providerSchema, ...oauth2Fields() }))
    .min(1)
    .max(20),
);
export type SignInClient = z.infer<typeof signInSectionSchema>[number];
