import type { StoreHandle } from './contract.ts';

/** Of an entry whose place the person has changed: that is shown at once, whichever labels the server still has. */
const IS_MOVING = `EXISTS (SELECT 1 FROM ops o WHERE o.entry_id = e.id AND o.kind <> 'set-flags' AND o.state IN ('queued','claimed','copied'))`;
/** SQL: what a list reads of entries that are shown elsewhere and have this label, too; asks for the mailbox's id. */
export const OTHER_LABELLED = `SELECT e.id, e.thread_id, e.flag_bits, e.has_attachments, e.side_bits, e.view_mailbox_id
 FROM placements p JOIN entries e ON e.id = p.entry_id
 WHERE p.mailbox_id = ? AND p.state = 'present' AND e.is_listed = 1 AND e.view_mailbox_id <> p.mailbox_id AND NOT ${IS_MOVING}`;
/** SQL: entries that have this label, whichever they are shown under; asks for the mailbox's id twice. */
export const LABELLED = `SELECT id, thread_id, flag_bits, has_attachments, side_bits, view_mailbox_id FROM entries
 WHERE view_mailbox_id = ? AND is_listed = 1 UNION ALL ${OTHER_LABELLED}`;

const IS_LABEL = `SELECT 1 FROM mailboxes m JOIN meta t ON t.key = 'labels:' || m.account_id
 WHERE m.id = ? AND t.value = '1' AND m.side = 'primary' AND m.role IN ('other','sent','drafts')`;

/**
 * Whether a mailbox is a label under which mail may stand that is shown by another one (labels.ts). The inbox is none: what is in it is shown
 * there; nor is the archive, where everything stands.
 */
export function labelTest({ db }: Pick<StoreHandle, 'db'>): (mailboxId: number) => boolean {
  const isLabel = db.prepare(IS_LABEL);
  return (mailboxId) => isLabel.get(mailboxId) !== undefined;
}
