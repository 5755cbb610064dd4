import { z } from 'zod';
import { accountConfigSchema, type AccountConfig } from './account.ts';

/** What of an account IT's template says: the rest is the person's, or held by the rules of the policy. */
export const accountTemplateFieldsSchema = z.lazy(() =>
  accountConfigSchema
    .unwrap()
    .pick({ aliases: true, displayName: true, primary: true, relay: true, mailboxes: true, quarantinePath: true, pollSeconds: true }),
);
export type AccountTemplateFields = z.infer<typeof accountTemplateFieldsSchema>;

/** What of an enrolment file the person may change afterwards: a value that is another in a later file is taken all the same. */
export const ownFieldsSchema = z.lazy(() => accountConfigSchema.unwrap().pick({ retention: true, continuity: true, signature: true }));
export type OwnFields = z.infer<typeof ownFieldsSchema>;

/** What of a prepared account an enrolled one follows. Pure. */
export function templateFields({
  aliases,
  displayName,
  primary,
  relay,
  mailboxes,
  quarantinePath,
  pollSeconds,
}: AccountConfig): AccountTemplateFields {
  return { aliases, displayName, primary, relay, mailboxes, quarantinePath, pollSeconds };
}

/** What of an enrolment file an enrolled account takes where it changed. Pure. */
export const ownFields = ({ retention, continuity, signature }: AccountConfig): OwnFields => ({ retention, continuity, signature });
