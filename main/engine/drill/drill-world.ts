import type { AccountId, OutboxId } from '../../../shared/model/ids.ts';
import type { ContinuityMode } from '../../../shared/model/continuity.ts';
import type { OutboxState } from '../../../shared/model/outbox.ts';
import type { Side } from '../../../shared/model/account.ts';

/** Outcome of asking one service of the relay; null when it is not configured. */
export interface RelayCheck {
  readonly imap: unknown;
  readonly smtp: unknown;
}

/** What a drill does to the engine and sees of it: the same parts that an outage would use. */
export interface DrillWorld {
  /** Whether an account exists, has a relay, and is in no trouble of its own. */
  hasRelay(accountId: AccountId): boolean;
  mode(accountId: AccountId): ContinuityMode;
  /** Back in normal work, as far as the primary goes: a relay in trouble is told by its own step. */
  isBack(accountId: AccountId): boolean;
  /** Milliseconds until this device would notice that the primary is gone, played without touching it; null: more than a minute. */
  rehearse(accountId: AccountId, signal: AbortSignal): Promise<number | null>;
  /** The primary is treated as gone by this app; nothing but the drill's own mail is re-routed. */
  begin(accountId: AccountId): void;
  end(accountId: AccountId): void;
  coverage(accountId: AccountId): { readonly mailboxes: number; readonly complete: number; readonly missingBodies: number };
  /** Logs in to both services of the relay; each is null when well, else what it threw. */
  checkRelay(accountId: AccountId, signal: AbortSignal): Promise<RelayCheck>;
  /** How far the relay's clock is ahead of ours, milliseconds; 0 where it is right or not known. */
  relayClockMs(accountId: AccountId): number;
  /** Opens the newest mails and searches, from the store alone. */
  readLocally(accountId: AccountId): Promise<{ readonly opened: number; readonly failed: number }>;
  /** Sends a mail to the account's own address, as the person would. */
  sendToSelf(accountId: AccountId): Promise<OutboxId>;
  sent(id: OutboxId): { readonly state: OutboxState; readonly route: Side | null; readonly messageId: string };
  hasArrived(accountId: AccountId, messageId: string): boolean;
  /** The reconciliation that began at or after this time; null when there was nothing to carry back. */
  reconciliation(
    accountId: AccountId,
    since: number,
  ): { readonly isFinished: boolean; readonly expected: number; readonly confirmed: number } | null;
}
