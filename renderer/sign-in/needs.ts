import type { ErrorCode } from '../../shared/errors.ts';
import type { Account } from '../../shared/model/account.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';

const REFUSED: ReadonlySet<ErrorCode> = new Set(['sign-in-needed', 'auth-rejected', 'secret-missing']);

/** Sides that go on only when somebody signs in at their provider again. Pure. */
export const signInNeeds = (accounts: readonly Account[], sync: readonly SideSyncState[]): readonly SideSyncState[] =>
  sync.filter(({ accountId, side, error }) => {
    const auth = accounts.find(({ id }) => id === accountId)?.config[side]?.imap.auth;
    return error !== null && REFUSED.has(error.code) && auth?.type === 'oauth2' && auth.provider !== undefined;
  });
