import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { migrate, migrations, newestVersion, schemaVersion, type Migration } from '../../main/engine/store/migrate.ts';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';
import { openOutbox, outboxMigrations } from '../../main/engine/store/open-outbox.ts';
import { openStore } from '../../main/engine/store/open.ts';
import { applyKey, applyPragmas } from '../../main/engine/store/pragmas.ts';
import { MailError } from '../../shared/errors.ts';
import { newTally, reportCases } from '../support/figures.ts';
import { fillTables, lostRows, ROWS, rowsOf, schemaOf } from '../support/filled-schema.ts';
import { isFull, seed } from '../support/this-run.ts';
import { childFile } from './build-children.ts';

const key = randomBytes(32);
const folder = mkdtempSync(join(tmpdir(), 'holdover-migrations-'));
const tally = newTally();
/** Statements at which a kill would have left the disk as it was looked at. */
let moments = 0;
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  reportCases('S11 migrations killed', tally, { moments });
});

let files = 0;
const newPath = (): string => join(folder, `${(files += 1)}.db`);

function openAt(path: string, verbose?: (sql: string) => void): Database.Database {
  const binding = nativeBinding();
  const db = new Database(path, { ...(binding ? { nativeBinding: binding } : {}), ...(verbose ? { verbose: verbose as () => void } : {}) });
  applyKey(db, key);
  applyPragmas(db);
  return db;
}

function copyOf(path: string): string {
  const copy = newPath();
  copyFileSync(path, copy);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
  return copy;
}

/** What is on the disk, to tell two states of it apart. */
function imageOf(path: string): string {
  const hash = createHash('sha256').update(readFileSync(path));
  if (existsSync(`${path}-wal`)) hash.update(readFileSync(`${path}-wal`));
  return hash.digest('hex');
}

const made = new Map<string, string>();

/** A copy of the file as that version left it, with rows in every table. */
function fixtureOf(list: readonly Migration[], version: number): string {
  const name = `${migrations === list ? 'mail' : 'outbox'} ${version}`;
  const path = made.get(name) ?? makeFixture(list, version);
  made.set(name, path);
  return copyOf(path);
}

function makeFixture(list: readonly Migration[], version: number): string {
  const path = newPath();
  const db = openAt(path);
  migrate(db, list.filter((one) => one.version <= version)); // prettier-ignore
  fillTables(db);
  expect(db.pragma('foreign_key_check')).toEqual([]);
  db.close();
  return path;
}

const read = <T>(path: string, work: (db: Database.Database) => T): T => {
  const db = openAt(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
};

/** Opens what a kill has left: one of the two versions with all its rows, whole, and good to go on from. */
function judge(left: string, list: readonly Migration[], old: { version: number; rows: ReturnType<typeof rowsOf> }, next: number): void {
  tally.cases += 1;
  const db = openAt(left);
  expect([old.version, next]).toContain(schemaVersion(db));
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  migrate(db, list);
  expect(schemaVersion(db)).toBe(newestVersion(list));
  const lost = lostRows(old.rows, rowsOf(db));
  tally.lost += lost.length;
  expect(lost).toEqual([]);
  expect(db.pragma('foreign_key_check')).toEqual([]);
  db.close();
}

describe.each([
  ['mail.db', migrations, openStore],
  ['outbox.db', outboxMigrations, openOutbox],
] as const)('%s (S11)', (name, list, open) => {
  const earlier = list.slice(0, -1).map((one) => one.version);
  let fresh: string[] | undefined;
  const freshSchema = (): string[] => {
    if (fresh) return fresh;
    const db = openAt(newPath());
    migrate(db, list);
    fresh = schemaOf(db);
    db.close();
    return fresh;
  };

  it.each(earlier)('version %i with rows in every table opens as the newest, and keeps them all', (version) => {
    const path = fixtureOf(list, version);
    const before = read(path, rowsOf);
    for (const [table, rows] of Object.entries(before)) expect(rows.length, table).toBeGreaterThanOrEqual(ROWS);
    const handle = open({ path, key, clock: systemClock, log: silentLog, create: false });
    expect(schemaVersion(handle.db)).toBe(newestVersion(list));
    expect(lostRows(before, rowsOf(handle.db))).toEqual([]);
    expect(schemaOf(handle.db)).toEqual(freshSchema());
    expect(handle.db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(handle.db.pragma('foreign_key_check')).toEqual([]);
    handle.close();
    // The file as it was is kept until the next start has gone well.
    expect(read(copyOf(`${path}.before-migration`), (db) => [schemaVersion(db), rowsOf(db)])).toEqual([version, before]);
    open({ path, key, clock: systemClock, log: silentLog }).close();
    expect(existsSync(`${path}.before-migration`)).toBe(false);
  });

  it.each(earlier)('a kill at any statement of the step after version %i leaves the old or the new', (version) => {
    const path = fixtureOf(list, version);
    const rows = read(path, rowsOf);
    const next = list.find((one) => one.version > version)!;
    // What a kill leaves on the disk is what is on the disk: a process takes nothing along but its memory. Most statements change nothing there.
    const left = new Map<string, string>();
    let statements = 0;
    const keep = (): void => {
      statements += 1;
      const image = imageOf(path);
      if (!left.has(image)) left.set(image, copyOf(path));
    };
    const db = openAt(path, keep);
    migrate(db, list.filter((one) => one.version <= next.version)); // prettier-ignore
    keep();
    db.close();
    moments += statements;
    expect(statements).toBeGreaterThan(4);
    expect(left.size).toBeGreaterThan(1);
    for (const one of left.values()) judge(one, list, { version, rows }, next.version);
  });

  // In the sample each step once, every other one after its commit; what a kill leaves at either moment is looked at for each above.
  const kills = earlier.flatMap((version) => [false, true].map((isCommitted) => [version, isCommitted] as const));
  it.each(kills.filter((_, n) => isFull || [0, 3].includes((n + 2 * seed) % 4)))(
    'kill -9 in the step after version %i, committed: %s',
    (version, isCommitted) => {
      const path = fixtureOf(list, version);
      const rows = read(path, rowsOf);
      const next = list.find((one) => one.version > version)!.version;
      const isOutbox = name === 'outbox.db';
      const input = JSON.stringify({ path, keyHex: key.toString('hex'), isOutbox, version: next, isCommitted });
      expect(spawnSync(process.execPath, [childFile('migrate')], { input }).signal).toBe('SIGKILL');
      expect(read(copyOf(path), schemaVersion)).toBe(isCommitted ? next : version);
      judge(path, list, { version, rows }, next);
    },
  );

  it.each(earlier)('a program that knows up to version %i refuses the newest, and leaves it alone', (version) => {
    const path = fixtureOf(list, newestVersion(list));
    const digest = () => createHash('sha256').update(readFileSync(path)).digest('hex');
    const before = digest();
    const db = openAt(path);
    const known = list.filter((one) => one.version <= version);
    expect(() => migrate(db, known)).toThrow(MailError);
    expect(() => migrate(db, known)).toThrow('store-newer-schema');
    db.close();
    expect(digest()).toBe(before);
  });
});
