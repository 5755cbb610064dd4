import { flagBits, flagsToText } from './flags.ts';
import type { OpChange } from './op-change.ts';

/** What open operations change about an entry before a server has done so. */
export interface PendingOfEntry {
  /** Bits set and bits cleared. */
  readonly flags: readonly [number, number];
  readonly place: PendingPlace | null;
}

/** `movedTo`, `restoredTo`: shown there at once. `deletedAt`: in the list of recoverable mail since then. */
export type PendingPlace = { readonly movedTo: number } | { readonly deletedAt: number } | { readonly restoredTo: number };

interface OpenChange {
  readonly change: OpChange;
  readonly createdAt: number;
}

export const NOTHING_PENDING: PendingOfEntry = { flags: [0, 0], place: null };

function pendingBits(ops: readonly OpenChange[]): readonly [number, number] {
  let set = 0;
  let cleared = 0;
  for (const { change } of ops) {
    if (change.kind !== 'set-flags') continue;
    const add = flagBits(flagsToText(change.add));
    const remove = flagBits(flagsToText(change.remove));
    set = (set | add) & ~remove;
    cleared = (cleared | remove) & ~add;
  }
  return [set, cleared];
}

/** Of several changes of place the last one shows. What goes where nothing is mirrored (the Trash) is recoverable. */
function pendingPlaceOf(ops: readonly OpenChange[], isMirrored: (mailboxId: number) => boolean): PendingPlace | null {
  let place: PendingPlace | null = null;
  for (const { change, createdAt } of ops) {
    if (change.kind === 'restore') place = { restoredTo: change.targetMailboxId };
    else if (change.kind === 'delete') place = { deletedAt: createdAt };
    else if (change.kind === 'move') {
      place = isMirrored(change.targetMailboxId) ? { movedTo: change.targetMailboxId } : { deletedAt: createdAt };
    }
  }
  return place;
}

/** Pure; `ops` in the order they were made. */
export function pendingOf(ops: readonly OpenChange[], isMirrored: (mailboxId: number) => boolean): PendingOfEntry {
  return { flags: pendingBits(ops), place: pendingPlaceOf(ops, isMirrored) };
}
