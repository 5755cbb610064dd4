import { MailError } from '../../../shared/errors.ts';
import type { AccountId, EntryId, MailboxId } from '../../../shared/model/ids.ts';
import type { ShownEntry } from '../store/entries.ts';
import { hasLabels } from '../store/labels.ts';
import type { OpChange } from '../store/ops.ts';
import { mailboxForRole, requireTarget, restoreTarget } from './target-mailbox.ts';
import type { Recorder } from './recorder.ts';

/** Changes of one message's place. */
export type PlaceChange = Extract<OpChange, { kind: 'move' | 'copy' | 'delete' }>;

/** Changes that concern a mailbox, or file a stored source. */
export type MailboxChange = Exclude<OpChange, PlaceChange | { kind: 'set-flags' | 'restore' }>;

const notFound = (): MailError => new MailError('not-found', { scope: 'message', retry: 'never' });

/** Mails that are still here, each once. @throws MailError not-found when none is. */
function present(recorder: Recorder, entryIds: readonly EntryId[]): [EntryId, ShownEntry][] {
  const found = [...new Set(entryIds)].flatMap((id): [EntryId, ShownEntry][] => {
    const shown = recorder.store.entries.shown(id);
    return shown === null ? [] : [[id, shown]];
  });
  if (found.length === 0) throw notFound();
  return found;
}

/** Journals a move, copy or deletion of one mail as it is told. @throws MailError not-found */
export function recordPlaceChange(recorder: Recorder, entryId: EntryId, change: PlaceChange): void {
  for (const [id, shown] of present(recorder, [entryId])) recorder.change(id, shown, change);
}

/** Puts one mail into a mailbox: moved where a server has it, restored where it was lost or set aside. */
function put(recorder: Recorder, id: EntryId, shown: ShownEntry, targetMailboxId: MailboxId): void {
  if (shown.isListed && !shown.isQuarantined && shown.viewMailboxId === targetMailboxId) return;
  const kind = shown.isRecoverable || shown.isQuarantined ? 'restore' : 'move';
  recorder.change(id, shown, { kind, targetMailboxId });
}

/** @throws MailError not-found, mailbox-missing, call-rejected (a mailbox of another account or of the relay); nothing is recorded then. */
export function recordMoves(recorder: Recorder, entryIds: readonly EntryId[], mailboxId: MailboxId): void {
  const mails = present(recorder, entryIds);
  for (const [, shown] of mails) requireTarget(recorder.store, mailboxId, shown.accountId);
  for (const [id, shown] of mails) put(recorder, id, shown, mailboxId);
}

/** Where mailboxes are labels (Gmail), a mail is archived as soon as it is not in the inbox; its other labels stay. */
function isArchived({ store }: Recorder, { accountId, viewMailboxId, isListed, isQuarantined }: ShownEntry): boolean {
  if (!isListed || isQuarantined || !hasLabels(store, accountId)) return false;
  const role = store.mailboxes.get(viewMailboxId)?.role;
  return role !== 'inbox' && role !== 'trash' && role !== 'junk';
}

/** Into each account's archive, made where there is none. @throws MailError not-found */
export function recordArchiving(recorder: Recorder, entryIds: readonly EntryId[]): void {
  const archives = new Map<AccountId, MailboxId>();
  for (const [id, shown] of present(recorder, entryIds)) {
    if (isArchived(recorder, shown)) continue;
    const archive = archives.get(shown.accountId) ?? mailboxForRole(recorder, shown.accountId, 'archive');
    archives.set(shown.accountId, archive);
    put(recorder, id, shown, archive);
  }
}

/**
 * To the Trash, made where there is none; what lies in the Trash is deleted for good. Mail that is deleted already is passed
 * over, and refused where there is nothing else. @throws MailError not-found, operation-unsafe
 */
export function recordDeletions(recorder: Recorder, entryIds: readonly EntryId[]): void {
  const { store } = recorder;
  const mails = present(recorder, entryIds);
  const open = mails.filter(([, shown]) => !shown.isRecoverable);
  if (open.length === 0) throw new MailError('operation-unsafe', { scope: 'message', retry: 'never', detail: 'deleted already' });
  const trashes = new Map<AccountId, MailboxId>();
  for (const [id, shown] of open) {
    const trash = trashes.get(shown.accountId) ?? mailboxForRole(recorder, shown.accountId, 'trash');
    trashes.set(shown.accountId, trash);
    const isInTrash = shown.isListed && store.mailboxes.get(shown.viewMailboxId)?.role === 'trash';
    recorder.change(id, shown, isInTrash ? { kind: 'delete' } : { kind: 'move', targetMailboxId: trash });
  }
}

/** Puts lost, deleted or quarantined mail back; other mail, and what is on its way already, is left alone. @throws MailError not-found */
export function recordRestores(recorder: Recorder, entryIds: readonly EntryId[], isRemade = false): void {
  for (const [id, shown] of present(recorder, entryIds)) {
    if (!shown.isRecoverable && !shown.isQuarantined) continue;
    recorder.change(id, shown, { kind: 'restore', targetMailboxId: restoreTarget(recorder, id, shown, isRemade) });
  }
}
