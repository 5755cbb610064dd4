import type { AccountConfig, Side } from '../../../shared/model/account.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { RemoteMailbox } from '../imap/gateway.ts';
import { isInboxName } from '../imap/inbox-name.ts';
import { pathsWithoutMail } from '../imap/not-mail.ts';
import type { DiscoveredMailbox, Mailbox } from '../store/mailboxes.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import { effectiveRole, isMirrored, kindOf } from './mailbox-selection.ts';

export interface ListingDiff {
  readonly found: readonly DiscoveredMailbox[];
  readonly vanished: readonly Mailbox[];
  readonly renamed: readonly { readonly mailbox: Mailbox; readonly path: string }[];
}

export interface ListingInput {
  readonly accountId: AccountId;
  readonly side: Side;
  readonly config: AccountConfig;
  readonly stored: readonly Mailbox[];
  readonly remote: readonly RemoteMailbox[];
  /** Roles by path, from special-use flags and well-known names. */
  readonly roles: ReadonlyMap<string, MailboxRole>;
  /** Mailboxes are labels (Gmail): what holds all mail is then the archive, and no view. */
  readonly hasLabels: boolean;
}

/** What holds for all mailboxes of an answer. */
interface Answer {
  readonly hasSubscriptions: boolean;
  readonly withoutMail: ReadonlySet<string>;
}

/** Where all mail stands in one mailbox, taking a mail out of the others archives it; a label that is called "Archive" is somebody's own. */
function labelRole(role: MailboxRole, { hasLabels, roles }: ListingInput): MailboxRole {
  if (!hasLabels || ![...roles.values()].includes('all')) return role;
  if (role === 'all') return 'archive';
  return role === 'archive' ? 'other' : role;
}

function describe(input: ListingInput, remote: RemoteMailbox, { hasSubscriptions, withoutMail }: Answer): DiscoveredMailbox {
  const { accountId, side, config } = input;
  const told = labelRole(input.roles.get(remote.path) ?? 'other', input);
  const role = effectiveRole(remote.path, told, side, config.quarantinePath);
  const { path, delimiter, objectId, isSubscribed, isSelectable } = remote;
  const asked = { path, role, isSubscribed, isSelectable, isMail: !withoutMail.has(path) };
  const mirrored = isMirrored(asked, config.mailboxes, hasSubscriptions);
  return { accountId, side, path, delimiter, role, kind: kindOf(role), objectId, isSubscribed, isSelectable, isMirrored: mirrored };
}

/**
 * A mailbox that is gone from LIST and one that is new are the same when the server says so by MAILBOXID (RFC 8474), or
 * when UIDVALIDITY is equal and UIDNEXT has not gone back, and only one pair fits. Anything less is a new mailbox: its
 * messages find their bodies by identity.
 */
function isRenamed(gone: Mailbox, remote: RemoteMailbox): boolean {
  if (gone.objectId !== null && remote.objectId !== null) return gone.objectId === remote.objectId;
  const { status } = remote;
  if (status === null || gone.uidValidity === null || gone.uidNext === null) return false;
  return status.uidValidity === gone.uidValidity && status.uidNext >= gone.uidNext && status.messages > 0;
}

/** Compares LIST with what is stored. Pure. An answer without INBOX is no answer to draw deletions from. */
export function diffListing(input: ListingInput): ListingDiff {
  const answer = { hasSubscriptions: input.remote.some((one) => one.isSubscribed), withoutMail: pathsWithoutMail(input.remote) };
  const known = new Set(input.stored.map((one) => one.path));
  const answered = new Set(input.remote.map((one) => one.path));
  const found = input.remote.map((one) => describe(input, one, answer));
  const hasInbox = input.remote.some((one) => isInboxName(one.path));
  const gone = hasInbox ? input.stored.filter((one) => !answered.has(one.path)) : [];
  const added = input.remote.filter((one) => !known.has(one.path));
  const renamed = gone.flatMap((mailbox) => {
    const fitting = added.filter((one) => isRenamed(mailbox, one));
    const rivals = gone.filter((other) => fitting[0] !== undefined && isRenamed(other, fitting[0]));
    const only = fitting.length === 1 && rivals.length === 1 ? fitting[0] : undefined;
    return only ? [{ mailbox, path: only.path }] : [];
  });
  const moved = new Set(renamed.map((one) => one.mailbox.id));
  return { found, renamed, vanished: gone.filter((one) => !moved.has(one.id)) };
}
