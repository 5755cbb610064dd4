import type { AccountId, EntryId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Placement } from '../store/placements.ts';
import type { MirrorContext } from './mirror-context.ts';
import type { PassReason } from './plan.ts';

/** What a server has lost is missed in all its mailboxes within this time of the look that noticed it. */
const LOSS_MS = 60 * 60_000;

const key = (accountId: AccountId): string => `set-back:${accountId}`;

/** Notes that the primary was set back to an earlier state, and has lost mail with that. Call inside a transaction. */
export function markSetBack({ store, deps, accountId, side }: MirrorContext): void {
  if (side === 'primary') store.meta.set(key(accountId), String(deps.clock.now()));
}

/** The same where a mailbox gives UIDs that it has given before, and so many of its messages are gone. Before they are let go. */
export function noteSetBack(context: MirrorContext, reason: PassReason, lost: number): void {
  const { store, deps, accountId, side, step } = context;
  if (side !== 'primary' || lost === 0 || reason !== 'uid-next-went-back') return;
  store.handle.tx('mirror.set-back', () => markSetBack(context));
  step('mirror.set-back');
  deps.log.warn({ ev: 'mirror.set-back', account: accountId, lost });
}

interface Loss {
  readonly from: number;
  readonly to: number;
}

function lossOf({ meta }: EngineStore, accountId: AccountId): Loss | null {
  const at = Number(meta.get(key(accountId)) ?? 0);
  return at === 0 ? null : { from: at - LOSS_MS, to: at + LOSS_MS };
}

/** Kept in its place after a mass deletion, until somebody decides. */
export const isHeldAtPrimary = ({ side, state }: Placement): boolean => side === 'primary' && state === 'held';

const heldMail = ({ placements }: EngineStore, accountId: AccountId): Placement[] =>
  placements.inState(accountId, 'primary', 'held', Number.MAX_SAFE_INTEGER);

/** Whether mail that was lost so is still to be put back: what the person is told of. */
export function isSetBack(store: EngineStore, accountId: AccountId): boolean {
  const loss = lossOf(store, accountId);
  if (loss === null) return false;
  const isOfIt = ({ stateSince }: Placement): boolean => stateSince >= loss.from && stateSince <= loss.to;
  return store.lists.lost(accountId, loss.from, loss.to).length > 0 || heldMail(store, accountId).some(isOfIt);
}

/** All of it, and what is held after a mass deletion: what waits for a person's decision. */
export function lostMail(store: EngineStore, accountId: AccountId): EntryId[] {
  const loss = lossOf(store, accountId);
  const recoverable = loss === null ? [] : store.lists.lost(accountId, loss.from, loss.to);
  return [...new Set([...recoverable, ...heldMail(store, accountId).map(({ entryId }) => entryId)])];
}

/** What was lost so stays recoverable, and is told no more. */
export function forgetSetBack(store: EngineStore, accountId: AccountId): void {
  store.handle.tx('mirror.forget-set-back', () => store.meta.set(key(accountId), '0'));
}

/** Makes recoverable what of this mail is held for a decision, which has been made; returns what is to be shown anew. Call inside a transaction. */
export function releaseLost({ placements }: EngineStore, entryIds: readonly EntryId[]): EntryId[] {
  const held = entryIds.flatMap((id) => placements.ofEntry(id)).filter(isHeldAtPrimary);
  for (const { id, stateSince } of held) placements.setState(id, 'vanished', stateSince);
  return [...new Set(held.map(({ entryId }) => entryId))];
}
