import type { AccountId } from '../../shared/model/ids.ts';
import type { Side } from '../../shared/model/account.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { SideJob } from './imap/side-job.ts';

/** A part of the engine that lives with its accounts. Every hook is optional; none may throw. */
export interface Feature {
  /** The engine runs; called once, accounts are there. */
  start?(): void;
  stop?(): Promise<void>;
  accountAdded?(id: AccountId): void;
  /** The account's rows are about to go. */
  accountRemoved?(id: AccountId): Promise<void> | void;
  sideChanged?(state: SideSyncState): void;
  /** `hasMoved`: what failed may have been the network of before. */
  networkChanged?(isOnline: boolean, hasMoved: boolean): void;
  powerChanged?(isSuspended: boolean): void;
  /** Work for the session of one side, in order. */
  jobs?(accountId: AccountId, side: Side): readonly SideJob[];
}
