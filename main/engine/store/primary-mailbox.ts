import type { AccountId } from '../../../shared/model/ids.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { EngineStore } from './engine-store.ts';
import type { Mailbox } from './mailboxes.ts';

/** The primary's mailbox that has this role and can hold mail; null where there is none. */
export const primaryMailbox = ({ mailboxes }: EngineStore, accountId: AccountId, role: MailboxRole): Mailbox | null =>
  mailboxes.list(accountId, 'primary').find((one) => one.role === role && one.isSelectable) ?? null;
