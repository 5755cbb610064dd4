import type { AccountId } from '../../shared/model/ids.ts';
import type { ViewMailbox } from '../../shared/model/mailbox.ts';
import { canReceive, isShownIn } from './message-actions.ts';

/**
 * Mailboxes that mail can be moved to, those whose name begins with the query first. Upper and lower case and accents are alike.
 * @param nameOf the name a person sees
 */
export function pickMailboxes(
  mailboxes: readonly ViewMailbox[],
  {
    accountId,
    open,
    query,
    nameOf,
  }: { accountId: AccountId | null; open: ViewMailbox | null; query: string; nameOf: (mailbox: ViewMailbox) => string },
): ViewMailbox[] {
  const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const sought = plain(query.trim());
  const rank = (mailbox: ViewMailbox): number => {
    const name = plain(nameOf(mailbox));
    if (name.startsWith(sought)) return 0;
    if (name.includes(sought)) return 1;
    return plain(mailbox.path).includes(sought) ? 2 : -1;
  };
  return mailboxes
    .filter((one) => !isShownIn(open, one) && canReceive(one, accountId))
    .map((mailbox, at) => ({ mailbox, at, rank: sought === '' ? 0 : rank(mailbox) }))
    .filter((one) => one.rank >= 0)
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map((one) => one.mailbox);
}
