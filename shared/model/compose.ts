import { z } from 'zod';
import { packedErrorSchema } from '../errors.ts';
import { accountIdSchema, draftFileIdSchema, draftIdSchema, entryIdSchema } from './ids.ts';
import { addressSchema } from './message.ts';

/** Why a mail is written. */
export const composeKindSchema = z.enum(['new', 'reply', 'reply-all', 'forward']);
export type ComposeKind = z.infer<typeof composeKindSchema>;

/** The mail answered or forwarded. */
export const originalSchema = z.strictObject({ entryId: entryIdSchema, kind: composeKindSchema.exclude(['new']) });
export type Original = z.infer<typeof originalSchema>;

const recipients = z.array(addressSchema).max(500);

/** What the person writes. Addresses are checked when it is sent, not while they are typed. */
export const draftContentSchema = z.lazy(() =>
  z.strictObject({
    accountId: accountIdSchema,
    /** Which of the account's further addresses it is from; without it, and where the account no longer has it, the address of the account. */
    from: z.string().max(320).optional(),
    to: recipients,
    cc: recipients,
    bcc: recipients,
    subject: z.string().max(2000),
    format: z.enum(['rich', 'plain']),
    /** For `rich`: HTML as the editor has it; inline images by `cid:`. Cleaned by the engine before it is sent. */
    html: z.string().max(5_000_000),
    /** For `plain`: the text. For `rich`: ignored, made from the HTML. */
    text: z.string().max(2_000_000),
  }),
);
export type DraftContent = z.infer<typeof draftContentSchema>;

export const draftFileSchema = z.lazy(() =>
  z.strictObject({
    id: draftFileIdSchema,
    fileName: z.string().max(255),
    mimeType: z.string().max(200),
    sizeBytes: z.number().int().nonnegative(),
    /** Shown inside the text by `cid:<contentId>`. */
    isInline: z.boolean(),
    contentId: z.string().max(200),
  }),
);
export type DraftFile = z.infer<typeof draftFileSchema>;

export const draftSchema = z.lazy(() =>
  z.strictObject({
    id: draftIdSchema,
    content: draftContentSchema,
    files: z.array(draftFileSchema).max(200),
    original: originalSchema.nullable(),
    /** Raised by each save; a save of an older one is refused, so that two windows cannot overwrite each other. */
    version: z.number().int().nonnegative(),
    createdAt: z.number(),
    savedAt: z.number(),
    /** Another program changed the copy of it in Drafts: both are kept. */
    hasConflict: z.boolean(),
    /** Why it is here alone: the mail server did not take its copy. `isFinal`: not tried again until the draft changes. */
    notFiled: z.strictObject({ error: packedErrorSchema, isFinal: z.boolean() }).nullable(),
  }),
);
export type Draft = z.infer<typeof draftSchema>;

/** A known correspondent, from mirrored mail. */
export const contactSchema = z.lazy(() =>
  z.strictObject({
    name: z.string(),
    address: z.string(),
    /** How often written to and received from, newer counting more; only for ranking. */
    score: z.number(),
  }),
);
export type Contact = z.infer<typeof contactSchema>;

/**
 * In a rich draft the quotation of the original is the last element, `<div class="gmail_quote">` with its attribution line and
 * blockquote in it: the window folds it, and so do the mail programs of most recipients.
 */
export const quotationClass = 'gmail_quote';
