import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJournal, type AuditJournal } from '../../main/engine/audit/journal.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createEngineStore, type EngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores, type ProfileStores } from '../../main/engine/store/open-profile.ts';

const key = randomBytes(32);
let dir: string;
let stores: ProfileStores;
let store: EngineStore;
let journal: AuditJournal;

function open(): void {
  stores = openProfileStores({ dir, key, clock: systemClock, log: silentLog, create: true });
  store = createEngineStore(stores.handle, stores.outboxHandle);
  journal = createJournal(store, systemClock);
}
function close(): void {
  stores.handle.close();
  stores.outboxHandle.close();
}
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'holdover-audit-'));
  open();
  for (let n = 1; n <= 10; n += 1)
    journal.append('submitted', 'anna@example.com', { messageId: `<${n}@example.com>`, verdict: 'accepted' });
});
afterEach(() => {
  close();
  rmSync(dir, { recursive: true, force: true });
});

/** What somebody with the key could do, past the triggers. */
function tamper(sql: string): void {
  const { db } = store.outboxHandle;
  db.exec('DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted');
  db.exec(sql);
}
const faults = () => journal.verify().faults;

describe('the audit journal', () => {
  it('is whole, and goes on after a restart', () => {
    close();
    open();
    journal.append('opened', null, {});
    const { entries, head, faults: found } = journal.verify();
    expect({ entries, found }).toEqual({ entries: 11, found: [] });
    expect(head).toBe([...journal.entries()].at(-1)!.hash);
  });

  it('refuses to change or delete an entry', () => {
    const { db } = store.outboxHandle;
    expect(() => db.exec("UPDATE audit SET data = '{}' WHERE seq = 3")).toThrow(/append-only/u);
    expect(() => db.exec('DELETE FROM audit WHERE seq = 3')).toThrow(/append-only/u);
    expect(faults()).toEqual([]);
  });

  it.each([
    ['an altered entry', "UPDATE audit SET data = replace(data, 'accepted', 'permanent') WHERE seq = 4", [{ seq: 4, what: 'altered' }]],
    ['a missing one', 'DELETE FROM audit WHERE seq = 4', [{ seq: 4, what: 'missing' }]],
    [
      'a journal that was cut off',
      'DELETE FROM audit WHERE seq > 7',
      [
        { seq: 8, what: 'missing' },
        { seq: 9, what: 'missing' },
      ],
    ],
    [
      'entries that changed places',
      'UPDATE audit SET seq = 100 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 100',
      [
        { seq: 4, what: 'altered' },
        { seq: 5, what: 'altered' },
        { seq: 6, what: 'altered' },
      ],
    ],
  ])('finds %s', (_name, sql, wanted) => {
    tamper(sql);
    expect(faults()).toEqual(wanted);
  });

  it('is kept or dropped with the transaction it belongs to', () => {
    expect(() =>
      store.outboxHandle.tx('test', () => {
        journal.append('submitted', 'anna@example.com', { messageId: '<never@example.com>' });
        throw new Error('rolled back');
      }),
    ).toThrow('rolled back');
    expect([...journal.entries()].some(({ data }) => data['messageId'] === '<never@example.com>')).toBe(false);
    expect(faults()).toEqual([]);
  });
});
