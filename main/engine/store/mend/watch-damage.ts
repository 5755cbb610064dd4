import type { Database, Statement } from 'better-sqlite3';
import { MailError, isStoreFault } from '../../../../shared/errors.ts';
import { toStoreFault } from '../errors.ts';

const isDamage = (error: unknown): boolean => {
  const code = String((error as { code?: unknown } | null)?.code);
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
};

export interface StatementListener {
  /** Once, when a statement meets a damaged page. */
  readonly onDamage: () => void;
  /** Whenever the disk refuses what a statement does. */
  readonly onFault: (error: MailError) => void;
}

/** Tells what the statements of this connection meet; what the disk refuses comes out of them as a store error. */
export function watchStatements(db: Database, { onDamage, onFault }: StatementListener): void {
  let isTold = false;
  const seen = (error: unknown): unknown => {
    if (!isTold && isDamage(error)) {
      isTold = true;
      onDamage();
    }
    const named = toStoreFault(error);
    if (named instanceof MailError && named !== error && isStoreFault(named.code)) onFault(named);
    return named;
  };
  const watched = <A extends unknown[], R>(work: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      try {
        return work(...args);
      } catch (error) {
        throw seen(error);
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
