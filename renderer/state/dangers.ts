import type { EntryId } from '../../shared/model/ids.ts';
import type { AttachmentDanger } from '../../shared/model/trust.ts';
import { call } from '../api.ts';

let last: { readonly id: EntryId; readonly dangers: Promise<readonly AttachmentDanger[]> } | null = null;

/** Why attachments of the open mail can do harm; asked once, whoever wants to know. @throws MailError */
export function dangersOf(id: EntryId): Promise<readonly AttachmentDanger[]> {
  if (last?.id === id) return last.dangers;
  const dangers = call('attachments.dangers', { entryId: id });
  last = { id, dangers };
  // What failed is asked again.
  dangers.catch(() => (last = last?.dangers === dangers ? null : last));
  return dangers;
}
