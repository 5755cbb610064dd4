import { MailError } from '../../shared/errors.ts';
import type { UndoToken } from '../../shared/model/action.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { Actions } from './actions.ts';
import { nextTurn } from './core/clock.ts';
import { lostMail, releaseLost } from './mirror/set-back.ts';
import type { EngineStore } from './store/engine-store.ts';

/** Mails in one go, after which others have their turn: some ten milliseconds of work. */
const PORTION = 100;

/**
 * Puts back all that a primary has lost that came back from a backup or empty. Ended in between, the rest is still told as lost.
 * @returns what takes the last portion back
 * @throws MailError not-found where nothing is lost
 */
export async function restoreLost(store: EngineStore, actions: Actions, accountId: AccountId): Promise<UndoToken> {
  const all = lostMail(store, accountId);
  let token: UndoToken | null = null;
  for (let at = 0; at < all.length; at += PORTION) {
    if (at > 0) await nextTurn();
    const some = all.slice(at, at + PORTION);
    releaseLost(store, accountId, some);
    token = actions.restore(some, true);
  }
  if (token === null) throw new MailError('not-found', { scope: 'message', retry: 'never' });
  return token;
}
