import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Clock } from '../../main/engine/core/clock.ts';
import type { Log } from '../../main/engine/core/log.ts';
import type { DatabaseHandle } from '../../main/engine/store/contract.ts';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';
import { applyKey, applyPragmas } from '../../main/engine/store/pragmas.ts';
import { createTx } from '../../main/engine/store/transaction.ts';

/** A second connection to a store that is open: what another machine has where the lock of a shared folder does not hold. */
export function openSecondConnection(path: string, key: Uint8Array, clock: Clock, log: Log): DatabaseHandle {
  const binding = nativeBinding();
  const db = new Database(path, { timeout: 10_000, ...(binding ? { nativeBinding: binding } : {}) });
  applyKey(db, key);
  applyPragmas(db);
  return {
    ...{ path, db, tx: createTx(db, clock, log, []), join: () => undefined, checkpoint: () => undefined },
    sizeBytes: () => statSync(path).size,
    close: () => void db.close(),
  };
}
