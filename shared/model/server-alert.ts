import { z } from 'zod';
import { sideSchema } from './account.ts';
import { accountIdSchema } from './ids.ts';

/** What a server wants a person to be told (RFC 9051 7.1 ALERT), in its own words: text of a stranger. */
export const serverAlertSchema = z.strictObject({
  accountId: accountIdSchema,
  /** Of its account. */
  id: z.number().int().positive(),
  side: sideSchema,
  text: z.string().min(1).max(1_000),
  /** When it was told first, milliseconds since 1970. */
  at: z.number(),
});
export type ServerAlert = z.infer<typeof serverAlertSchema>;
