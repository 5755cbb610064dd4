import type { Retention } from '../../../shared/model/account.ts';
import type { MailKind, MailboxRole } from '../../../shared/model/mailbox.ts';

const DAY_MS = 86_400_000;
/** Mail is let go this much later than promised, so that a clock that is wrong by a day or two loses nothing. */
const EXPIRE_GRACE_DAYS = 2;
/** Unread mail leaves with the widest window that can be set. */
const UNREAD_DAYS = 90;

/** Start of the retention window in milliseconds since 1970. Pure. */
export function windowStart(now: number, days: number): number {
  return now - days * DAY_MS;
}

/** Days kept for a kind of mail. */
export function retentionDays(retention: Retention, kind: MailKind): number {
  if (kind === 'outgoing') return retention.outgoingDays;
  return kind === 'quarantined' ? retention.quarantinedDays : retention.incomingDays;
}

/** Where the window of one mailbox starts; Drafts are kept whole (0). */
export function mailboxWindowStart(
  now: number,
  retention: Retention,
  mailbox: { readonly role: MailboxRole; readonly kind: MailKind },
): number {
  return mailbox.role === 'drafts' ? 0 : windowStart(now, retentionDays(retention, mailbox.kind));
}

/** Whether a message belongs into the mirror when first seen. */
export function isInWindow(internalDate: number, since: number, isFlagged: boolean): boolean {
  return isFlagged || internalDate >= since;
}

/** Ages from which mail may be let go: seen mail, and mail never read. Milliseconds since 1970. */
export function expiryLimits(since: number, now: number): { seenBefore: number; unseenBefore: number } {
  const seenBefore = since - EXPIRE_GRACE_DAYS * DAY_MS;
  return { seenBefore, unseenBefore: Math.min(seenBefore, windowStart(now, UNREAD_DAYS + EXPIRE_GRACE_DAYS)) };
}

export interface ExpiryCandidate {
  readonly internalDate: number;
  readonly isFlagged: boolean;
  readonly isSeen: boolean;
  /** Has an open operation, an outbox item, or an open conflict. */
  readonly isLinked: boolean;
}

/**
 * Whether a message that left the window may be let go locally. Pure; never leads to anything on a server. `since` is the
 * start of the mailbox's window.
 */
export function mayExpire(candidate: ExpiryCandidate, since: number, now: number): boolean {
  if (candidate.isFlagged || candidate.isLinked) return false;
  const { seenBefore, unseenBefore } = expiryLimits(since, now);
  return candidate.internalDate < (candidate.isSeen ? seenBefore : unseenBefore);
}
