import { z } from 'zod';

/** What speaks against taking a sender for whom they seem to be. */
export const senderFindingCodeSchema = z.enum([
  /** The checks of the person's own mail server failed, or there was none to go by. */
  'auth-failed',
  'auth-missing',
  /** The name is another mail address, the name of somebody known under another one, or a domain that is not the sender's. */
  'name-has-address',
  'name-of-contact',
  'name-has-domain',
  /** The domain is made to look like one that is known, or is written with letters that pass for others. */
  'look-alike-domain',
  'odd-domain',
  'several-from',
  'sender-differs',
  'no-address',
  'reply-elsewhere',
  /** No warning: nothing was heard of this address before. */
  'first-mail',
]);
export type SenderFindingCode = z.infer<typeof senderFindingCodeSchema>;

export const senderFindingSchema = z.lazy(() =>
  z.strictObject({
    code: senderFindingCodeSchema,
    /** What is named or known: an address or a domain. Empty where there is nothing to name. */
    named: z.string().max(400),
    /** Address or domain of the sender. */
    real: z.string().max(400),
  }),
);
export type SenderFinding = z.infer<typeof senderFindingSchema>;

/** Why an attachment can do harm. */
export const dangerCodeSchema = z.enum([
  'runs',
  'web-page',
  'macros',
  'disk-image',
  'shortcut',
  'settings',
  'double-ending',
  'other-type',
  'holds-risky',
  'locked-archive',
  'unclear-archive',
  'disguised',
  'other-content',
  'has-macros',
  'pdf-acts',
  'embedded-file',
  'remote-template',
]);
export type DangerCode = z.infer<typeof dangerCodeSchema>;

export const attachmentDangerSchema = z.lazy(() =>
  z.strictObject({
    index: z.number().int().nonnegative(),
    code: dangerCodeSchema,
    /** Ending, name or ContentKind; may be empty. */
    named: z.string().max(255),
  }),
);
export type AttachmentDanger = z.infer<typeof attachmentDangerSchema>;

/** Images that were asked of their servers for one message: what the mail names, and what came as `data:` address. */
export const remoteImagesSchema = z.lazy(() =>
  z.strictObject({
    images: z.record(z.string(), z.string()),
    /** Not asked for, since they serve to watch the reader. */
    trackers: z.number().int().nonnegative(),
    /** Refused, or nothing came. */
    failed: z.number().int().nonnegative(),
  }),
);
export type RemoteImages = z.infer<typeof remoteImagesSchema>;
