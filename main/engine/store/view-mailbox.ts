import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { Mailbox } from './mailboxes.ts';

/** Roles under which the relay's mail is folded into the primary's mailbox. */
const FOLDED: ReadonlySet<MailboxRole> = new Set(['inbox', 'sent', 'drafts', 'archive']);

/** The mailbox under which a mailbox's mail is shown. Pure. */
export function viewMailbox(of: Mailbox, all: readonly Mailbox[]): Mailbox {
  if (of.side === 'primary' || !FOLDED.has(of.role)) return of;
  return all.find((one) => one.side === 'primary' && one.role === of.role && one.isMirrored) ?? of;
}
