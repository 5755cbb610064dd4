import type { FailedChange } from '../../../shared/model/action.ts';
import type { DraftId } from '../../../shared/model/ids.ts';
import { hasFlag } from '../imap/has-flag.ts';
import { mailboxOfCopy, placementOfCopy, shownOfCopy } from '../store/copy-placement.ts';
import type { DraftCopy } from '../store/draft-copies.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { flagsFromText } from '../store/flags.ts';

const MAX_DETAIL_CHARS = 300;

/** A copy that had to go and that the primary does not let go: nothing tries that any more. Pure. */
export const isLeftover = ({ state, refusal }: DraftCopy): boolean => state === 'removing' && refusal?.isFinal === true;

/** What stayed on the primary of drafts that were replaced, sent or discarded, newest first; told once for each draft and mailbox. */
export function leftoversOf(store: EngineStore): FailedChange[] {
  const told = new Map<string, FailedChange>();
  for (const { id: accountId } of store.accounts.list()) {
    for (const copy of store.drafts.copies.inState(accountId, 'removing').filter(isLeftover)) {
      told.set(`${copy.draftId} ${copy.path}`, describe(store, copy));
    }
  }
  return [...told.values()].reverse();
}

function describe(store: EngineStore, copy: DraftCopy): FailedChange {
  const { accountId, draftId, path, stateSince: createdAt } = copy;
  const { entryId, subject } = shownOfCopy(store, copy);
  const what = { kind: 'remove-draft-copy', state: 'refused', detail: `remove-draft-copy ${path}`.slice(0, MAX_DETAIL_CHARS) } as const;
  return { opId: null, draftId, accountId, entryId, subject, ...what, error: copy.refusal?.error ?? null, createdAt };
}

/** They were seen: from now on these copies are mail like any other. Call inside a transaction. */
export function forgetLeftovers({ drafts }: EngineStore, draftId: DraftId): void {
  for (const copy of drafts.copies.ofDraft(draftId)) if (isLeftover(copy)) drafts.copies.forget(copy.id);
}

/**
 * Whether a look at its mailbox since has shown that somebody else removed it, or that it is marked as deleted: without UIDPLUS we do no
 * more ourselves.
 */
export function isLeftoverGone(store: EngineStore, copy: DraftCopy): boolean {
  const mailbox = mailboxOfCopy(store, copy);
  if (mailbox === null) return store.mailboxes.list(copy.accountId, 'primary').length > 0;
  if (copy.uid === null || !mailbox.isMirrored || (mailbox.lastPassAt ?? 0) <= (copy.refusal?.refusedAt ?? Infinity)) return false;
  const placement = placementOfCopy(store, copy);
  return placement?.state !== 'present' || hasFlag(flagsFromText(placement.flags), '\\deleted');
}
