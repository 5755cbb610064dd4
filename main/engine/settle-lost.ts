import type { AccountId } from '../../shared/model/ids.ts';
import type { Actions } from './actions.ts';
import { nextTurn } from './core/clock.ts';
import { forgetSetBack, lostMail, releaseLost } from './mirror/set-back.ts';
import type { EngineStore } from './store/engine-store.ts';

/** Mails in one go, after which others have their turn: some ten milliseconds of work. */
const PORTION = 100;

/**
 * What becomes of mail that the primary has lost or let vanish in mass, now that a person has decided: all of it is put back, into mailboxes
 * that are made anew where they are gone; or nothing is, and it stays recoverable. Ended in between, the rest waits for another decision.
 */
export async function settleLost(store: EngineStore, actions: Actions, accountId: AccountId, isPutBack: boolean): Promise<void> {
  const all = lostMail(store, accountId);
  for (let at = 0; at < all.length; at += PORTION) {
    if (at > 0) await nextTurn();
    const some = all.slice(at, at + PORTION);
    releaseLost(store, accountId, some);
    if (isPutBack) actions.restore(some, true);
  }
  if (!isPutBack) forgetSetBack(store, accountId);
}
