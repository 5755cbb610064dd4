import { z } from 'zod';
import type { DatabaseHandle, StoreHandle } from './contract.ts';

const KEY = 'accounts';
const keptSchema = z.array(z.strictObject({ id: z.number().int(), email: z.string(), config: z.string(), created_at: z.number() }));
export type KeptAccount = z.infer<typeof keptSchema>[number];

/** Keeps a copy of the accounts beside the unsent mail: a mirror that is lost whole can then be fetched again without a person. */
export function keepAccounts(handle: StoreHandle, outboxHandle: DatabaseHandle): void {
  const rows = JSON.stringify(handle.db.prepare('SELECT id, email, config, created_at FROM accounts ORDER BY id').all());
  const kept = outboxHandle.db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(KEY);
  if (kept === rows) return;
  outboxHandle.db
    .prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
    .run(KEY, rows);
}

/** The accounts as they were last; none where no copy can be understood. */
export function keptAccounts({ db }: DatabaseHandle): readonly KeptAccount[] {
  const kept = db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(KEY);
  const rows = keptSchema.safeParse(typeof kept === 'string' ? JSON.parse(kept) : []);
  return rows.success ? rows.data : [];
}
