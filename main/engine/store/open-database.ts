import { chmodSync, closeSync, copyFileSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import Database from 'better-sqlite3';
import { MailError } from '../../../shared/errors.ts';
import type { Clock } from '../core/clock.ts';
import { keyCheckText } from '../core/key-check.ts';
import type { Log } from '../core/log.ts';
import type { DatabaseHandle } from './contract.ts';
import { exactFault } from './disk-probe.ts';
import { toStoreError } from './errors.ts';
import { isNotedKey, isProvenKey, keyCheckFile } from './key-proof.ts';
import { migrate, newestVersion, schemaVersion, type Migration } from './migrate.ts';
import { makeFolderDurable, removeDurably, writeDurable } from '../core/durable-file.ts';
import { keepFirstPage } from './mend/first-page.ts';
import { readJournal } from './mend/journal.ts';
import { mendStore, resumeMending, type SalvagePlan } from './mend/mend.ts';
import { lostCommits, noteClosing, noteOpen, readWal } from './mend/wal.ts';
import { watchStatements } from './mend/watch-damage.ts';
import { nativeBinding } from './native-binding.ts';
import { applyKey, applyPragmas } from './pragmas.ts';
import { lockStore } from './store-lock.ts';
import { createTx, type TxParticipant } from './transaction.ts';

export interface OpenStoreOptions {
  readonly path: string;
  /** 32 bytes, used as they are. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  /** Make the store when there is none (default true). */
  readonly create?: boolean;
  /** Set a damaged store aside and make a new one of what can be read of it (default false: it is left as it is). */
  readonly isMended?: boolean;
  /** There must be a store here: one that is absent was lost, and that is told. */
  readonly isExpected?: boolean;
  /** Another store of the profile, whose check value proves the key where that of this one is gone too. */
  readonly siblingPath?: string;
  /** Called with each store error of a statement: the disk is full, fails, is taken away. */
  readonly onFault?: (error: MailError) => void;
  /** Called once when a page turns out to be damaged while the store is in use; the next open looks through all of it. */
  readonly onDamage?: () => void;
  /** Crash tests stop the process at the steps of mending. */
  readonly step?: (name: string) => void;
}

const PLAIN_HEADER = 'SQLite format 3\0';
const KEY_BYTES = 32;

/** What tells one kind of store from another. Its first migration has to make `meta (key, value)`. */
export interface Schema {
  readonly migrations: readonly Migration[];
  /** Tables whose damage would lose what no server has: looked through after an unclean stop. */
  readonly checkedAfterCrash: readonly string[];
  /** Small enough to be looked through at each open. */
  readonly isSmall: boolean;
  readonly salvage: SalvagePlan;
}

/** Turns the open database into the handle that is lent out; `atClose` is called before the file is let go. */
type Finish<H> = (handle: DatabaseHandle, atClose: (work: () => void) => void) => H;

const fail = (code: 'store-key-wrong' | 'store-corrupt' | 'store-missing', detail: string, cause?: unknown) =>
  new MailError(code, { scope: 'store', retry: 'ask', detail, cause });

/** Where the file is kept as it was before a migration. */
export const backupFile = (path: string): string => `${path}.before-migration`;
const suspectFile = (path: string): string => `${path}.suspect`;

/**
 * Opens an encrypted database, or makes it. A failed open changes nothing: no file is wiped, rewritten, or made without key.
 * @throws MailError store-key-wrong, store-corrupt, store-newer-schema, store-in-use, store-full, store-read-only, store-io.
 */
export function openDatabase<H extends DatabaseHandle>(options: OpenStoreOptions, schema: Schema, finish: Finish<H>): H {
  const { path, key, log } = options;
  if (key.length !== KEY_BYTES) throw fail('store-key-wrong', 'the key must have 32 bytes');
  try {
    const isThere = !isAbsent(path) || isMade(path) || options.isExpected === true;
    if (!isThere && options.create === false) throw fail('store-missing', 'there is no store');
    makeFolderDurable(dirname(path));
    const unlock = lockStore(path);
    try {
      return openOrMend(options, unlock, schema, finish);
    } catch (error) {
      unlock();
      throw error;
    }
  } catch (error) {
    const named = exactFault(toStoreError(error), path);
    log.error({ ev: 'store.open-failed', store: basename(path), code: named instanceof MailError ? named.code : 'internal' });
    throw named;
  }
}

const isAbsent = (path: string): boolean => !existsSync(path) || statSync(path).size === 0;
/** The check value is written when a new store is complete: with it, an absent or empty file is one that was lost. */
const isMade = (path: string): boolean => existsSync(keyCheckFile(path)) || readJournal(path) !== null;

function openOrMend<H extends DatabaseHandle>(options: OpenStoreOptions, unlock: () => void, schema: Schema, finish: Finish<H>): H {
  const { path, key, clock, log, isMended = false, step } = options;
  const mending = {
    ...{ path, key, log, now: clock.now(), plan: schema.salvage, ...(step ? { step } : {}) },
    create: (place: string) => connect(place, key, schema.migrations),
  };
  if (isMended && readJournal(path) !== null) {
    if (!isProvenKey(options)) throw fail('store-key-wrong', 'the key is not that of the store being mended');
    resumeMending(mending);
  }
  try {
    return openLocked(options, unlock, schema, finish);
  } catch (error) {
    const isDamage = (toStoreError(error) as { code?: unknown }).code === 'store-corrupt';
    // Without proof of the key nothing is taken for damage.
    if (!isMended || !isDamage || !isProvenKey(options) || !mendStore(mending, isCutOff(error))) throw error;
    return openLocked(options, unlock, schema, finish);
  }
}

/** An empty database of the newest schema, for what is brought over. */
function connect(path: string, key: Uint8Array, migrations: readonly Migration[]): Database.Database {
  const binding = nativeBinding();
  const db = new Database(path, binding ? { nativeBinding: binding } : {});
  try {
    applyKey(db, key);
    applyPragmas(db);
    migrate(db, migrations);
    db.pragma('foreign_keys = 0');
    chmodSync(path, 0o600);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const CUT_OFF = 'commits that were durable are missing';
const isCutOff = (error: unknown): boolean => error instanceof MailError && error.detail === CUT_OFF;

function refusePlain(path: string): void {
  const header = Buffer.alloc(PLAIN_HEADER.length);
  const file = openSync(path, 'r');
  readSync(file, header, 0, header.length, 0);
  closeSync(file);
  if (header.toString('latin1') === PLAIN_HEADER) throw fail('store-corrupt', 'the file at the place of the store is not encrypted');
}

function openLocked<H extends DatabaseHandle>(options: OpenStoreOptions, unlock: () => void, schema: Schema, finish: Finish<H>): H {
  const { path, key, log } = options;
  const { migrations } = schema;
  const isNew = isAbsent(path);
  if (isNew) refuseLost(options);
  else refusePlain(path);
  const before = readWal(path);
  const binding = nativeBinding();
  const db = new Database(path, { timeout: 5000, ...(binding ? { nativeBinding: binding } : {}) });
  try {
    applyKey(db, key);
    readable(db, path, key, isNew);
    if (lostCommits(path, before)) throw fail('store-corrupt', CUT_OFF);
    if (!isNew && schemaVersion(db) > newestVersion(migrations)) migrate(db, migrations);
    applyPragmas(db);
    for (const suffix of ['', '-wal', '-shm', '.lock']) if (existsSync(path + suffix)) chmodSync(path + suffix, 0o600);
    if (!isNew) backUpBefore(db, path, newestVersion(migrations));
    migrate(db, migrations);
    checkPages(db, path, schema.isSmall);
    checkAfterCrash(db, log, schema.checkedAfterCrash);
    begin(db, path, key, before.commits.length > 0);
    const endings: (() => void)[] = [];
    return finish(handleOf(options, db, endings, unlock), (work) => endings.push(work));
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A store that was complete and is gone or empty now was lost; one in its place would hide that. */
function refuseLost(options: OpenStoreOptions): void {
  const { path, isExpected = false, isMended = false } = options;
  const isNoted = existsSync(keyCheckFile(path));
  if (!isNoted && !isExpected) return;
  if (!isProvenKey(options)) throw fail('store-key-wrong', 'the key is not that of the store that was here');
  const isLeft = existsSync(path) || (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0);
  if (isLeft || isMended) throw fail('store-corrupt', 'the file is empty or gone');
}

/** All pages of a small store; of a large one only where a damaged page was met before. */
function checkPages(db: Database.Database, path: string, isSmall: boolean): void {
  const isSuspect = existsSync(suspectFile(path));
  if (!isSmall && !isSuspect) return;
  if (db.pragma(isSuspect ? 'integrity_check(1)' : 'quick_check(1)', { simple: true }) !== 'ok') {
    throw fail('store-corrupt', 'a page is damaged');
  }
  if (isSuspect) removeDurably(suspectFile(path));
}

/** From here on commits are in the WAL. What a kill had left in it is settled first, so that a torn end is never met twice. */
function begin(db: Database.Database, path: string, key: Uint8Array, wasUsed: boolean): void {
  if (wasUsed) {
    noteClosing(path);
    db.pragma('wal_checkpoint(TRUNCATE)');
  }
  keepFirstPage(path, key);
  if (!isNotedKey(path, key)) writeDurable(keyCheckFile(path), keyCheckText(key));
  commitOpen(db);
  noteOpen(path);
}

/** The first read proves the key; the noted check value tells a wrong key from a damaged file. */
function readable(db: Database.Database, path: string, key: Uint8Array, isNew: boolean): void {
  try {
    db.prepare('SELECT count(*) FROM sqlite_master').get();
  } catch (error) {
    if (isNew || String((error as { code?: unknown }).code) !== 'SQLITE_NOTADB') throw error;
    if (isNotedKey(path, key)) throw fail('store-corrupt', 'the key is right, but the first page cannot be read', error);
    throw fail('store-key-wrong', 'the key does not open this store', error);
  }
}

/** Keeps the (encrypted) file as it was before a migration, until the first clean start of the new version. */
function backUpBefore(db: Database.Database, path: string, newest: number): void {
  const backup = backupFile(path);
  const found = schemaVersion(db);
  if (found < newest && found > 0) {
    db.pragma('wal_checkpoint(TRUNCATE)');
    copyFileSync(path, backup);
    chmodSync(backup, 0o600);
  } else if (found === newest) rmSync(backup, { force: true });
}

function checkAfterCrash(db: Database.Database, log: Log, tables: readonly string[]): void {
  const wasOpen = db.prepare("SELECT value FROM meta WHERE key = 'open'").get() as { value: string } | undefined;
  if (wasOpen?.value === '1') {
    log.info({ ev: 'store.unclean-stop' });
    for (const table of tables) {
      const result = db.pragma(`integrity_check(${table})`, { simple: true });
      if (result !== 'ok') throw fail('store-corrupt', `table ${table} is damaged`);
    }
  }
}

/** A row that is written as it stands makes no commit in the WAL, and `noteOpen` promises one: it is changed on the way. */
function commitOpen(db: Database.Database): void {
  db.transaction(() => {
    setOpen(db, '0');
    setOpen(db, '1');
  })();
}

function setOpen(db: Database.Database, value: '0' | '1'): void {
  db.prepare("INSERT INTO meta (key, value) VALUES ('open', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(value);
}

function handleOf(
  { path, key, clock, log, onDamage, onFault }: OpenStoreOptions,
  db: Database.Database,
  endings: readonly (() => void)[],
  unlock: () => void,
): DatabaseHandle {
  let isOpen = true;
  const onDamageMet = () => {
    log.error({ ev: 'store.damage-met', store: basename(path) });
    writeDurable(suspectFile(path), 'suspect');
    onDamage?.();
  };
  watchStatements(db, { onDamage: onDamageMet, onFault: (error) => onFault?.(error) });
  const participants: TxParticipant[] = [];
  return {
    path,
    db,
    tx: createTx(db, clock, log, participants),
    join: (participant) => void participants.push(participant),
    checkpoint: () => {
      try {
        noteClosing(path);
        db.pragma('wal_checkpoint(TRUNCATE)');
        commitOpen(db);
        noteOpen(path);
      } catch (error) {
        throw toStoreError(error);
      }
    },
    sizeBytes: () => statSync(path).size,
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      try {
        setOpen(db, '0');
        noteClosing(path);
        db.pragma('wal_checkpoint(TRUNCATE)');
        keepFirstPage(path, key);
      } catch (error) {
        // A full disk must not keep the app from quitting: the WAL stays and is read at the next open.
        log.warn({ ev: 'store.close-incomplete', code: String((error as { code?: unknown }).code ?? '') });
      } finally {
        for (const end of endings) end();
        db.close();
        unlock();
      }
    },
  };
}
