import { z } from 'zod';
import { failedChangeSchema, undoTokenSchema } from '../../model/action.ts';
import { accountIdSchema, draftIdSchema, entryIdSchema, mailboxIdSchema, opIdSchema } from '../../model/ids.ts';
import { call, done, none } from '../call.ts';

const entryIds = z.array(entryIdSchema).min(1).max(10_000);
/** `areConversations`: each stands for all of its own in its mailbox. */
const many = z.strictObject({ entryIds, areConversations: z.boolean().default(false) });

/** What a person does with mail: here at once, on the server when it can be reached. */
export const actionCalls = {
  'messages.move': call(
    () => z.tuple([many.extend({ mailboxId: mailboxIdSchema })]),
    () => undoTokenSchema,
  ),
  'messages.archive': call(
    () => z.tuple([many]),
    () => undoTokenSchema,
  ),
  /** To the trash; recoverable inside the window. */
  'messages.delete': call(
    () => z.tuple([many]),
    () => undoTokenSchema,
  ),
  /** Puts lost, deleted or quarantined mail back: into its last mailbox, or the inbox. `lostOf`: all that a primary lost that was set back. */
  'messages.restore': call(
    () => z.tuple([z.union([many, z.strictObject({ lostOf: accountIdSchema })])]),
    () => undoTokenSchema,
  ),
  'messages.setFlag': call(
    () => z.tuple([many.extend({ flag: z.enum(['seen', 'flagged']), isSet: z.boolean() })]),
    () => undoTokenSchema,
  ),
  'actions.undo': call(
    () => z.tuple([z.strictObject({ undoId: z.number().int().positive() })]),
    () => undoTokenSchema,
  ),
  'actions.failed': call(
    () => none,
    () => z.array(failedChangeSchema),
  ),
  'actions.dismiss': call(
    () => z.tuple([z.union([z.strictObject({ opId: opIdSchema }), z.strictObject({ draftId: draftIdSchema })])]),
    () => done,
  ),
  /** Changes that wait for a server, by account. */
  'actions.open': call(
    () => none,
    () => z.array(z.strictObject({ accountId: accountIdSchema, count: z.number().int() })),
  ),
} as const;
