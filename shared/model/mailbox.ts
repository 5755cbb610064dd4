import { z } from 'zod';
import { accountIdSchema, mailboxIdSchema } from './ids.ts';
import { sideSchema } from './account.ts';

/** What a mailbox is for: by special-use flag (RFC 6154), then by well-known names. */
export const mailboxRoleSchema = z.enum(['inbox', 'sent', 'drafts', 'archive', 'trash', 'junk', 'quarantine', 'all', 'flagged', 'other']);
export type MailboxRole = z.infer<typeof mailboxRoleSchema>;

/** Which retention applies. */
export const mailKindSchema = z.enum(['incoming', 'outgoing', 'quarantined']);
export type MailKind = z.infer<typeof mailKindSchema>;

/** Roles whose mailboxes of all accounts are shown as one list, too, in the order of these lists. */
export const UNIFIED_ROLES = ['inbox', 'drafts', 'sent'] as const satisfies readonly MailboxRole[];
export type UnifiedRole = (typeof UNIFIED_ROLES)[number];
/** Keys of these lists. */
export const unifiedKey = (role: UnifiedRole): string => `all:${role}`;
/** Key of the list of all inboxes. */
export const ALL_INBOXES = unifiedKey('inbox');

/**
 * A mailbox as the reader sees it: a primary mailbox with the relay's mailbox of the same role folded in, or a relay
 * mailbox that has no counterpart (quarantine), or a virtual list: mail that can be recovered, the inboxes, drafts or sent mail of all accounts.
 */
export const viewMailboxSchema = z.lazy(() =>
  z.strictObject({
    /** Stable key: a mailbox row id, `recoverable:<accountId>`, or that of a list over all accounts (unifiedKey). */
    key: z.string().max(60),
    /** Null for a list over all accounts. */
    accountId: accountIdSchema.nullable(),
    mailboxId: mailboxIdSchema.nullable(),
    side: sideSchema.nullable(),
    path: z.string(),
    /** Last level of the path, for display. */
    name: z.string(),
    /** Nesting level below the account, 0 for top level. */
    depth: z.number().int().nonnegative(),
    role: z.union([mailboxRoleSchema, z.literal('recoverable')]),
    total: z.number().int().nonnegative(),
    unseen: z.number().int().nonnegative(),
    /** Whole window present with all bodies. */
    isComplete: z.boolean(),
    /** Milliseconds since 1970 back to which headers are complete; null before the first pass. */
    coveredSince: z.number().nullable(),
    /** Messages whose body is still to be fetched. */
    missingBodies: z.number().int().nonnegative(),
  }),
);
export type ViewMailbox = z.infer<typeof viewMailboxSchema>;
