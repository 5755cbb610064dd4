import type { Database } from 'better-sqlite3';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { toStoreError } from './errors.ts';

const SLOW_MS = 100;

/** What else has to be durable before a commit, and forgotten after a rollback. */
export interface TxParticipant {
  beforeCommit(): void;
  afterRollback(): void;
}

/** Makes the named transaction of a store: BEGIN IMMEDIATE, nested calls join the outer one, failures come out typed. */
export function createTx(
  db: Database,
  clock: Clock,
  log: Log,
  participants: readonly TxParticipant[],
): <T>(name: string, work: () => T) => T {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  return <T>(name: string, work: () => T): T => {
    if (db.inTransaction) return work();
    const start = clock.monotonic();
    try {
      begin.run();
      const result = work();
      for (const one of participants) one.beforeCommit();
      commit.run();
      return result;
    } catch (error) {
      // SQLite has ended the transaction by itself after some errors (full disk, I/O).
      if (db.inTransaction) rollback.run();
      for (const one of participants) one.afterRollback();
      throw toStoreError(error);
    } finally {
      const tookMs = Math.round(clock.monotonic() - start);
      if (tookMs > SLOW_MS) log.debug({ ev: 'store.slow-transaction', name, tookMs });
    }
  };
}
