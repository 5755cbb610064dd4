import type { AccountId } from '../../../shared/model/ids.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { MailboxStore } from './mailboxes.ts';
import type { MetaStore } from './meta.ts';
import type { Placement, PlacementStore } from './placements.ts';

const keyOf = (accountId: AccountId): string => `labels:${accountId}`;

/** Whether the mailboxes of the account's primary are labels (Gmail): one message stands in several of them, and one holds them all. */
export const hasLabels = ({ meta }: { readonly meta: MetaStore }, accountId: AccountId): boolean => meta.get(keyOf(accountId)) === '1';

/** Notes what the server says of itself. Call inside a transaction. */
export function noteLabels(meta: MetaStore, accountId: AccountId, isLabelled: boolean): void {
  if (hasLabels({ meta }, accountId) !== isLabelled) meta.set(keyOf(accountId), isLabelled ? '1' : '0');
}

/** Under which of its labels a message is shown: what is in the Trash is nowhere else, and all mail is in the archive. */
const ORDER: readonly MailboxRole[] = ['trash', 'junk', 'inbox', 'drafts', 'sent', 'other', 'archive'];

/** Of placements that hold one message, the one by whose mailbox it goes; the newest of equal ones. Pure. */
export function leadLabel<P extends Pick<Placement, 'mailboxId'>>(
  placements: readonly P[],
  roleOf: (id: Placement['mailboxId']) => MailboxRole,
): P | undefined {
  const rank = ({ mailboxId }: P): number => ORDER.indexOf(roleOf(mailboxId));
  return placements.reduce<P | undefined>((best, one) => (best === undefined || rank(one) <= rank(best) ? one : best), undefined);
}

/** Whether two placements of one server are labels of one message, by the server's word. */
export const isSameLabelled = (left: Pick<Placement, 'side' | 'emailId'>, right: Pick<Placement, 'side' | 'emailId'>): boolean =>
  left.side === 'primary' && right.side === 'primary' && left.emailId !== null && left.emailId === right.emailId;

/** Other places of this very message, where mailboxes are labels (`isLabelled`): one message stands in all of them. */
export const otherLabels = (placements: Pick<PlacementStore, 'ofEntry'>, isLabelled: boolean, of: Placement): Placement[] =>
  isLabelled ? placements.ofEntry(of.entryId).filter((one) => one.id !== of.id && isSameLabelled(one, of)) : [];

/** Of these the one at the primary by which a mail goes: the newest, or the label under which it is shown. */
export function leadAtPrimary(
  { mailboxes, meta }: { readonly mailboxes: MailboxStore; readonly meta: MetaStore },
  placements: readonly Placement[],
): Placement | null {
  const primary = placements.filter((one) => one.side === 'primary');
  const [first] = primary;
  const account = first === undefined || primary.length === 1 ? undefined : mailboxes.get(first.mailboxId)?.accountId;
  if (account === undefined || !hasLabels({ meta }, account)) return primary.at(-1) ?? null;
  return leadLabel(primary, (id) => mailboxes.get(id)?.role ?? 'other') ?? null;
}
