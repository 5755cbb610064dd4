import { describe, expect, it } from 'vitest';
import { dataText, faultsOf, hashOf, NO_HASH } from '../../main/engine/audit/chain.ts';
import type { AuditRow } from '../../main/engine/store/audit.ts';
import { seededRandom } from '../support/random.ts';

const LENGTH = 12;

function chain(): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let seq = 1; seq <= LENGTH; seq += 1) {
    const row = { seq, at: 1_000 * seq, kind: 'submitted', account: 'a@x.example', data: dataText({ n: seq, messageId: `<${seq}@x>` }) };
    rows.push({ ...row, hash: hashOf(rows.at(-1)?.hash ?? NO_HASH, row) });
  }
  return rows;
}
const noteOf = (rows: readonly AuditRow[]) => ({ seq: LENGTH - 1, hash: rows[LENGTH - 2]!.hash });

/** Everything after an entry computed anew, as by somebody who knows how. */
function rehash(rows: readonly AuditRow[]): AuditRow[] {
  const made: AuditRow[] = [];
  for (const row of rows) made.push({ ...row, hash: hashOf(made.at(-1)?.hash ?? NO_HASH, row) });
  return made;
}

describe('the chain of the audit journal', () => {
  it('is whole when nothing was done to it', () => {
    const rows = chain();
    expect(faultsOf(rows, noteOf(rows))).toEqual({ faults: [], entries: LENGTH, head: rows.at(-1)!.hash });
    expect(faultsOf([], null)).toEqual({ faults: [], entries: 0, head: '' });
    expect(faultsOf(rows.slice(0, 1), null).faults).toEqual([]);
  });

  it('shows each changed field of each entry, by its number', () => {
    const rows = chain();
    const changes: ((row: AuditRow) => AuditRow)[] = [
      (row) => ({ ...row, at: row.at + 1 }),
      (row) => ({ ...row, kind: 'restored' }),
      (row) => ({ ...row, account: null }),
      (row) => ({ ...row, data: row.data.replace('@x', '@y') }),
    ];
    for (const change of changes) {
      for (let n = 0; n < LENGTH; n += 1) {
        const altered = rows.map((row, k) => (k === n ? change(row) : row));
        expect(faultsOf(altered, noteOf(rows)).faults).toEqual([{ seq: n + 1, what: 'altered' }]);
      }
    }
  });

  it('shows missing entries at the front, within, and at the end', () => {
    const rows = chain();
    for (let n = 0; n < LENGTH - 1; n += 1) {
      const found = faultsOf(rows.toSpliced(n, 1), noteOf(rows)).faults;
      expect(found, String(n)).toEqual([{ seq: n + 1, what: 'missing' }]);
    }
    expect(faultsOf(rows.slice(0, 4), noteOf(rows)).faults).toEqual([5, 6, 7, 8, 9, 10, 11].map((seq) => ({ seq, what: 'missing' })));
  });

  it('shows entries that changed places, whether they kept their numbers or not', () => {
    const rows = chain();
    const random = seededRandom(7);
    for (let n = 0; n < 40; n += 1) {
      const [a, b] = [random.int(0, LENGTH - 1), random.int(0, LENGTH - 1)];
      if (a === b) continue;
      const swapped = rows.map((row, k) => (k === a ? { ...rows[b]!, seq: row.seq } : k === b ? { ...rows[a]!, seq: row.seq } : row));
      const { faults } = faultsOf(swapped, noteOf(rows));
      expect(faults.map(({ seq }) => seq)).toEqual(expect.arrayContaining([a + 1, b + 1]));
    }
  });

  it('shows a chain that was computed anew, by the note of its end', () => {
    const rows = chain();
    const forged = rehash(rows.map((row, k) => (k === 3 ? { ...row, data: dataText({ n: 99 }) } : row)));
    expect(faultsOf(forged, noteOf(rows)).faults).toEqual([{ seq: LENGTH - 1, what: 'altered' }]);
    expect(faultsOf(rehash(rows.toSpliced(3, 1).map((row, k) => ({ ...row, seq: k + 1 }))), noteOf(rows)).faults.length).toBeGreaterThan(0);
    expect(faultsOf(forged, null).faults).toEqual([{ seq: LENGTH, what: 'not-noted' }]);
  });

  it('writes the same facts as the same text', () => {
    expect(dataText({ b: 1, a: null })).toBe(dataText({ a: null, b: 1 }));
  });
});
