import type { Database } from 'better-sqlite3';
import { limits } from '../../../shared/limits.ts';
import { MailError } from '../../../shared/errors.ts';

const PAGE_BYTES = 4096;
/** Pages in the WAL before it is written back. */
const CHECKPOINT_PAGES = 8000;

type Value = string | number;

/** Every setting that matters, and what reading it back has to answer. FULL is not remembered by the file. */
const SETTINGS: readonly (readonly [name: string, set: Value, expected: Value])[] = [
  ['journal_mode', 'wal', 'wal'],
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 1, 1],
  ['secure_delete', 1, 1],
  ['temp_store', 2, 2],
  ['mmap_size', 0, 0],
  ['trusted_schema', 0, 0],
  ['wal_autocheckpoint', CHECKPOINT_PAGES, CHECKPOINT_PAGES],
  ['journal_size_limit', limits.maxWalBytes, limits.maxWalBytes],
  ['cache_size', -8192, -8192],
];
const MAC_SETTINGS: typeof SETTINGS = [
  ['fullfsync', 1, 1],
  ['checkpoint_fullfsync', 1, 1],
];

const settings = () => (process.platform === 'darwin' ? [...SETTINGS, ...MAC_SETTINGS] : SETTINGS);

/** Gives the key before anything is read. SQLCipher 4 scheme with a raw key: other tools can open the file with it. */
export function applyKey(db: Database, key: Uint8Array): void {
  db.pragma("cipher = 'sqlcipher'");
  db.pragma('legacy = 4');
  db.pragma(`key = "x'${Buffer.from(key).toString('hex')}'"`);
}

/** Sets everything and reads it back. @throws MailError store-io naming the setting that did not take. */
export function applyPragmas(db: Database): void {
  for (const [name, value] of settings()) db.pragma(`${name} = ${value}`);
  verifyPragmas(db);
}

/** Reads every setting back; also run by tests on second and later opens. */
export function verifyPragmas(db: Database): void {
  for (const [name, , expected] of settings()) {
    const actual = db.pragma(name, { simple: true }) as Value;
    // An empty database answers mmap_size with nothing at all where memory mapping is compiled out.
    const isFine = actual === expected || (name === 'mmap_size' && actual === undefined);
    if (!isFine) refuse(name, actual);
  }
  const cipher = db.pragma('cipher', { simple: true });
  if (cipher !== 'sqlcipher') refuse('cipher', String(cipher));
  if (Number(db.pragma('legacy', { simple: true })) !== 4) refuse('legacy', String(db.pragma('legacy', { simple: true })));
  if (db.pragma('page_size', { simple: true }) !== PAGE_BYTES) refuse('page_size', db.pragma('page_size', { simple: true }) as number);
}

function refuse(name: string, actual: Value): never {
  throw new MailError('store-io', { scope: 'store', retry: 'never', detail: `setting ${name} did not take (${actual})` });
}
