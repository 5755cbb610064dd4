import type { ErrorCode } from '../../shared/errors.ts';
import type { Account } from '../../shared/model/account.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';

const REFUSED: ReadonlySet<ErrorCode> = new Set(['sign-in-needed', 'auth-rejected', 'secret-missing']);

export interface SignInNeed {
  readonly accountId: Account['id'];
  readonly side: SideSyncState['side'];
  /** What is asked of the person. */
  readonly way: 'provider' | 'password';
}

/** Sides that go on only when somebody signs in again, at their provider or with a password. Pure. */
export const signInNeeds = (accounts: readonly Account[], sync: readonly SideSyncState[]): readonly SignInNeed[] =>
  sync.flatMap(({ accountId, side, error }): readonly SignInNeed[] => {
    const auth = accounts.find(({ id }) => id === accountId)?.config[side]?.imap.auth;
    if (error === null || !REFUSED.has(error.code) || !auth) return [];
    if (auth.type === 'password') return [{ accountId, side, way: 'password' }];
    return auth.provider === undefined ? [] : [{ accountId, side, way: 'provider' }];
  });
