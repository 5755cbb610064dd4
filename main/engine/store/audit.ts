import type { DatabaseHandle } from './contract.ts';

export interface AuditRow {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly account: string | null;
  /** JSON, as it was hashed. */
  readonly data: string;
  readonly hash: string;
}

/** Rows of the audit journal; what they mean and how they are chained is `engine/audit`'s. */
export interface AuditStore {
  last(): AuditRow | null;
  add(row: AuditRow): void;
  /** In order, one by one: a journal of years does not fit into memory. */
  all(): IterableIterator<AuditRow>;
}

export function createAuditStore({ db }: DatabaseHandle): AuditStore {
  const last = db.prepare('SELECT * FROM audit ORDER BY seq DESC LIMIT 1');
  const add = db.prepare('INSERT INTO audit (seq, at, kind, account, data, hash) VALUES (@seq, @at, @kind, @account, @data, @hash)');
  const all = db.prepare('SELECT * FROM audit ORDER BY seq');
  return {
    last: () => (last.get() as AuditRow | undefined) ?? null,
    add: (row) => void add.run(row),
    all: () => all.iterate() as IterableIterator<AuditRow>,
  };
}
