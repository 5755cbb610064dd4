import type { ReconcileItem, ReconcileRun } from '../../../shared/model/reconcile.ts';
import { offsetWords } from '../core/clock-offset.ts';

export interface Report {
  readonly fileName: string;
  readonly text: string;
}

const COLUMNS = ['item', 'kind', 'operation', 'reason', 'state', 'subject', 'detail', 'error', 'done at', 'relay clock'] as const;

/** First characters by which spreadsheets take a cell for a formula. */
const FORMULA = /^[=+\-@\t\r\n]/u;
const NEEDS_QUOTES = /[",\r\n]/u;

const iso = (at: number | null): string => (at === null ? '' : new Date(at).toISOString());

/** One cell (RFC 4180). What a spreadsheet would run as a formula gets an apostrophe before it: subjects are written by strangers. */
export function csvCell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csv({ relayClockMs }: ReconcileRun, items: readonly ReconcileItem[]): string {
  const rows = items.map((one) =>
    [
      ...[String(one.id), one.kind, one.operation, one.reason, one.state],
      ...[one.subject, one.detail, one.error?.code ?? '', iso(one.doneAt)],
      one.kind === 'received' ? offsetWords(relayClockMs) : '',
    ].map(csvCell),
  );
  return [COLUMNS, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function json(run: ReconcileRun, items: readonly ReconcileItem[]): string {
  const { id, state, balance, relayClockMs } = run;
  const times = {
    outageStartedAt: iso(run.outageStartedAt),
    outageEndedAt: iso(run.outageEndedAt),
    createdAt: iso(run.createdAt),
    finishedAt: iso(run.finishedAt),
  };
  const list = items.map(({ error, doneAt, entryId: _entry, ...one }) => ({ ...one, error: error?.code ?? null, doneAt: iso(doneAt) }));
  return `${JSON.stringify({ run: id, state, ...times, relayClockMs, balance, items: list }, null, 2)}\n`;
}

/** A run with every item of it, for the person and the auditor; subjects, but nothing of any body. Pure. */
export function reportOf(run: ReconcileRun, items: readonly ReconcileItem[], format: 'csv' | 'json'): Report {
  const day = iso(run.createdAt).slice(0, 10);
  const text = format === 'csv' ? csv(run, items) : json(run, items);
  return { fileName: `reconciliation-${day}-${run.id}.${format}`, text };
}
