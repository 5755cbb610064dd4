import type { AccountId, EntryId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { MirrorContext } from './mirror-context.ts';
import type { PassReason } from './plan.ts';

/** What a server that was set back has lost becomes recoverable within this time of the look that noticed it. */
const LOSS_MS = 60 * 60_000;

/** What servers tell only when they are as they were before. */
const SIGNS: ReadonlySet<PassReason> = new Set(['uid-next-went-back', 'modseq-went-back']);

const key = (accountId: AccountId): string => `set-back:${accountId}`;

/** Notes that the primary was set back to an earlier state, and has lost mail with that. Call inside a transaction. */
export function markSetBack({ store, deps, accountId, side }: MirrorContext): void {
  if (side === 'primary') store.meta.set(key(accountId), String(deps.clock.now()));
}

/** The same where the counters of a mailbox tell it, and so many of its messages are gone. Before they are let go. */
export function noteSetBack(context: MirrorContext, reason: PassReason, lost: number): void {
  const { store, deps, accountId, side, step } = context;
  if (side !== 'primary' || lost === 0 || !SIGNS.has(reason)) return;
  store.handle.tx('mirror.set-back', () => markSetBack(context));
  step('mirror.set-back');
  deps.log.warn({ ev: 'mirror.set-back', account: accountId, lost });
}

/** Mail that was lost so and is still to be put back: what the person is told of. */
export function lostBySetBack({ meta, lists }: EngineStore, accountId: AccountId): EntryId[] {
  const at = meta.get(key(accountId));
  return at === null ? [] : lists.lost(accountId, Number(at) - LOSS_MS, Number(at) + LOSS_MS);
}
