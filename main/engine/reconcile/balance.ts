import type { BalanceSheet, ReconcileItemState, ReconcileKind } from '../../../shared/model/reconcile.ts';

const kinds: readonly ReconcileKind[] = ['sent', 'received', 'change', 'draft', 'restore'];

/** One line of a count by kind and state. */
export interface ItemCount {
  readonly kind: ReconcileKind;
  readonly state: ReconcileItemState;
  readonly n: number;
}

/** Figures of the balance sheet. Pure; `expected = confirmed + exceptions` exactly when nothing is left to be done. */
export function balanceOf(counts: readonly ItemCount[]): BalanceSheet {
  const sheet = Object.fromEntries(kinds.map((kind) => [kind, { expected: 0, confirmed: 0, exceptions: 0 }])) as Record<
    ReconcileKind,
    { expected: number; confirmed: number; exceptions: number }
  >;
  for (const { kind, state, n } of counts) {
    sheet[kind].expected += n;
    if (state === 'confirmed') sheet[kind].confirmed += n;
    if (state === 'exception') sheet[kind].exceptions += n;
  }
  return sheet;
}

/** Whether every item is confirmed or listed as an exception. */
export function isBalanced(sheet: BalanceSheet): boolean {
  return kinds.every((kind) => sheet[kind].expected === sheet[kind].confirmed + sheet[kind].exceptions);
}

/** Items that are neither confirmed nor exceptions. */
export function openCount(sheet: BalanceSheet): number {
  return kinds.reduce((sum, kind) => sum + sheet[kind].expected - sheet[kind].confirmed - sheet[kind].exceptions, 0);
}
