import { asUid, type EntryId } from '../../../shared/model/ids.ts';
import type { DraftCopy } from './draft-copies.ts';
import type { EngineStore } from './engine-store.ts';
import type { Mailbox } from './mailboxes.ts';
import type { Placement } from './placements.ts';

/** The mailbox that a copy of a draft was filed in; null where the primary has none of that name. */
export const mailboxOfCopy = ({ mailboxes }: EngineStore, { accountId, path }: DraftCopy): Mailbox | null =>
  mailboxes.list(accountId, 'primary').find((one) => one.path === path) ?? null;

/** The message that a copy of a draft is, as the mirror has it; null where that is not known, or the mailbox has another epoch. */
export function placementOfCopy(store: EngineStore, copy: DraftCopy): Placement | null {
  const mailbox = mailboxOfCopy(store, copy);
  if (!mailbox?.uidValidity || copy.uid === null || Number(mailbox.uidValidity) !== copy.epoch) return null;
  return store.placements.findByUid(mailbox.id, mailbox.uidValidity, asUid(copy.uid));
}

/** How a copy of a draft is listed: its entry, null where none is known, and the subject as it stands there, or in the draft that is left. */
export function shownOfCopy(store: EngineStore, copy: DraftCopy): { readonly entryId: EntryId | null; readonly subject: string } {
  const entryId = placementOfCopy(store, copy)?.entryId ?? null;
  const shown = entryId === null ? undefined : store.lists.rows([entryId])[0];
  return { entryId, subject: shown?.subject ?? store.drafts.find(copy.draftId)?.content.subject ?? '' };
}
