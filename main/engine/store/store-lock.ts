import Database from 'better-sqlite3';
import { MailError } from '../../../shared/errors.ts';
import { nativeBinding } from './native-binding.ts';

/**
 * One process per store. The lock is an empty SQLite file held exclusively: the operating system lets go of it when the
 * process ends, however it ends. @throws MailError store-in-use
 */
export function lockStore(storePath: string): () => void {
  const binding = nativeBinding();
  const lock = new Database(`${storePath}.lock`, { timeout: 0, ...(binding ? { nativeBinding: binding } : {}) });
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) {
      throw new MailError('store-in-use', {
        scope: 'store',
        retry: 'later',
        detail: 'another process has this profile open',
        cause: error,
      });
    }
    throw error;
  }
  return () => lock.close();
}
