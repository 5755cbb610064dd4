import { closeSync, constants, copyFileSync, existsSync, openSync, renameSync, rmSync, statSync, writeSync, fsyncSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { Log } from '../../core/log.ts';
import { nativeBinding } from '../native-binding.ts';
import { applyKey } from '../pragmas.ts';
import { syncFolderOf } from '../../core/durable-file.ts';
import { hasSoundFirstPage, keptFirstPage } from './first-page.ts';
import { asideName, endJournal, moveAside, notedLosses, readJournal, writeJournal, writeReport, type Journal } from './journal.ts';
import { salvageTable, type Salvaged } from './salvage.ts';

const PAGE = 4096;

/** How the rows of one kind of store are brought over. */
export interface SalvagePlan {
  /** In the order in which they refer to each other. */
  readonly tables: readonly string[];
  /**
   * Makes what was brought over agree again; in the same transaction. `isDoubtful`: rows or later commits are missing, so that what a row
   * says may be out of date. Returns how many rows had to be given up.
   */
  readonly settle: (db: Database.Database, isDoubtful: boolean) => number;
}

export interface MendOptions {
  readonly path: string;
  readonly key: Uint8Array;
  readonly now: number;
  readonly log: Log;
  readonly plan: SalvagePlan;
  /** Makes an empty database of the newest schema at this place and lends it out, open. */
  readonly create: (path: string) => Database.Database;
  /** Crash tests stop the process here. */
  readonly step?: (name: string) => void;
}

/**
 * Sets a damaged store aside and makes a new one of what can be read of it. The key must be proved before: a wrong one looks like damage.
 * Record, act, confirm: a kill at any point is made good by `resumeMending` at the next open. Nothing is deleted.
 * @returns false when too many were set aside lately, and then nothing was touched.
 */
export function mendStore(options: MendOptions, isCut: boolean): boolean {
  const aside = asideName(options.path, options.now);
  if (aside === null) return false;
  const journal: Journal = { stage: 'moving', aside, isCut };
  options.log.error({ ev: 'store.damaged', store: basename(options.path), isCut });
  writeJournal(options.path, journal);
  options.step?.('recorded');
  resumeMending(options);
  return true;
}

/** Goes on with what a kill interrupted; nothing where nothing was. */
export function resumeMending(options: MendOptions): void {
  const { path, step = () => undefined } = options;
  const journal = readJournal(path);
  if (journal === null) return;
  const asidePath = join(dirname(path), journal.aside);
  if (journal.stage === 'moving') {
    moveAside(path, asidePath, step);
    writeJournal(path, { ...journal, stage: 'moved' });
    step('set-aside');
  }
  // The new file comes to its place whole: one that is there is finished.
  if (!existsSync(path)) {
    const { rows, isWhole } = build(options, asidePath, journal.isCut, step);
    const isMissing = !existsSync(asidePath) && !existsSync(`${asidePath}-wal`);
    const losses = isMissing ? notedLosses(path) : null;
    writeReport(path, { aside: journal.aside, rows, isWhole: isWhole && !journal.isCut, isMissing, losses });
    step('reported');
    renameSync(nextFile(path), path);
    syncFolderOf(path);
    options.log.warn({ ev: 'store.mended', store: basename(path), rows, isWhole });
    step('in-place');
  }
  rmSync(`${path}.open`, { force: true });
  endJournal(path);
  step('confirmed');
}

const nextFile = (path: string): string => `${path}.mending-next`;
const scratchFile = (path: string): string => `${path}.mending-copy`;

function clear(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

function build(options: MendOptions, asidePath: string, isCut: boolean, step: (name: string) => void): Salvaged {
  const { path, key, plan } = options;
  clear(nextFile(path));
  clear(scratchFile(path));
  const next = options.create(nextFile(path));
  const from = openCopy(path, asidePath, key);
  try {
    const salvaged = next.transaction(() => {
      const each = plan.tables.map((table) => (from === null ? { rows: 0, isWhole: false } : salvageTable(from, next, table)));
      const isRead = each.every((one) => one.isWhole);
      const givenUp = plan.settle(next, isCut || !isRead);
      // Ids of lost rows are never given again.
      next.exec('UPDATE sqlite_sequence SET seq = seq + 1000');
      const rows = each.reduce((sum, one) => sum + one.rows, 0) - givenUp;
      return { rows, isWhole: isRead && givenUp === 0 };
    })();
    next.pragma('wal_checkpoint(TRUNCATE)');
    return salvaged;
  } finally {
    next.close();
    from?.close();
    clear(scratchFile(path));
    step('built');
  }
}

/** The damaged file is only ever read through a copy: SQLite would write to it. */
function openCopy(path: string, asidePath: string, key: Uint8Array): Database.Database | null {
  const copy = scratchFile(path);
  if (!existsSync(asidePath)) return null;
  for (const part of ['', '-wal']) {
    if (existsSync(asidePath + part)) copyFileSync(asidePath + part, copy + part, constants.COPYFILE_FICLONE);
  }
  if (!hasSoundFirstPage(copy, key)) putFirstPage(copy, keptFirstPage(path, key, Math.ceil(statSync(copy).size / PAGE)));
  const binding = nativeBinding();
  const db = new Database(copy, binding ? { nativeBinding: binding } : {});
  try {
    applyKey(db, key);
    // A file that was cut off is shorter than its header says; SQLite reads it only where the schema may be mended.
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    db.prepare('SELECT count(*) FROM sqlite_master').get();
    return db;
  } catch {
    db.close();
    return null; // nothing of it can be read; it is kept, and the report says that it was not whole
  }
}

function putFirstPage(file: string, page: Uint8Array | null): void {
  if (page === null) return;
  const open = openSync(file, 'r+');
  try {
    writeSync(open, page, 0, page.length, 0);
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}
