import { MailError } from '../../../shared/errors.ts';
import { asMailboxId, type AccountId, type EntryId, type MailboxId } from '../../../shared/model/ids.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import { ownPrefix } from '../imap/own-prefix.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { leadAtPrimary } from '../store/labels.ts';
import type { ShownEntry } from '../store/entries.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Recorder } from './recorder.ts';

/** Names for a mailbox that has to be made; the first that is free. */
const NAMES: Readonly<Record<'archive' | 'trash', readonly string[]>> = {
  archive: ['Archive', 'Archiv', 'Archives'],
  trash: ['Trash', 'Papierkorb', 'Deleted Items'],
};
/** Not places where mail is put: views of other mailboxes, or the relay's own. */
const NO_PLACE: ReadonlySet<MailboxRole> = new Set(['all', 'flagged', 'quarantine']);
/** Mail is not put back where it counts as deleted or unwanted. */
const NO_RETURN: ReadonlySet<MailboxRole> = new Set(['trash', 'junk', ...NO_PLACE]);

const ofPrimary = (store: EngineStore, accountId: AccountId): Mailbox[] =>
  store.mailboxes.list(accountId, 'primary').filter((one) => one.isSelectable);

/**
 * The primary's mailbox of this role. Where there is none, one is planned: its row stands at once, and the operation that
 * creates it is recorded before the ones that need it.
 */
export function mailboxForRole(recorder: Recorder, accountId: AccountId, role: 'archive' | 'trash'): MailboxId {
  const { store } = recorder;
  const mailboxes = ofPrimary(store, accountId);
  const known = mailboxes.find((one) => one.role === role);
  if (known) return known.id;
  const taken = new Set(store.mailboxes.list(accountId, 'primary').map((one) => one.path.toLowerCase()));
  const prefix = ownPrefix(mailboxes);
  const path = NAMES[role].map((name) => prefix + name).find((one) => !taken.has(one.toLowerCase()));
  if (path === undefined) throw new MailError('mailbox-exists', { scope: 'mailbox', retry: 'never', detail: `no name left for ${role}` });
  const delimiter = mailboxes.find((one) => one.delimiter !== null)?.delimiter ?? null;
  const looks = { isSubscribed: true, isSelectable: true, isMirrored: role === 'archive' };
  const id = store.mailboxes.record({ accountId, side: 'primary', path, delimiter, role, kind: 'incoming', objectId: null, ...looks });
  recorder.ofAccount(accountId, { kind: 'create-mailbox', path });
  recorder.forgetView(accountId);
  return id;
}

/** @throws MailError mailbox-missing, or call-rejected when no mail of the account can be put there. */
export function requireTarget(store: EngineStore, mailboxId: MailboxId, accountId: AccountId): Mailbox {
  const mailbox = store.mailboxes.get(mailboxId);
  if (!mailbox || mailbox.vanishedAt !== null) throw new MailError('mailbox-missing', { scope: 'mailbox', retry: 'never' });
  const isPlace = mailbox.side === 'primary' && mailbox.isSelectable && !NO_PLACE.has(mailbox.role);
  if (isPlace && mailbox.accountId === accountId) return mailbox;
  throw new MailError('call-rejected', { scope: 'mailbox', retry: 'never', detail: 'no mail of this account can be put there' });
}

/** A mailbox that the primary has lost is made anew; its row stands at once, as in mailboxForRole(). */
function remade(recorder: Recorder, { accountId, side, path, delimiter, role, kind, ...rest }: Mailbox): MailboxId {
  const { isSubscribed, isSelectable, isMirrored, objectId } = rest;
  recorder.store.mailboxes.record({ accountId, side, path, delimiter, role, kind, objectId, isSubscribed, isSelectable, isMirrored });
  recorder.ofAccount(accountId, { kind: 'create-mailbox', path });
  recorder.forgetView(accountId);
  return rest.id;
}

/**
 * Where lost, deleted or quarantined mail is put back: its last mailbox, or the inbox. With `isRemade` one that the primary has lost is made
 * anew, unless there is another one for the same purpose. @throws MailError mailbox-missing
 */
export function restoreTarget(recorder: Recorder, entryId: EntryId, shown: ShownEntry, isRemade = false): MailboxId {
  const { store } = recorder;
  const mailboxes = ofPrimary(store, shown.accountId);
  const inbox = mailboxes.find((one) => one.role === 'inbox');
  const deletion = store.ops.ofEntry(entryId).findLast((op) => op.change.kind === 'move' || op.change.kind === 'delete');
  const last = deletion?.baseline?.shownIn ?? leadAtPrimary(store, store.placements.ofEntry(entryId))?.mailboxId;
  const known = mailboxes.find((one) => one.id === last && one.isMirrored && !NO_RETURN.has(one.role));
  const gone = isRemade && known === undefined && last !== undefined ? store.mailboxes.get(asMailboxId(last)) : null;
  if (gone?.isMirrored === true && gone.side === 'primary' && gone.isSelectable && !NO_RETURN.has(gone.role)) {
    const alike = gone.role === 'other' ? undefined : mailboxes.find((one) => one.role === gone.role && one.isMirrored);
    return alike?.id ?? remade(recorder, gone);
  }
  const target = known ?? inbox;
  if (target) return target.id;
  throw new MailError('mailbox-missing', { scope: 'mailbox', retry: 'never', detail: 'the primary has not been read yet' });
}
