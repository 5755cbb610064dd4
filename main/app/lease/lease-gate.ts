import { MailError } from '../../../shared/errors.ts';
import type { CallName } from '../../../shared/ipc/contract.ts';
import type { LeaseNotice, SideSyncState } from '../../../shared/model/sync.ts';
import { SAVING } from '../engine-service.ts';

/**
 * What the window may call while the lease is over: what it draws the locked view with, and what brings contact back, a new sign-in or password
 * included. None of it reads or changes mail, and none enrols an account, which could be one at a server of anybody's.
 */
const OPEN_WHILE_OVER: ReadonlySet<CallName> = new Set<CallName>([
  'app.info',
  'app.openExternal',
  'settings.get',
  'engine.state',
  'accounts.list',
  'sync.state',
  'sync.now',
  'signIn.begin',
  'signIn.wait',
  'signIn.cancel',
  'signIn.password',
  // For the keys, and refused by themselves while those are open.
  'store.unlock',
  'store.choosePassphrase',
  'store.retry',
  'store.recover',
  'store.unsent',
  'store.setAside',
]);

/**
 * Refuses what the window may not call while the lease is over.
 * @param isSaving it has just ended, and what was being written may still be saved
 * @throws MailError `lease-over`
 */
export function refuseWhileOver(name: CallName, isSaving: boolean): void {
  if (OPEN_WHILE_OVER.has(name) || (isSaving && SAVING.has(name))) return;
  throw new MailError('lease-over', { scope: 'store', retry: 'later' });
}

/** The states without the names of mailboxes, which a person may have named after what is in them. Pure. */
export const withoutNames = (states: readonly SideSyncState[]): SideSyncState[] => states.map((one) => ({ ...one, failedMailboxes: [] }));

/** Who keeps the lease that IT has set, as the window's calls and events pass it. */
export interface LeaseKeeper {
  /** Null while it is far from its end, or there is none. */
  readonly notice: LeaseNotice | null;
  readonly isOver: boolean;
  /** @throws MailError `lease-over` where a call of the window has to be refused */
  check(name: CallName): void;
  /** What the window may know of these states now. */
  shown(states: readonly SideSyncState[]): readonly SideSyncState[];
  heard(states: readonly SideSyncState[]): void;
  engineEnded(): void;
}
