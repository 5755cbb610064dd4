import type { AccountId } from '../../shared/model/ids.ts';
import type { ViewMailbox } from '../../shared/model/mailbox.ts';
import type { MessageRow } from '../../shared/model/message.ts';

/** What can be done with messages in a list. */
export type MessageAction = 'archive' | 'delete' | 'move' | 'restore' | 'seen' | 'flagged';

/**
 * Whether an action makes sense for a row. Mail that no server's normal mailbox holds (lost, held back) can only be restored;
 * nothing is archived from the archive or deleted from the trash.
 * @param role of the mailbox on screen; null in the results of a search
 */
export function canDo(action: MessageAction, row: MessageRow, role: ViewMailbox['role'] | null): boolean {
  const isAway = row.isRecoverable || row.isQuarantined;
  switch (action) {
    case 'restore':
      return isAway || role === 'trash';
    case 'archive':
      return !isAway && !row.isDraft && role !== 'archive' && role !== 'drafts';
    case 'delete':
      return !isAway && role !== 'trash';
    case 'move':
      return !isAway;
    case 'seen':
    case 'flagged':
      return true;
  }
}

/** The rows for which the action makes sense. */
export function rowsFor(action: MessageAction, rows: Iterable<MessageRow>, role: ViewMailbox['role'] | null): MessageRow[] {
  return [...rows].filter((row) => canDo(action, row, role));
}

/** What switching a mark over several rows does: set where one lacks it, else taken off all. */
export function nextMark(rows: readonly MessageRow[], flag: 'seen' | 'flagged'): boolean {
  return rows.some((row) => !(flag === 'seen' ? row.isSeen : row.isFlagged));
}

/** Virtual lists of some servers: what lies in them lies elsewhere too. */
const VIRTUAL: ReadonlySet<ViewMailbox['role']> = new Set(['recoverable', 'all', 'flagged', 'quarantine']);

/** Whether mail of the account can be put there. */
export function canReceive(mailbox: ViewMailbox, accountId: AccountId | null): boolean {
  return mailbox.accountId === accountId && mailbox.mailboxId !== null && mailbox.side !== 'relay' && !VIRTUAL.has(mailbox.role);
}

/** Whether the mail of a mailbox is what the open list shows, as it is or among that of other accounts. */
export function isShownIn(open: ViewMailbox | null, mailbox: ViewMailbox): boolean {
  return open !== null && (mailbox.key === open.key || (open.accountId === null && mailbox.role === open.role));
}

/** The account all rows belong to; null for several, or none. */
export function accountOf(rows: readonly MessageRow[]): AccountId | null {
  const first = rows[0]?.accountId ?? null;
  return rows.every((row) => row.accountId === first) ? first : null;
}
