import type { Account } from '../../../shared/model/account.ts';
import type { ContinuityState } from '../../../shared/model/continuity.ts';
import type { ViewMailbox } from '../../../shared/model/mailbox.ts';
import type { OutboxItem } from '../../../shared/model/outbox.ts';
import type { EngineState, SideSyncState } from '../../../shared/model/sync.ts';

/** What tray, badge and notifications are made from: the engine's last answers. */
export interface Facts {
  readonly engine: EngineState;
  readonly accounts: readonly Account[];
  readonly mailboxes: readonly ViewMailbox[];
  readonly sync: readonly SideSyncState[];
  readonly continuity: readonly ContinuityState[];
  readonly outbox: readonly OutboxItem[];
}

export const noFacts: Facts = {
  engine: { phase: 'starting', error: null, lock: 'none' },
  ...{ accounts: [], mailboxes: [], sync: [], continuity: [], outbox: [] },
};

/** Unread mail of all inboxes, the list of all of them not counted: what the badge says. Pure. */
export const unreadOf = ({ mailboxes }: Facts): number =>
  mailboxes.filter(({ role, accountId }) => role === 'inbox' && accountId !== null).reduce((sum, { unseen }) => sum + unseen, 0);
