import { createHash } from 'node:crypto';
import type { OutboxId } from '../../../shared/model/ids.ts';
import { collectBetween } from '../core/collect-buffers.ts';
import type { DatabaseHandle } from './contract.ts';

/** A large mail is kept in pieces, so that none of its ways needs it whole. */
const CHUNK_BYTES = 256 * 1024;

/** The bytes of mail handed over, as they were composed. */
export interface OutboxBytes {
  /** Call inside the transaction that records the mail. */
  put(id: OutboxId, raw: Uint8Array): void;
  /** In order, one piece at a time; each call of the result begins anew. */
  pieces(id: OutboxId): Iterable<Uint8Array>;
  digest(id: OutboxId): Uint8Array;
  drop(id: OutboxId): void;
}

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export function createOutboxBytes({ db }: DatabaseHandle): OutboxBytes {
  const insert = db.prepare('INSERT INTO outbox_chunks (outbox_id, number, content) VALUES (?, ?, ?)');
  const one = db.prepare('SELECT content FROM outbox_chunks WHERE outbox_id = ? AND number = ?').pluck();
  const remove = db.prepare('DELETE FROM outbox_chunks WHERE outbox_id = ?');
  // One query a piece: an open iterator would keep every other statement of the connection waiting.
  function* pieces(id: OutboxId): Iterable<Uint8Array> {
    for (let number = 0; ; number += 1) {
      const content = one.get(id, number) as Uint8Array | undefined;
      if (content === undefined) return;
      yield content;
    }
  }
  return {
    put: (id, raw) => {
      for (let number = 0; number * CHUNK_BYTES < raw.length; number += 1) {
        insert.run(id, number, raw.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES));
      }
    },
    pieces: (id) => ({ [Symbol.iterator]: () => collectBetween(pieces(id)) }),
    digest: (id) => {
      const hash = createHash('sha256');
      for (const piece of pieces(id)) hash.update(piece);
      return hash.digest();
    },
    drop: (id) => void remove.run(id),
  };
}
