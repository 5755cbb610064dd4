import { expect, it } from 'vitest';
import { pendingOf } from '../../main/engine/store/op-pending.ts';
import type { OpChange } from '../../main/engine/store/op-change.ts';

const MIRRORED = 1;
const OTHER = 2;
const TRASH = 9;
const isMirrored = (id: number): boolean => id !== TRASH;
const pending = (...changes: OpChange[]) =>
  pendingOf(
    changes.map((change, n) => ({ change, createdAt: 100 + n })),
    isMirrored,
  );
const move = (targetMailboxId: number): OpChange => ({ kind: 'move', targetMailboxId });
const flag = (add: string[], remove: string[] = []): OpChange => ({ kind: 'set-flags', add, remove });

it('shows the last of several places', () => {
  expect(pending(move(MIRRORED)).place).toEqual({ movedTo: MIRRORED });
  expect(pending(move(MIRRORED), move(OTHER)).place).toEqual({ movedTo: OTHER });
  expect(pending(move(MIRRORED), move(TRASH)).place).toEqual({ deletedAt: 101 });
  expect(pending(move(TRASH), { kind: 'restore', targetMailboxId: OTHER }).place).toEqual({ restoredTo: OTHER });
  expect(pending({ kind: 'restore', targetMailboxId: OTHER }, move(TRASH)).place).toEqual({ deletedAt: 101 });
  expect(pending({ kind: 'delete' }, move(MIRRORED)).place).toEqual({ movedTo: MIRRORED });
  expect(pending(flag(['\\seen']), { kind: 'copy', targetMailboxId: OTHER }).place).toBeNull();
});

it('adds up flags in the order they were changed', () => {
  expect(pending(flag(['\\seen'])).flags).toEqual([1, 0]);
  expect(pending(flag(['\\seen']), flag([], ['\\seen'])).flags).toEqual([0, 1]);
  expect(pending(flag([], ['\\seen']), flag(['\\seen'])).flags).toEqual([1, 0]);
  expect(pending(flag(['\\seen']), move(MIRRORED), flag(['\\flagged'], ['\\answered'])).flags).toEqual([3, 4]);
});
