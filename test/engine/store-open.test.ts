import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { migrate, migrations, newestVersion, schemaVersion } from '../../main/engine/store/migrate.ts';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';
import { openOutbox } from '../../main/engine/store/open-outbox.ts';
import { verifyPragmas } from '../../main/engine/store/pragmas.ts';
import { StoreFixture } from '../support/store-fixture.ts';
import { codeOf } from '../support/error-code.ts';

let fixture: StoreFixture;
beforeEach(() => {
  fixture = new StoreFixture();
});
afterEach(() => fixture.remove());

const binding = nativeBinding();
const plain = (path: string) => new Database(path, binding ? { nativeBinding: binding } : {});

describe('opening the store', () => {
  /** As SQLite answers them; `spoiled` is what a forgotten setting would look like. */
  const EXPECTED: readonly (readonly [name: string, value: string | number, spoiled?: string | number])[] = [
    ['cipher', 'sqlcipher'],
    ['legacy', 4],
    ['page_size', 4096],
    ['journal_mode', 'wal'],
    ['synchronous', 2, 1],
    ['foreign_keys', 1, 0],
    ['secure_delete', 1, 0],
    ['temp_store', 2, 1],
    ['trusted_schema', 0, 1],
    ['wal_autocheckpoint', 8000, 1000],
    ['journal_size_limit', 64 * 1024 * 1024, -1],
    ['cache_size', -8192, -2000],
    ...(process.platform === 'darwin'
      ? ([
          ['fullfsync', 1, 0],
          ['checkpoint_fullfsync', 1, 0],
        ] as const)
      : []),
  ];
  const mappedBytes = (db: Database.Database) => db.pragma('mmap_size', { simple: true }) as number | undefined;
  const files = ['store', 'outbox'] as const;
  const opened = (file: (typeof files)[number]) =>
    file === 'store'
      ? fixture.open()
      : openOutbox({ path: join(fixture.dir, 'outbox.db'), key: fixture.key, clock: systemClock, log: silentLog });

  it.each(files)('has every setting on the first, second and third open of the %s (S1)', (file) => {
    for (let n = 0; n < 3; n += 1) {
      const store = opened(file);
      for (const [name, value] of EXPECTED) {
        const answered = store.db.pragma(name, { simple: true });
        expect(typeof value === 'number' ? Number(answered) : answered, name).toBe(value);
      }
      // Nothing at all where memory mapping is compiled out.
      expect(mappedBytes(store.db) ?? 0).toBe(0);
      store.close();
    }
  });

  it.each(EXPECTED.filter(([, , spoiled]) => spoiled !== undefined))(
    'keeps a store from being used whose %s did not take (S1)',
    (name, _value, spoiled) => {
      const store = fixture.open();
      store.db.pragma(`${name} = ${spoiled}`);
      expect(() => verifyPragmas(store.db)).toThrow(new RegExp(String(name), 'u'));
      store.close();
    },
  );

  it('writes no readable byte', () => {
    const store = fixture.open();
    store.db.prepare("INSERT INTO meta VALUES ('canary', 'CANARY-5e1f readable text')").run();
    store.close();
    const bytes = readFileSync(fixture.path);
    expect(bytes.includes('CANARY-5e1f')).toBe(false);
    expect(bytes.subarray(0, 16).toString('latin1')).not.toContain('SQLite format');
  });

  it('is readable by its owner only', () => {
    fixture.open().close();
    expect(statSync(fixture.path).mode & 0o777).toBe(0o600);
  });

  it('can be opened by other tools of the SQLCipher 4 scheme with the raw key', () => {
    fixture.open().close();
    const other = plain(fixture.path);
    other.pragma("cipher = 'sqlcipher'");
    other.pragma('legacy = 4');
    other.pragma(`key = "x'${Buffer.from(fixture.key).toString('hex')}'"`);
    expect(other.prepare('SELECT count(*) AS n FROM accounts').get()).toEqual({ n: 0 });
    other.close();
  });

  it('refuses a wrong key and changes nothing', () => {
    fixture.open().close();
    const before = fixture.digests();
    expect(codeOf(() => fixture.open({ key: randomBytes(32) }))).toBe('store-key-wrong');
    expect(fixture.digests()).toEqual(before);
    fixture.open().close();
  });

  it('refuses a key of the wrong length', () => {
    expect(codeOf(() => fixture.open({ key: new Uint8Array(16) }))).toBe('store-key-wrong');
    expect(existsSync(fixture.path)).toBe(false);
  });

  it('tells a damaged first page from a wrong key, and wipes nothing', () => {
    fixture.open().close();
    const bytes = readFileSync(fixture.path);
    bytes[100]! ^= 1;
    writeFileSync(fixture.path, bytes);
    const before = fixture.digests();
    expect(codeOf(() => fixture.open())).toBe('store-corrupt');
    expect(fixture.digests()).toEqual(before);
  });

  it('names a damaged page when it is read', () => {
    const store = fixture.open();
    const insert = store.db.prepare('INSERT INTO segments (raw_bytes, codec, line_width, content) VALUES (1, 0, 0, ?)');
    for (let n = 0; n < 50; n += 1) insert.run(randomBytes(4000));
    store.close();
    const bytes = readFileSync(fixture.path);
    bytes[bytes.length - 2000]! ^= 1;
    writeFileSync(fixture.path, bytes);
    const again = fixture.open();
    expect(
      codeOf(() =>
        again.tx(
          'test',
          () =>
            again.db.prepare('SELECT sum(length(content)) FROM segments').all() &&
            again.db.prepare('SELECT hex(content) FROM segments').all(),
        ),
      ),
    ).toBe('store-corrupt');
    again.close();
  });

  it('refuses an unencrypted file in its place', () => {
    const other = plain(fixture.path);
    other.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)');
    other.close();
    const before = fixture.digests();
    expect(codeOf(() => fixture.open())).toBe('store-corrupt');
    expect(fixture.digests()).toEqual(before);
  });

  it('refuses a newer schema and leaves it alone', () => {
    const store = fixture.open();
    store.db.pragma(`user_version = ${newestVersion() + 10}`);
    store.close();
    const before = fixture.digests();
    expect(codeOf(() => fixture.open())).toBe('store-newer-schema');
    expect(fixture.digests()).toEqual(before);
  });

  it('does not make a store where none is allowed', () => {
    expect(codeOf(() => fixture.open({ create: false }))).toBe('store-missing');
    expect(existsSync(fixture.path)).toBe(false);
  });

  it('is open once', () => {
    const store = fixture.open();
    expect(codeOf(() => fixture.open())).toBe('store-in-use');
    store.close();
    fixture.open().close();
  });

  it('is refused to a second process, and free again when the first one is killed', () => {
    const lockPath = `${fixture.path}.lock`;
    const script = `const D = require('better-sqlite3'); const l = new D(${JSON.stringify(lockPath)}, {timeout: 0, nativeBinding: ${JSON.stringify(binding)}});
      try { l.pragma('journal_mode = MEMORY'); l.pragma('locking_mode = EXCLUSIVE'); l.exec('BEGIN EXCLUSIVE'); } catch (e) { console.log(e.code); process.exit(3); } process.kill(process.pid, 'SIGKILL');`;
    const store = fixture.open();
    const refused = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(refused.stdout.trim(), refused.stderr).toBe('SQLITE_BUSY');
    store.close();
    expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL');
    fixture.open().close();
  });

  it('names a full disk and goes on when there is room again', () => {
    const store = fixture.open();
    const pages = store.db.pragma('page_count', { simple: true }) as number;
    store.db.pragma(`max_page_count = ${pages + 5}`);
    const insert = store.db.prepare('INSERT INTO segments (raw_bytes, codec, line_width, content) VALUES (1, 0, 0, ?)');
    expect(codeOf(() => store.tx('fill', () => insert.run(randomBytes(100_000))))).toBe('store-full');
    store.db.pragma('max_page_count = 1000000');
    expect(() => store.tx('fill', () => insert.run(randomBytes(100_000)))).not.toThrow();
    store.close();
  });

  it('names a folder that cannot be written to', () => {
    fixture.open().close();
    chmodSync(fixture.dir, 0o555);
    chmodSync(fixture.path, 0o444);
    // Root may write anywhere: become nobody for the moment of opening.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    const code = codeOf(() => fixture.open());
    if (isRoot) process.seteuid?.(0);
    chmodSync(fixture.dir, 0o700);
    expect(code).toBe('store-read-only');
  });

  it('survives a cut-off WAL', () => {
    const store = fixture.open();
    store.tx('one', () => store.db.prepare("INSERT INTO meta VALUES ('a', '1')").run());
    const wal = `${fixture.path}-wal`;
    const copy = new StoreFixture();
    writeFileSync(copy.path, readFileSync(fixture.path));
    writeFileSync(`${copy.path}-wal`, readFileSync(wal));
    truncateSync(`${copy.path}-wal`, Math.max(0, statSync(wal).size - 100));
    store.close();
    const again = copy.open({ key: fixture.key });
    expect(again.db.pragma('integrity_check', { simple: true })).toBe('ok');
    again.close();
    copy.remove();
  });
});

describe('transactions', () => {
  it('join the outer one and roll back as a whole', () => {
    const store = fixture.open();
    const put = store.db.prepare('INSERT INTO meta VALUES (?, ?)');
    expect(() =>
      store.tx('outer', () => {
        put.run('x', '1');
        store.tx('inner', () => put.run('y', '1'));
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(store.db.prepare("SELECT count(*) AS n FROM meta WHERE key IN ('x','y')").get()).toEqual({ n: 0 });
    store.close();
  });
});

describe('migrations', () => {
  it.each(migrations.map((one) => one.version))('%i starts from what was before it and names its version', (version) => {
    const db = plain(':memory:');
    const before = migrations.filter((one) => one.version < version);
    migrate(db, before);
    migrate(
      db,
      migrations.filter((one) => one.version <= version),
    );
    expect(schemaVersion(db)).toBe(version);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  it('leave the old schema when they fail half-way', () => {
    const db = plain(':memory:');
    const broken = [
      ...migrations,
      {
        version: newestVersion() + 10,
        up: () => {
          db.exec('CREATE TABLE half (x)');
          throw new Error('cut');
        },
      },
    ];
    expect(() => migrate(db, broken)).toThrow('cut');
    expect(schemaVersion(db)).toBe(newestVersion());
    expect(db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'half'").get()).toEqual({ n: 0 });
    db.close();
  });

  it('keep a copy of the file until the first clean start of the new version', () => {
    const store = fixture.open();
    store.close();
    expect(existsSync(`${fixture.path}.before-migration`)).toBe(false);
    writeFileSync(`${fixture.path}.before-migration`, 'old');
    fixture.open().close();
    expect(existsSync(`${fixture.path}.before-migration`)).toBe(false);
  });

  it('use STRICT tables only', () => {
    const store = fixture.open();
    const tables = store.db
      .prepare("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'search%'")
      .all() as { name: string; strict: number }[];
    expect(tables.length).toBeGreaterThan(8);
    expect(tables.filter((one) => one.strict !== 1)).toEqual([]);
    store.close();
  });
});
