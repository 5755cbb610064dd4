import { z } from 'zod';
import { accountIdSchema, entryIdSchema } from './ids.ts';
import { invitationSchema } from './invitation.ts';
import { sideSchema } from './account.ts';

export const addressSchema = z.lazy(() => z.strictObject({ name: z.string(), address: z.string() }));
export type Address = z.infer<typeof addressSchema>;

/** Where one copy of the mail was seen. */
export const placementViewSchema = z.lazy(() =>
  z.strictObject({
    side: sideSchema,
    path: z.string(),
    uid: z.number().int(),
    state: z.enum(['present', 'unlinked', 'vanished', 'superseded', 'held']),
    isQuarantined: z.boolean(),
  }),
);
export type PlacementView = z.infer<typeof placementViewSchema>;

/** How much of the message is on this machine. */
export const bodyStateSchema = z.enum(['missing', 'partial', 'complete', 'too-large', 'unreadable']);
export type BodyState = z.infer<typeof bodyStateSchema>;

/** Mails in this mailbox, and in all that are shown. */
export const conversationSchema = z.lazy(() =>
  z.strictObject({ threadId: z.number().int(), here: z.number().int(), total: z.number().int() }),
);

/** One line of the message list. */
export const messageRowSchema = z.lazy(() =>
  z.strictObject({
    id: entryIdSchema,
    accountId: accountIdSchema,
    /** Sender, or for sent mail and drafts the first recipients. */
    people: z.array(addressSchema),
    subject: z.string(),
    preview: z.string(),
    /** Internal date in milliseconds since 1970. */
    internalDate: z.number(),
    sentDate: z.number().nullable(),
    sizeBytes: z.number().int().nonnegative(),
    isSeen: z.boolean(),
    isFlagged: z.boolean(),
    isAnswered: z.boolean(),
    isForwarded: z.boolean(),
    isDraft: z.boolean(),
    hasAttachments: z.boolean(),
    /** Sides on which a copy is present now. */
    sides: z.array(sideSchema),
    isQuarantined: z.boolean(),
    /** Gone from every server inside the window, kept here. */
    isRecoverable: z.boolean(),
    /** Recoverable because the person deleted it here; else it was lost on the servers. */
    isDeletedHere: z.boolean(),
    bodyState: bodyStateSchema,
    /** Whose mails the marks speak for; null in a list of mails. */
    conversation: conversationSchema.nullable(),
  }),
);
export type MessageRow = z.infer<typeof messageRowSchema>;

export const attachmentSchema = z.lazy(() =>
  z.strictObject({
    /** Its place among the attachments of what it lies in. */
    index: z.number().int().nonnegative(),
    /** Attachments it lies in, outermost first: a mail in the mail, a winmail.dat. Not there for one of the mail itself. */
    within: z.array(z.number().int().nonnegative()).optional(),
    fileName: z.string(),
    mimeType: z.string(),
    sizeBytes: z.number().int().nonnegative(),
    isInline: z.boolean(),
    contentId: z.string().nullable(),
  }),
);
export type Attachment = z.infer<typeof attachmentSchema>;

/** Something that kept us from showing the whole message, in machine-readable form; words are in renderer/text. */
export const messageProblemSchema = z.lazy(() =>
  z.strictObject({
    code: z.enum([
      'no-message-id',
      'no-date',
      'header-limit',
      'part-limit',
      'depth-limit',
      'size-limit',
      'text-limit',
      'image-limit',
      'parse-timeout',
      'parse-failed',
      'unknown-charset',
      'truncated',
      'not-downloaded',
      'several-from',
    ]),
    detail: z.string().max(300).default(''),
  }),
);
export type MessageProblem = z.infer<typeof messageProblemSchema>;

/** Signature or encryption by which a mail is protected, told by its form alone: nothing is checked and nothing decrypted. */
export const protectionSchema = z.lazy(() =>
  z.strictObject({
    kind: z.enum(['signed', 'encrypted']),
    by: z.enum(['smime', 'pgp']),
    /** The content lies inside the signature, as an attachment, and not in the text. */
    isOpaque: z.boolean(),
    /** Only a part of the mail. */
    isPartial: z.boolean(),
  }),
);
export type Protection = z.infer<typeof protectionSchema>;

const contentFields = () => ({
  from: z.array(addressSchema),
  sender: addressSchema.nullable(),
  replyTo: z.array(addressSchema),
  to: z.array(addressSchema),
  cc: z.array(addressSchema),
  bcc: z.array(addressSchema),
  messageId: z.string().nullable(),
  html: z.string().nullable(),
  text: z.string().nullable(),
  /** Inline images that the HTML refers to: content id to data: URI (image types only, bounded). */
  inlineImages: z.record(z.string(), z.string()),
  attachments: z.array(attachmentSchema),
  invitation: invitationSchema.nullable(),
  protection: protectionSchema.nullable(),
  problems: z.array(messageProblemSchema),
});

/** Everything the reading pane shows. `html` is NOT yet sanitised. */
export const messageViewSchema = z.lazy(() =>
  z.strictObject({ row: messageRowSchema, ...contentFields(), placements: z.array(placementViewSchema) }),
);
export type MessageView = z.infer<typeof messageViewSchema>;

/** A mail or a winmail.dat that lies in a mail, opened. `html` is NOT yet sanitised. */
export const innerViewSchema = z.lazy(() => z.strictObject({ subject: z.string(), sentDate: z.number().nullable(), ...contentFields() }));
export type InnerView = z.infer<typeof innerViewSchema>;

export const messageFilterSchema = z.enum(['all', 'unseen', 'flagged', 'attachments', 'relay']);
export type MessageFilter = z.infer<typeof messageFilterSchema>;
