import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrate, migrations } from '../../main/engine/store/migrate.ts';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';
import { outboxMigrations } from '../../main/engine/store/open-outbox.ts';
import { applyKey, applyPragmas } from '../../main/engine/store/pragmas.ts';

/** Brings a file forward and is killed at one step: when its statements are through and nothing is committed, or right after. */
const { path, keyHex, isOutbox, version, isCommitted } = JSON.parse(readFileSync(0, 'utf8')) as {
  path: string;
  keyHex: string;
  isOutbox: boolean;
  version: number;
  isCommitted: boolean;
};
const kill = (): void => void process.kill(process.pid, 'SIGKILL');
const binding = nativeBinding();
const db = new Database(path, binding ? { nativeBinding: binding } : {});
applyKey(db, Buffer.from(keyHex, 'hex'));
applyPragmas(db);
const list = (isOutbox ? outboxMigrations : migrations).map((one) => ({
  ...one,
  up: (of: Database.Database) => {
    one.up(of);
    if (one.version === version && !isCommitted) kill();
  },
}));
migrate(db, list, (done) => (done === version ? kill() : undefined));
