import type { Database, Statement } from 'better-sqlite3';
import { toStoreFault } from '../errors.ts';

const isDamage = (error: unknown): boolean => {
  const code = String((error as { code?: unknown } | null)?.code);
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
};

/** Tells once when any statement of this connection meets a damaged page; what the disk refuses comes out as a store error. */
export function watchDamage(db: Database, onDamage: () => void): void {
  let isTold = false;
  const seen = (error: unknown): unknown => {
    if (!isTold && isDamage(error)) {
      isTold = true;
      onDamage();
    }
    return error;
  };
  const watched = <A extends unknown[], R>(work: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      try {
        return work(...args);
      } catch (error) {
        throw toStoreFault(seen(error));
      }
    };
  };
  const prepare = db.prepare.bind(db);
  const watchedPrepare = (sql: string): Statement => {
    const statement = prepare(sql) as Statement;
    for (const name of ['run', 'get', 'all'] as const) {
      Object.defineProperty(statement, name, { value: watched(statement[name].bind(statement) as () => never) });
    }
    return statement;
  };
  Object.defineProperty(db, 'prepare', { value: watched(watchedPrepare) });
  Object.defineProperty(db, 'exec', { value: watched(db.exec.bind(db)) });
}
