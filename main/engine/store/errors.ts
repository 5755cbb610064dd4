import { constants } from 'node:os';
import { MailError, type ErrorCode, type Retry } from '../../../shared/errors.ts';

const BY_PREFIX: readonly (readonly [string, ErrorCode, Retry])[] = [
  ['SQLITE_FULL', 'store-full', 'ask'],
  ['SQLITE_READONLY', 'store-read-only', 'ask'],
  ['SQLITE_PERM', 'store-read-only', 'ask'],
  ['SQLITE_CANTOPEN', 'store-read-only', 'ask'],
  ['SQLITE_CORRUPT', 'store-corrupt', 'ask'],
  ['SQLITE_NOTADB', 'store-corrupt', 'ask'],
  ['SQLITE_BUSY', 'store-busy', 'later'],
  ['SQLITE_LOCKED', 'store-busy', 'later'],
  ['SQLITE_IOERR', 'store-io', 'later'],
];
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);
const NO_WRITE = new Set(['EACCES', 'EPERM', 'EROFS']);
/** Another program has the file open, such as a virus scanner. */
const HELD = new Set(['EBUSY', 'EAGAIN', 'ETXTBSY']);
/** A disk that fails, or was taken away together with the folder. */
const NO_DISK = new Set(['EIO', 'ENODEV', 'ENXIO', 'ENOENT', 'ENOTDIR', 'ESTALE', 'ENOTCONN']);

const storeError = (code: ErrorCode, retry: Retry, detail: string, cause: unknown) =>
  new MailError(code, { scope: 'store', retry, detail, cause });

/** Names what SQLite or the file system refused. The text of the original never passes: it can hold SQL values. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof MailError || !(error instanceof Error)) return error;
  const { code, errno: number } = error as { code?: unknown; errno?: unknown };
  if (typeof code !== 'string') return error;
  const known = BY_PREFIX.find(([prefix]) => code.startsWith(prefix));
  if (known) return storeError(known[1], known[2], code, error);
  if (code.startsWith('SQLITE_')) return storeError('internal', 'never', code, error);
  // Node has no name for a quota that is used up.
  if (NO_SPACE.has(code) || number === -constants.errno.EDQUOT) return storeError('store-full', 'ask', code, error);
  if (NO_WRITE.has(code)) return storeError('store-read-only', 'ask', code, error);
  if (HELD.has(code)) return storeError('store-busy', 'later', code, error);
  return NO_DISK.has(code) ? storeError('store-io', 'later', code, error) : error;
}

/** As toStoreError, where a statement may also fail for reasons of its own, which its caller knows by SQLite's name. */
export function toStoreFault(error: unknown): unknown {
  const code = String((error as { code?: unknown } | null)?.code);
  return BY_PREFIX.some(([prefix]) => code.startsWith(prefix)) ? toStoreError(error) : error;
}
