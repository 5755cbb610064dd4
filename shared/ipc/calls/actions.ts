import { z } from 'zod';
import { failedChangeSchema, undoTokenSchema } from '../../model/action.ts';
import { accountIdSchema, draftIdSchema, entryIdSchema, mailboxIdSchema, opIdSchema } from '../../model/ids.ts';
import { call, done, none } from '../call.ts';

const entryIds = z.array(entryIdSchema).min(1).max(10_000);
const token = () => undoTokenSchema;
/** `areConversations`: each stands for all of its own in its mailbox. */
const many = z.strictObject({ entryIds, areConversations: z.boolean().default(false) });

/** What a person does with mail: here at once, on the server when it can be reached. */
export const actionCalls = {
  'messages.move': call(() => z.tuple([many.extend({ mailboxId: mailboxIdSchema })]), token),
  'messages.archive': call(() => z.tuple([many]), token),
  /** To the trash; recoverable inside the window. */
  'messages.delete': call(() => z.tuple([many]), token),
  /** Puts lost, deleted or quarantined mail back: into its last mailbox, or the inbox. */
  'messages.restore': call(() => z.tuple([many]), token),
  /** Of all that the primary lost when it came back, or that vanished from it in mass: it is put back, or stays recoverable. */
  'messages.settleLost': call(
    () => z.tuple([z.strictObject({ accountId: accountIdSchema, isPutBack: z.boolean() })]),
    () => done,
  ),
  'messages.setFlag': call(() => z.tuple([many.extend({ flag: z.enum(['seen', 'flagged']), isSet: z.boolean() })]), token),
  'actions.undo': call(() => z.tuple([z.strictObject({ undoId: z.number().int().positive() })]), token),
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
