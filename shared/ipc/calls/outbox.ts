import { z } from 'zod';
import { draftIdSchema, outboxIdSchema } from '../../model/ids.ts';
import { outboxItemSchema } from '../../model/outbox.ts';
import { call, done, none } from '../call.ts';

const ref = z.strictObject({ outboxId: outboxIdSchema });

/** Mail handed over to be sent. */
export const outboxCalls = {
  /** Newest first: all that is open, and what ended in the retention window. */
  'outbox.list': call(
    () => none,
    () => z.array(outboxItemSchema),
  ),
  /** Takes it back while no byte of it has left; the draft is open again. Refused (`too-late`) after that. */
  'outbox.cancel': call(
    () => z.tuple([ref]),
    () => z.strictObject({ draftId: draftIdSchema.nullable() }),
  ),
  /** Does not wait for the undo window or the next try. */
  'outbox.sendNow': call(
    () => z.tuple([ref]),
    () => outboxItemSchema,
  ),
  /** Searches both sides for an uncertain mail now. */
  'outbox.lookUp': call(
    () => z.tuple([ref]),
    () => outboxItemSchema,
  ),
  /** A person who has seen the evidence sends an uncertain mail once more: same bytes, same Message-ID. */
  'outbox.resend': call(
    () => z.tuple([ref]),
    () => outboxItemSchema,
  ),
  /** A person knows that an uncertain mail arrived. */
  'outbox.markSent': call(
    () => z.tuple([ref]),
    () => outboxItemSchema,
  ),
  /** Opens a refused or cancelled mail as a new draft, which will have a Message-ID of its own. */
  'outbox.edit': call(
    () => z.tuple([ref]),
    () => z.strictObject({ draftId: draftIdSchema }),
  ),
  /** Takes a finished or refused one off the list. */
  'outbox.dismiss': call(
    () => z.tuple([ref]),
    () => done,
  ),
} as const;
