import { z } from 'zod';
import { accountConfigSchema } from './account.ts';

/** What of an account IT's template says: the rest is the person's, or held by the rules of the policy. */
export const accountTemplateFieldsSchema = z.lazy(() =>
  accountConfigSchema
    .unwrap()
    .pick({ displayName: true, primary: true, relay: true, mailboxes: true, quarantinePath: true, pollSeconds: true }),
);
export type AccountTemplateFields = z.infer<typeof accountTemplateFieldsSchema>;
