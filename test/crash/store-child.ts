import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { frozenMessage } from '../support/frozen.ts';
import { asEntryId, asAccountId } from '../../shared/model/ids.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createEngineStore } from '../../main/engine/store/engine-store.ts';
import { openOutbox } from '../../main/engine/store/open-outbox.ts';
import { openStore } from '../../main/engine/store/open.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';

/** Commits operations and mail-sized segments as quickly as it can, and tells each commit after it is durable. */
const { path, keyHex, commits, what } = JSON.parse(readFileSync(0, 'utf8')) as {
  path: string;
  keyHex: string;
  commits: number;
  what: 'operations' | 'mail';
};
const options = { key: Buffer.from(keyHex, 'hex'), clock: systemClock, log: silentLog };
const handle = openStore({ ...options, path });
const outboxHandle = openOutbox({ ...options, path: `${path}.outbox` });
const store = createEngineStore(handle, outboxHandle);
const imap = { host: 'localhost', port: 1, security: 'plain' as const, user: 'x' };
const account =
  store.accounts.list()[0] ?? store.accounts.add(accountConfigSchema.parse({ email: 'a@example.com', primary: { imap, smtp: null } }), 0);
const insert = handle.db.prepare('INSERT INTO segments (raw_bytes, codec, line_width, content) VALUES (1, 0, 0, ?)');
/** Counts fsync calls of this process, where the counter library was loaded. */
const syncs = (): bigint => {
  const file = process.env['SYNC_COUNT_FILE'];
  return file ? readFileSync(file).readBigUInt64LE(0) : 0n;
};
const commitOperation = (n: number): number =>
  handle.tx('child.commit', () => {
    insert.run(randomBytes(2_000));
    return store.ops.record(asAccountId(account.id), asEntryId(n), { kind: 'set-flags', add: ['\\Seen'], remove: [] }, n);
  });
/** A mail handed over, claimed, its body begun: each is a commit of its own, told only then. */
function commitMail(n: number): number {
  const id = store.outbox.add(frozenMessage(asAccountId(account.id)), 'a@example.com', n);
  const steps = [{ state: 'submitting' as const, claimedBy: 'child' }, { bodyStarted: true }];
  for (const step of steps) {
    const before = syncs();
    outboxHandle.tx('child.step', () => store.outbox.change(id, step));
    if (process.env['SYNC_COUNT_FILE'] && syncs() === before) unsynced += 1;
  }
  return id;
}
let unsynced = 0;
for (let n = 1; commits === 0 || n <= commits; n += 1) {
  const before = syncs();
  const id = what === 'mail' ? commitMail(n) : commitOperation(n);
  if (process.env['SYNC_COUNT_FILE'] && syncs() === before) unsynced += 1;
  process.stdout.write(`${id}\n`);
}
process.stderr.write(JSON.stringify({ unsynced, syncs: Number(syncs()) }));
handle.close();
outboxHandle.close();
