import { MailError } from '../../../shared/errors.ts';
import type { AccountId, EntryId, MailboxId } from '../../../shared/model/ids.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { OpChange } from '../store/ops.ts';

/** Changes of one message's place. */
export type PlaceChange = Extract<OpChange, { kind: 'move' | 'copy' | 'delete' }>;

/** Changes that concern a mailbox, or file a stored source. */
export type MailboxChange = Exclude<OpChange, PlaceChange | { kind: 'set-flags' }>;

/** Journals a move, copy or deletion and shows it at once; returns the lists that changed. @throws MailError not-found */
export function recordPlaceChange(
  store: EngineStore,
  entryId: EntryId,
  change: PlaceChange,
  view: DeriveContext,
  now: number,
): MailboxId[] {
  return store.handle.tx('oplog.record-place', () => {
    const shown = store.entries.flags(entryId);
    if (shown === null) throw new MailError('not-found', { scope: 'message', retry: 'never' });
    const before = store.lists.detail(entryId)?.viewMailboxId;
    store.ops.record(shown.accountId, entryId, change, now);
    const after = store.entries.refresh(entryId, view);
    return before === undefined ? after : [...new Set([before as MailboxId, ...after])];
  });
}

/** Journals a change that concerns a mailbox, or files a stored source. */
export function recordMailboxChange(store: EngineStore, accountId: AccountId, change: MailboxChange, now: number): void {
  store.handle.tx('oplog.record-mailbox', () => store.ops.record(accountId, null, change, now));
}
