import type { AccountConfig, Side } from '../../../shared/model/account.ts';
import type { MailKind, MailboxRole } from '../../../shared/model/mailbox.ts';

export interface SelectionInput {
  readonly path: string;
  readonly role: MailboxRole;
  readonly isSubscribed: boolean;
  readonly isSelectable: boolean;
  /** False for calendars and the like. */
  readonly isMail: boolean;
}

/** Roles left out unless asked for: their mail is unwanted, or (All, Flagged) shown elsewhere already. */
const LEFT_OUT: ReadonlySet<MailboxRole> = new Set(['junk', 'trash', 'all', 'flagged']);

/**
 * Whether a mailbox is mirrored. Pure. INBOX and mailboxes with a role always; other ones when subscribed, or when the
 * server reports no subscription at all (relays seldom do); of those only what holds mail. Include and exclude lists win, exclude over
 * include.
 */
export function isMirrored(mailbox: SelectionInput, choice: AccountConfig['mailboxes'], hasSubscriptions: boolean): boolean {
  if (!mailbox.isSelectable || choice.exclude.includes(mailbox.path)) return false;
  if (choice.include.includes(mailbox.path)) return true;
  if (LEFT_OUT.has(mailbox.role)) return false;
  return mailbox.role !== 'other' || (mailbox.isMail && (mailbox.isSubscribed || !hasSubscriptions));
}

/** Which retention a mailbox falls under. */
export function kindOf(role: MailboxRole): MailKind {
  if (role === 'sent') return 'outgoing';
  return role === 'quarantine' ? 'quarantined' : 'incoming';
}

/** Role in the light of the account's settings and the side: only a relay has a quarantine. */
export function effectiveRole(path: string, role: MailboxRole, side: Side, quarantinePath: string | null): MailboxRole {
  if (side === 'relay' && quarantinePath !== null && path === quarantinePath) return 'quarantine';
  return role === 'quarantine' && side === 'primary' ? 'other' : role;
}

const ORDER: readonly MailboxRole[] = ['inbox', 'sent', 'drafts', 'quarantine', 'archive', 'other'];

/** Order in which mailboxes are passed: what people look at first comes first. */
export function passOrder(role: MailboxRole): number {
  const index = ORDER.indexOf(role);
  return index < 0 ? ORDER.length : index;
}
