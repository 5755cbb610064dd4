import type { CallArgs, CallResult } from '../../../shared/ipc/contract.ts';
import { limits } from '../../../shared/limits.ts';
import type { EntryId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { ListKey } from '../store/lists.ts';
import { parseListKey } from './view-mailboxes.ts';

/** Drafts are gone on with one by one, and lost mail is restored so. */
function isOfConversations(store: EngineStore, key: ListKey): key is Exclude<ListKey, { recoverableOf: unknown }> {
  if ('recoverableOf' in key) return false;
  return !('mailboxId' in key) || store.mailboxes.get(key.mailboxId)?.role !== 'drafts';
}

/**
 * A page of a list: mails, or conversations where that is asked for and every mail is in its own already.
 * @throws MailError not-found when the key names no list.
 */
export function readList(
  store: EngineStore,
  { mailboxKey, filter, offset, limit, isGrouped }: CallArgs<'messages.list'>[0],
): CallResult<'messages.list'> {
  const key = parseListKey(store, mailboxKey);
  if (!isGrouped || !isOfConversations(store, key) || !store.threads.isComplete()) return store.lists.page(key, filter, offset, limit);
  return store.conversations.page('mailboxId' in key ? [key.mailboxId] : key.mailboxIds, filter, offset, limit);
}

/** The conversation of a mail, for the reading pane. */
export function readConversation(store: EngineStore, id: EntryId): CallResult<'messages.conversation'> {
  const { mails, omitted } = store.conversations.mails(id, limits.maxConversationMails);
  return { mails: mails.map(({ row, viewMailboxId }) => ({ row, mailboxKey: String(viewMailboxId) })), omitted };
}
