import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { accountIdSchema, draftIdSchema, entryIdSchema, opIdSchema } from './ids.ts';

/** What was done, to be undone as one. Undoing is a change of its own: nothing that a server has seen is taken back in silence. */
export const undoTokenSchema = z.lazy(() => z.strictObject({ undoId: z.number().int().positive(), count: z.number().int().nonnegative() }));
export type UndoToken = z.infer<typeof undoTokenSchema>;

/** A change that the server refused or that met another one there: shown, never dropped. */
export const failedChangeSchema = z.lazy(() =>
  z.strictObject({
    /** Of the journal; else the draft of which an older copy stayed on the server. */
    opId: opIdSchema.nullable(),
    draftId: draftIdSchema.nullable(),
    accountId: accountIdSchema,
    entryId: entryIdSchema.nullable(),
    subject: z.string(),
    kind: z.enum([
      'set-flags',
      'move',
      'copy',
      'delete',
      'append',
      'restore',
      'create-mailbox',
      'rename-mailbox',
      'delete-mailbox',
      'remove-draft-copy',
    ]),
    state: z.enum(['refused', 'conflict']),
    /** What we wanted, in machine-readable words: `flag +seen`, `move Archive`. */
    detail: z.string().max(300),
    error: packedErrorSchema.nullable(),
    createdAt: z.number(),
  }),
);
export type FailedChange = z.infer<typeof failedChangeSchema>;
