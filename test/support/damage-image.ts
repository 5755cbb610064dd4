import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createEngineStore, type EngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores, type ProfileStores } from '../../main/engine/store/open-profile.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';
import { asEntryId } from '../../shared/model/ids.ts';
import { frozenMessage } from './frozen.ts';

const MAILS = 24;
const OPS = 48;
export const key = randomBytes(32);

const sha = (pieces: Iterable<Uint8Array>): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

/** What had been told as kept: mail by Message-ID with the digest of its bytes, and open operations. */
export interface Kept {
  readonly mails: ReadonlyMap<string, string>;
  readonly ops: number;
}

export const openAll = (dir: string, more: { step?: (name: string) => void; key?: Uint8Array } = {}): ProfileStores =>
  openProfileStores({ dir, key, clock: systemClock, log: silentLog, ...more });

export const storeOf = ({ handle, outboxHandle }: ProfileStores): EngineStore => createEngineStore(handle, outboxHandle);

/** Everything that can be read of a profile; throws where a page is damaged. */
export function readAll(stores: ProfileStores): Kept & { readonly accounts: number; readonly quarantined: number } {
  const store = storeOf(stores);
  const rows = store.outbox.shown(0);
  const tables = stores.handle.db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
    .pluck()
    .all() as string[];
  for (const name of tables) stores.handle.db.prepare(`SELECT * FROM "${name}"`).all();
  return {
    mails: new Map(rows.filter((row) => row.state !== 'quarantined').map((row) => [row.messageId, sha(store.outbox.bytes.pieces(row.id))])),
    quarantined: rows.filter((row) => row.state === 'quarantined').length,
    ops: store.accounts.list().reduce((sum, { id }) => sum + store.ops.countOpen(id), 0),
    accounts: store.accounts.list().length,
  };
}

/** A profile with unsent mail and pending operations, in two states: closed, and as a kill leaves it. */
export class DamageImage {
  readonly root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdover-damage-'));
  readonly closed = join(this.root, 'closed');
  readonly killed = join(this.root, 'killed');
  readonly kept: Kept;
  #made = 0;

  constructor() {
    const stores = openAll(this.closed);
    const store = storeOf(stores);
    const imap = { host: 'localhost', port: 1, security: 'plain' as const, user: 'x' };
    const account = store.accounts.add(accountConfigSchema.parse({ email: 'anna@example.com', primary: { imap, smtp: null } }), 0);
    const fill = stores.handle.db.prepare('INSERT INTO segments (raw_bytes, codec, line_width, content) VALUES (1, 0, 0, ?)');
    const work = (from: number, to: number): void => {
      for (let n = from; n < to; n += 1) {
        const text = 'x'.repeat(n % 5 === 0 ? 9_000 : 400);
        store.outbox.add(frozenMessage(account.id, { text }), 'anna@example.com', n + 1);
        stores.handle.tx('test.fill', () => {
          fill.run(randomBytes(3000));
          for (let op = 0; op * MAILS < OPS; op += 1) {
            store.ops.record(account.id, asEntryId(n + 1), { kind: 'set-flags', add: ['\\Seen'], remove: [] }, n);
          }
        });
      }
    };
    work(0, MAILS / 2);
    stores.handle.checkpoint();
    stores.outboxHandle.checkpoint();
    work(MAILS / 2, MAILS);
    cpSync(this.closed, this.killed, { recursive: true });
    const { mails, ops } = readAll(stores);
    this.kept = { mails, ops };
    stores.handle.close();
    stores.outboxHandle.close();
  }

  copy(state: 'closed' | 'killed'): string {
    this.#made += 1;
    const dir = join(this.root, `case-${this.#made}`);
    cpSync(state === 'closed' ? this.closed : this.killed, dir, { recursive: true });
    return dir;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
