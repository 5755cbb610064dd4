import { z } from 'zod';

const id = z.number().int().positive();
const flagList = z.array(z.string().min(1).max(100)).max(50);

/** A change a person made here, to be carried to the server. Recorded before it takes effect anywhere. */
export const opChangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('set-flags'), add: flagList, remove: flagList }),
  /** Deleting is a move to the Trash. */
  z.strictObject({ kind: z.literal('move'), targetMailboxId: id }),
  z.strictObject({ kind: z.literal('copy'), targetMailboxId: id }),
  /** Permanent, and only of what lies in the Trash. */
  z.strictObject({ kind: z.literal('delete') }),
  /** Puts lost, deleted or quarantined mail back: found on the primary and moved, else filed anew from what is stored here. */
  z.strictObject({ kind: z.literal('restore'), targetMailboxId: id }),
  z.strictObject({ kind: z.literal('append'), mailboxId: id, sourceId: id, flags: flagList, internalDate: z.number() }),
  z.strictObject({ kind: z.literal('create-mailbox'), path: z.string().min(1).max(1000) }),
  z.strictObject({ kind: z.literal('rename-mailbox'), mailboxId: id, path: z.string().min(1).max(1000) }),
  z.strictObject({ kind: z.literal('delete-mailbox'), mailboxId: id }),
]);
export type OpChange = z.infer<typeof opChangeSchema>;

/**
 * What server and person last agreed on when the operation was recorded; later operations on the same mail are brought
 * forward when an earlier one is confirmed, so that our own doing never looks like the other side's.
 */
export const baselineSchema = z.strictObject({
  /** Side whose copy counted; null where no server held the mail. */
  side: z.enum(['primary', 'relay']).nullable(),
  mailboxId: id.nullable(),
  /** As the server had them, sorted. */
  flags: z.string(),
  messageId: z.string().nullable(),
  sizeBytes: z.number().int().nonnegative(),
  /** Decimal: MODSEQ has 63 bits. Null where the server gave none. */
  modSeq: z.string().nullable(),
  /** Mailbox under which the mail was shown, with earlier changes still on their way: where undoing puts it back. */
  shownIn: id,
});
export type Baseline = z.infer<typeof baselineSchema>;
