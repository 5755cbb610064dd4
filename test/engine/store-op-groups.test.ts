import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrate, migrations } from '../../main/engine/store/migrate.ts';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';

const before = migrations.filter((one) => one.version < 60);
const upTo = migrations.filter((one) => one.version <= 60);

/** A store as it was before groups, with operations in every state and a count that is ahead of the rows. */
function oldStore(): Database.Database {
  const binding = nativeBinding();
  const db = new Database(':memory:', binding ? { nativeBinding: binding } : {});
  migrate(db, before);
  db.exec("INSERT INTO accounts (id, email, config, created_at) VALUES (1, 'a@example.com', '{}', 0)");
  const insert = db.prepare(
    `INSERT INTO ops (id, account_id, entry_id, kind, args, state, step_result, attempts, last_error, created_at, updated_at)
     VALUES (?, 1, ?, 'set-flags', '{}', ?, ?, ?, NULL, 5, 6)`,
  );
  for (const [n, state] of ['queued', 'claimed', 'copied', 'done', 'refused', 'conflict'].entries())
    insert.run(n + 1, n, state, '{"floor":7}', n);
  insert.run(40, 1, 'done', null, 0);
  db.exec('DELETE FROM ops WHERE id = 40');
  return db;
}

describe('the migration to groups of operations', () => {
  it('keeps every operation as it was', () => {
    const db = oldStore();
    const columns = 'id, account_id, entry_id, kind, args, state, step_result, attempts, last_error, created_at, updated_at';
    const rows = db.prepare(`SELECT ${columns} FROM ops ORDER BY id`).all();
    migrate(db, upTo);
    expect(db.prepare(`SELECT ${columns} FROM ops ORDER BY id`).all()).toEqual(rows);
    const added = db.prepare('SELECT DISTINCT group_id, baseline, undo_of, unique_key, not_before, dismissed_at FROM ops').all();
    expect(added).toEqual([{ group_id: null, baseline: null, undo_of: null, unique_key: null, not_before: 0, dismissed_at: null }]);
    db.close();
  });

  it('never gives an id twice, also when the newest rows are forgotten', () => {
    const db = oldStore();
    migrate(db, upTo);
    const insert = `INSERT INTO ops (account_id, kind, args, state, attempts, created_at, updated_at) VALUES (1, 'delete', '{}', 'undone', 0, 0, 0)`;
    expect(db.prepare(insert).run().lastInsertRowid).toBe(41);
    db.close();
  });

  it('works on a store that never had an operation', () => {
    const binding = nativeBinding();
    const db = new Database(':memory:', binding ? { nativeBinding: binding } : {});
    migrate(db, upTo);
    db.exec("INSERT INTO accounts (id, email, config, created_at) VALUES (1, 'a@example.com', '{}', 0)");
    const insert = `INSERT INTO ops (account_id, kind, args, state, attempts, created_at, updated_at) VALUES (1, 'delete', '{}', 'queued', 0, 0, 0)`;
    expect(db.prepare(insert).run().lastInsertRowid).toBe(1);
    expect(() => db.prepare(insert.replace('queued', 'gone')).run()).toThrow('CHECK');
    db.close();
  });

  it('removes operations with their account', () => {
    const db = oldStore();
    migrate(db, upTo);
    db.pragma('foreign_keys = ON');
    db.exec('DELETE FROM accounts');
    expect(db.prepare('SELECT count(*) AS n FROM ops').get()).toEqual({ n: 0 });
    db.close();
  });
});
