import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Log } from '../core/log.ts';
import { makeFolderDurable } from '../core/durable-file.ts';
import { toStoreError } from './errors.ts';

/** Names the database that a folder of packs belongs to. */
const OWNER_FILE = 'owner';
/** Of a UUID. */
const OWNER_LENGTH = 36;
const ASIDE = '.set-aside';

function ownerOf(db: Database): string {
  const select = db.prepare("SELECT value FROM meta WHERE key = 'packs_owner'").pluck();
  const known = select.get() as string | undefined;
  if (known !== undefined) return known;
  db.prepare("INSERT INTO meta (key, value) VALUES ('packs_owner', ?)").run(randomUUID());
  return select.get() as string;
}

/** A note cut short by a power failure is none. */
function notedOwner(dir: string): string | null {
  const file = join(dir, OWNER_FILE);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text.length === OWNER_LENGTH ? text : null;
}

function noteOwner(dir: string, owner: string, log: Log): void {
  try {
    makeFolderDurable(dir);
    writeFileSync(join(dir, OWNER_FILE), owner, { mode: 0o600 });
  } catch (error) {
    // A full disk must not keep mail from being read: rows that point into the folder tell its owner, too.
    log.warn({ ev: 'store.packs-owner-not-noted', code: String((error as { code?: unknown }).code ?? '') });
  }
}

/** Folders made before owners were noted: ours where our rows point into it, or where there is nothing in it to lose. */
function isUnnotedOurs(db: Database, dir: string): boolean {
  const hasRows = db.prepare('SELECT 1 FROM packs LIMIT 1').get() !== undefined;
  return hasRows || !readdirSync(dir).some((name) => name.endsWith('.pack'));
}

function freeAside(dir: string): string {
  let name = `${dir}${ASIDE}`;
  for (let n = 2; existsSync(name); n += 1) name = `${dir}${ASIDE}-${n}`;
  return name;
}

/** A folder that was moved out of another database's way, and is ours. */
function findAside(dir: string, owner: string): string | null {
  const start = `${basename(dir)}${ASIDE}`;
  const names = readdirSync(dirname(dir)).filter((name) => name.startsWith(start));
  return names.map((name) => join(dirname(dir), name)).find((path) => notedOwner(path) === owner) ?? null;
}

/**
 * Makes the folder of packs this database's own. One that belongs to another database (which may have been set aside and come
 * back) is moved out of the way, never emptied; ours is taken back where it had been moved so.
 */
export function claimPackFolder(db: Database, dir: string, log: Log): void {
  try {
    const owner = ownerOf(db);
    const isOurs = existsSync(dir) && (notedOwner(dir) === owner || (notedOwner(dir) === null && isUnnotedOurs(db, dir)));
    if (existsSync(dir) && !isOurs) {
      renameSync(dir, freeAside(dir));
      log.warn({ ev: 'store.packs-set-aside' });
    }
    const aside = existsSync(dir) ? null : findAside(dir, owner);
    if (aside !== null) renameSync(aside, dir);
    if (notedOwner(dir) !== owner) noteOwner(dir, owner, log);
  } catch (error) {
    throw toStoreError(error);
  }
}
