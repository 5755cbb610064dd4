import type { AccountId, EntryId } from '../../../shared/model/ids.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Placement } from '../store/placements.ts';
import type { MirrorContext } from './mirror-context.ts';
import type { PassReason } from './plan.ts';
import { viewContext } from './view-context.ts';

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

interface Lost {
  readonly recoverable: readonly EntryId[];
  /** So much of its mailbox that it is held in place. */
  readonly held: readonly Placement[];
}

function lostBySetBack({ meta, lists, placements }: EngineStore, accountId: AccountId): Lost {
  const at = Number(meta.get(key(accountId)) ?? Number.NaN);
  if (Number.isNaN(at)) return { recoverable: [], held: [] };
  const [from, to] = [at - LOSS_MS, at + LOSS_MS];
  const held = placements.inState(accountId, 'primary', 'held', to).filter((one) => one.stateSince >= from);
  return { recoverable: lists.lost(accountId, from, to), held };
}

/** Whether mail that was lost so is still to be put back: what the person is told of. */
export function hasLostMail(store: EngineStore, accountId: AccountId): boolean {
  const { recoverable, held } = lostBySetBack(store, accountId);
  return recoverable.length + held.length > 0;
}

/** All of it. */
export function lostMail(store: EngineStore, accountId: AccountId): EntryId[] {
  const { recoverable, held } = lostBySetBack(store, accountId);
  return [...new Set([...recoverable, ...held.map(({ entryId }) => entryId)])];
}

/** Makes recoverable what of this lost mail is held for a decision: the person has made it. */
export function releaseLost(store: EngineStore, accountId: AccountId, entryIds: readonly EntryId[]): void {
  const held = entryIds.flatMap((id) => store.placements.ofEntry(id)).filter((one) => one.side === 'primary' && one.state === 'held');
  if (held.length === 0) return;
  store.handle.tx('mirror.release-lost', () => {
    const view = viewContext(store, accountId);
    for (const { id, entryId, stateSince } of held) {
      store.placements.setState(id, 'vanished', stateSince);
      store.entries.refresh(entryId, view);
    }
  });
}
