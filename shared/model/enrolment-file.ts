import { z } from 'zod';
import { accountConfigSchema, secretSchema } from './account.ts';

/** Secrets by side and service, as given at enrolment. `smtp` falls back to `imap` of the same side. */
export const accountSecretsSchema = z.lazy(() =>
  z.strictObject({
    primary: z.strictObject({ imap: secretSchema, smtp: secretSchema.optional() }),
    relay: z.strictObject({ imap: secretSchema, smtp: secretSchema.optional() }).nullable().default(null),
  }),
);
export type AccountSecrets = z.infer<typeof accountSecretsSchema>;

/** The enrolment file that IT tools and the demo hand to the app; it is erased once it has been read. */
export const enrolmentFileSchema = z.lazy(() =>
  z.strictObject({
    accounts: z
      // Without secrets: the person gives them, once, where the account is.
      .array(z.strictObject({ config: accountConfigSchema, secrets: accountSecretsSchema.nullable().default(null) }))
      .min(1)
      .max(50),
  }),
);
export type EnrolmentFile = z.infer<typeof enrolmentFileSchema>;
