import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';
import { applyKey } from '../../main/engine/store/pragmas.ts';
import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { reportFigure } from '../support/figures.ts';
import { StoreFixture } from '../support/store-fixture.ts';

const MIB = 1024 * 1024;
const LIMIT = 64 * MIB;
/** Commits after which the log has begun anew at least once, and those within which a reader must have let it grow. */
const [USUAL, MOST] = [36, 150];
let fixture: StoreFixture;
let store: StoreHandle;
beforeEach(() => {
  fixture = new StoreFixture();
  store = fixture.open();
});
afterEach(() => {
  store.close();
  fixture.remove();
});
/** By turns: of a row that is written as it stands nothing comes into the log. */
const values = [0, 1].map(() => randomBytes(MIB / 2).toString('hex'));
/** Commits of a megabyte each, one over the other, for as long as `isOn`. Gives the largest size that the log had after one of them. */
function write(isOn: (commits: number) => boolean): number {
  const put = store.db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  let most = 0;
  for (let n = 0; isOn(n); n += 1) {
    store.tx('test.write', () => put.run('test', values[n % 2]));
    most = Math.max(most, fixture.walBytes());
  }
  return most;
}

/** A reader of another program, which has the key and holds on to what it sees. */
function startReader(): () => void {
  const binding = nativeBinding();
  const db = new Database(fixture.path, { readonly: true, ...(binding ? { nativeBinding: binding } : {}) });
  applyKey(db, fixture.key);
  db.exec('BEGIN');
  expect(db.prepare('SELECT count(*) FROM meta').pluck().get()).toBeGreaterThan(0);
  return () => db.close();
}

it('S10: the log stays within 64 MB while it is written, and comes back to that once a long reader has gone', () => {
  const usual = write((n) => n < USUAL);
  expect(usual).toBeGreaterThan(LIMIT / 4);
  expect(usual).toBeLessThanOrEqual(LIMIT);
  const end = startReader();
  // What somebody still reads may not be taken out of the log.
  const whileRead = write((n) => n < MOST && fixture.walBytes() <= LIMIT);
  expect(whileRead).toBeGreaterThan(LIMIT);
  end();
  write((n) => n < 2);
  const after = fixture.walBytes();
  const mb = (bytes: number): number => Math.round(bytes / MIB);
  reportFigure('S10 size of the log', { usualMb: mb(usual), longReaderMb: mb(whileRead), afterReaderMb: mb(after) });
  expect(after).toBeLessThanOrEqual(LIMIT);
});
