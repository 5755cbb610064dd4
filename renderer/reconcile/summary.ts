import type { BalanceSheet, ReconcileKind, ReconcileRun } from '../../shared/model/reconcile.ts';
import type { Formats } from '../text/formats.ts';
import type { Words } from '../text/en.ts';

export interface BalanceLine {
  readonly expected: number;
  readonly confirmed: number;
  readonly exceptions: number;
  /** Neither carried over nor listed as an exception yet. */
  readonly open: number;
}

export const kinds: readonly ReconcileKind[] = ['sent', 'received', 'change', 'draft', 'restore'];

/** One line of the balance. Never negative, whatever comes. */
export function lineOf(balance: BalanceSheet, kind: ReconcileKind): BalanceLine {
  const { expected, confirmed, exceptions } = balance[kind];
  return { expected, confirmed, exceptions, open: Math.max(0, expected - confirmed - exceptions) };
}

export function totalOf(balance: BalanceSheet): BalanceLine {
  const lines = kinds.map((kind) => lineOf(balance, kind));
  const sum = (pick: (line: BalanceLine) => number): number => lines.reduce((total, line) => total + pick(line), 0);
  return {
    expected: sum((line) => line.expected),
    confirmed: sum((line) => line.confirmed),
    exceptions: sum((line) => line.exceptions),
    open: sum((line) => line.open),
  };
}

/** The one sentence at the end: "All back to normal: 14 sent, 31 received, 52 changes carried over, 0 open." */
export function summaryOf(run: ReconcileRun, words: Words['reconcile'], formats: Formats): string {
  const { balance } = run;
  const total = totalOf(balance);
  const left = total.exceptions + total.open;
  const changes = balance.change.confirmed + balance.draft.confirmed + balance.restore.confirmed;
  const sentence = left === 0 ? words.summary : words.summaryOpen;
  return sentence(
    formats.count(balance.sent.confirmed),
    formats.count(balance.received.confirmed),
    words.changes(changes),
    formats.count(left),
  );
}
