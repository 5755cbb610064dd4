import { z } from 'zod';
import { composeKindSchema, contactSchema, draftContentSchema, draftFileSchema, draftSchema } from '../../model/compose.ts';
import { accountIdSchema, draftFileIdSchema, draftIdSchema, entryIdSchema, outboxIdSchema } from '../../model/ids.ts';
import { windowLimits as limits } from '../../window-limits.ts';
import { bytes, call, done, none } from '../call.ts';

const draftRef = z.strictObject({ draftId: draftIdSchema });

/** Writing mail. Files come as bytes that the person chose in the window; no call takes a path. */
export const composeCalls = {
  /** A new draft, filled for what it is: recipients, subject and quotation of a reply or forward (its files, too). */
  'compose.start': call(
    () =>
      z.tuple([
        z.discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('new'),
            accountId: accountIdSchema.nullable(),
            mailto: z.string().max(limits.maxMailtoChars).nullable(),
          }),
          z.strictObject({ kind: composeKindSchema.exclude(['new']), entryId: entryIdSchema, format: z.enum(['rich', 'plain']) }),
          /** Goes on with a draft of a Drafts mailbox, ours or another program's. */
          z.strictObject({ kind: z.literal('edit'), entryId: entryIdSchema }),
        ]),
      ]),
    () => draftSchema,
  ),
  /** Drafts that are open here, newest first. */
  'drafts.list': call(
    () => none,
    () => z.array(draftSchema),
  ),
  'drafts.get': call(
    () => z.tuple([draftRef]),
    () => draftSchema,
  ),
  /** Durable on return. Refused (`draft-changed`) when `version` is not the stored one, `too-late` once it was handed over. */
  'drafts.save': call(
    () => z.tuple([z.strictObject({ draftId: draftIdSchema, version: z.number().int().nonnegative(), content: draftContentSchema })]),
    () => z.strictObject({ version: z.number().int(), savedAt: z.number() }),
  ),
  'drafts.discard': call(
    () => z.tuple([draftRef]),
    () => done,
  ),
  'drafts.addFile': call(
    () =>
      z.tuple([
        z.strictObject({
          draftId: draftIdSchema,
          name: z.string().min(1).max(255),
          mimeType: z.string().max(200),
          isInline: z.boolean(),
          content: bytes.refine((value) => value.byteLength <= limits.maxDraftFileBytes, 'too large'),
        }),
      ]),
    () => draftFileSchema,
  ),
  'drafts.removeFile': call(
    () => z.tuple([z.strictObject({ draftId: draftIdSchema, attachmentId: draftFileIdSchema })]),
    () => done,
  ),
  /** Content of an inline image, for the editor. */
  'drafts.file': call(
    () => z.tuple([z.strictObject({ draftId: draftIdSchema, attachmentId: draftFileIdSchema })]),
    () => z.strictObject({ file: draftFileSchema, content: bytes }),
  ),
  /**
   * Composes the bytes once and puts them in the outbox. Refused with `draft-invalid` (detail names the field) when it has no
   * recipient or an address is wrong.
   */
  'drafts.send': call(
    () => z.tuple([z.strictObject({ draftId: draftIdSchema, version: z.number().int().nonnegative() })]),
    () => z.strictObject({ outboxId: outboxIdSchema, sendsAt: z.number() }),
  ),
  'contacts.complete': call(
    () =>
      z.tuple([
        z.strictObject({ text: z.string().max(200), accountId: accountIdSchema.nullable(), limit: z.number().int().min(1).max(50) }),
      ]),
    () => z.array(contactSchema),
  ),
} as const;
