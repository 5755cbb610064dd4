import { MailError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { ImapSession, SelectedMailbox } from '../imap/gateway.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op } from '../store/ops.ts';
import type { Placement } from '../store/placements.ts';

export interface OpTarget {
  readonly placement: Placement;
  readonly mailbox: Mailbox;
}

/** Where an operation on a message has to be carried out; `wait` while a pass has yet to find the message's place. */
export function findTarget(store: EngineStore, op: Op, side: Side): OpTarget | 'wait' | 'other-side' | 'gone' {
  const placements = op.entryId === null ? [] : store.placements.ofEntry(op.entryId);
  const ofPrimary = placements.filter((one) => one.side === 'primary');
  const own: Side = ofPrimary.length > 0 ? 'primary' : 'relay';
  if (placements.length > 0 && own !== side) return 'other-side';
  const candidates = placements.filter((one) => one.side === side);
  const present = candidates.findLast((one) => one.state === 'present');
  const mailbox = present ? store.mailboxes.get(present.mailboxId) : null;
  if (present && mailbox) return { placement: present, mailbox };
  return candidates.some((one) => one.state !== 'vanished') ? 'wait' : 'gone';
}

/**
 * Selects the mailbox for a change and proves that the UID still is the message meant: same epoch, same Message-ID, same
 * size. A UID alone is never trusted.
 * @throws MailError uid-validity-changed (a pass finds the message again), message-missing, operation-unsafe.
 */
export async function selectProven(session: ImapSession, { placement, mailbox }: OpTarget): Promise<SelectedMailbox> {
  const selected = await session.select(mailbox.path, { forChange: true });
  if (selected.uidValidity !== placement.uidValidity) {
    throw new MailError('uid-validity-changed', { scope: 'mailbox', retry: 'later', side: session.side });
  }
  for await (const summary of session.fetchSummaries([placement.uid])) {
    if ('error' in summary) throw summary.error;
    if (summary.uid !== placement.uid) continue;
    // A placement whose summary was unreadable has no size to compare.
    const isSame = summary.messageId === placement.messageId && (placement.sizeBytes === 0 || summary.sizeBytes === placement.sizeBytes);
    if (isSame) return selected;
    throw new MailError('operation-unsafe', {
      scope: 'message',
      retry: 'never',
      side: session.side,
      detail: 'another message has this UID',
    });
  }
  throw new MailError('message-missing', { scope: 'message', retry: 'later', side: session.side });
}
