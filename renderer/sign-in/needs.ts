import type { ErrorCode } from '../../shared/errors.ts';
import type { Account } from '../../shared/model/account.ts';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';

const REFUSED: ReadonlySet<ErrorCode> = new Set(['sign-in-needed', 'auth-rejected', 'secret-missing']);

/** A sign-in that a person is asked for. */
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

/** The one that ends this trouble, where what is told of it concerns one account alone: it is asked for in the same place. Pure. */
export const needOfTrouble = (states: readonly ContinuityState[], needs: readonly SignInNeed[]): SignInNeed | undefined =>
  states.length === 1 && states[0]?.cause === 'primary-login-refused'
    ? needs.find(({ accountId, side }) => side === 'primary' && accountId === states[0]?.accountId)
    : undefined;
