import { createHash } from 'node:crypto';
import type { AuditData, AuditFault } from '../../../shared/model/audit.ts';
import type { AuditRow } from '../store/audit.ts';

/** Before the first entry. */
export const NO_HASH = '';

/** The same facts give the same text, in whatever order they were written down. */
export const dataText = (data: AuditData): string =>
  JSON.stringify(Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))));

/** SHA-256 over the hash before and every field; JSON keeps a field from running into the next. */
export function hashOf(before: string, { seq, at, kind, account, data }: Omit<AuditRow, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([before, seq, at, kind, account, data]))
    .digest('hex');
}

/** The last entry as it was noted in another file. */
export interface HeadNote {
  readonly seq: number;
  readonly hash: string;
}

/**
 * Every place where the chain is broken: an entry that is not what was written (changed, or put in another's place), and numbers that are
 * missing. `noted` tells of entries cut off at the end and of a chain that was computed anew from some entry on; null where there is no note.
 */
export function faultsOf(rows: Iterable<AuditRow>, noted: HeadNote | null): { faults: AuditFault[]; entries: number; head: string } {
  const faults: AuditFault[] = [];
  let before = NO_HASH;
  let next = 1;
  let entries = 0;
  let hashAtNote: string | null = null;
  for (const row of rows) {
    for (; next < row.seq; next += 1) faults.push({ seq: next, what: 'missing' });
    const isAfterGap = faults.at(-1)?.what === 'missing' && faults.at(-1)?.seq === row.seq - 1;
    // What came before a gap is not known, and so neither is what this one was chained to.
    if (!isAfterGap && hashOf(before, row) !== row.hash) faults.push({ seq: row.seq, what: 'altered' });
    if (row.seq === noted?.seq) hashAtNote = row.hash;
    before = row.hash;
    next = row.seq + 1;
    entries += 1;
  }
  if (noted) {
    for (; next <= noted.seq; next += 1) faults.push({ seq: next, what: 'missing' });
    if (hashAtNote !== null && hashAtNote !== noted.hash) faults.push({ seq: noted.seq, what: 'altered' });
  } else if (entries > 1) faults.push({ seq: entries, what: 'not-noted' });
  return { faults, entries, head: before };
}
