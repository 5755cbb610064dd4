import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { createEngineStore, type EngineStore } from '../../main/engine/store/engine-store.ts';
import { openProfileStores, type ProfileStores } from '../../main/engine/store/open-profile.ts';
import { MailError } from '../../shared/errors.ts';
import { accountConfigSchema } from '../../shared/model/account.ts';
import { asEntryId } from '../../shared/model/ids.ts';
import { DiskSwitch } from '../support/disk/disk-switch.ts';
import { frozenMessage } from '../support/frozen.ts';

/** Works on a disk that begins to fail at a given change (disk.c), is asked what it can still read, and goes on when the disk is well again. */
const { root, control, cases, rounds } = JSON.parse(readFileSync(0, 'utf8')) as {
  root: string;
  control: string;
  /** `at` 0: the disk does not fail. */
  cases: readonly { readonly at: number; readonly errno: number }[];
  rounds: number;
};
const key = randomBytes(32);
const disk = DiskSwitch.at(control);
const TRIES = 3;

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Finding {
  readonly faults: string[];
  readonly codes: Set<string>;
  /** Mail by Message-ID, with the digest of its bytes. */
  readonly mails: Map<string, string>;
  readonly ops: Set<number>;
  readonly segments: Map<number, string>;
}

/** Every mail that was taken can be read whole, and there is no other. */
function readBack(store: EngineStore, found: Finding, when: string): void {
  const rows = store.outbox.shown(0);
  const there = new Map(rows.map(({ id, messageId }) => [messageId, sha(Buffer.concat([...store.outbox.bytes.pieces(id)]))]));
  for (const [id, digest] of found.mails) if (there.get(id) !== digest) found.faults.push(`${when}: ${id} cannot be read`);
  for (const id of there.keys()) if (!found.mails.has(id)) found.faults.push(`${when}: ${id} was refused and is there`);
}

/** Does it; while the disk fails it must fail each time in the same plain way, with everything still readable, and then succeed. */
function persist(found: Finding, what: string, work: () => void, whileFailing: () => void): void {
  for (let tries = 0; ; tries += 1) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof MailError) || !error.code.startsWith('store-') || error.code === 'store-corrupt') {
        found.faults.push(`${what}: ${String(error)}`);
      } else found.codes.add(error.code);
      if (tries > TRIES) throw error;
      whileFailing();
      if (tries === TRIES - 1) disk.heal();
    }
  }
}

function open(dir: string, found: Finding): ProfileStores {
  let stores: ProfileStores | undefined;
  const work = () => void (stores = openProfileStores({ dir, key, clock: systemClock, log: silentLog }));
  persist(found, 'open', work, () => undefined);
  return stores!;
}

function live(dir: string, found: Finding): void {
  const stores = open(dir, found);
  const { handle, outboxHandle } = stores;
  const store = createEngineStore(handle, outboxHandle);
  const read = () => readBack(store, found, 'while the disk fails');
  const imap = { host: 'localhost', port: 1, security: 'plain' as const, user: 'x' };
  const config = accountConfigSchema.parse({ email: 'a@example.com', primary: { imap, smtp: null } });
  persist(found, 'account', () => void (store.accounts.list()[0] ?? store.accounts.add(config, 0)), read);
  const { id: account } = store.accounts.list()[0]!;
  const columns = 'raw_bytes, codec, line_width, pack_id, pack_offset, pack_bytes, content';
  const insert = handle.db.prepare(`INSERT INTO segments (${columns}) VALUES (?, 0, 0, ?, ?, ?, ?)`);
  for (let n = 1; n <= rounds; n += 1) {
    const mail = frozenMessage(account, { text: 'x'.repeat(n % 3 === 0 ? 30_000 : 300) });
    persist(found, 'mail', () => void store.outbox.add(mail, 'a@example.com', n), read);
    found.mails.set(mail.messageId, sha(mail.raw));
    const record = () => store.ops.record(account, asEntryId(n), { kind: 'set-flags', add: ['\\Seen'], remove: [] }, n);
    persist(found, 'op', () => void found.ops.add(record()), read);
    const bytes = randomBytes(6_000);
    const mirror = () =>
      handle.tx('child.mirror', () => {
        const { place, secret } = handle.packs.append(bytes);
        const { lastInsertRowid } = insert.run(bytes.length, place.packId, place.offset, place.bytes, secret);
        handle.packs.retain(place);
        return Number(lastInsertRowid);
      });
    persist(found, 'mirror', () => void found.segments.set(mirror(), sha(bytes)), read);
    if (n % 4 === 0) persist(found, 'checkpoint', () => [outboxHandle, handle].forEach((one) => one.checkpoint()), read);
  }
  handle.close();
  outboxHandle.close();
}

/** What another start finds: all that was told, whole, and nothing else. */
function inspect(dir: string, found: Finding): void {
  const { handle, outboxHandle } = openProfileStores({ dir, key, clock: systemClock, log: silentLog });
  const store = createEngineStore(handle, outboxHandle);
  readBack(store, found, 'afterwards');
  const ops = handle.db.prepare('SELECT id FROM ops').pluck().all() as number[];
  if (ops.length !== found.ops.size || ops.some((id) => !found.ops.has(id)))
    found.faults.push(`${ops.length} of ${found.ops.size} operations`);
  const segment = handle.db.prepare(
    'SELECT pack_id AS packId, pack_offset AS offset, pack_bytes AS bytes, content FROM segments WHERE id = ?',
  );
  for (const [id, digest] of found.segments) {
    const row = segment.get(id) as { packId: number; offset: number; bytes: number; content: Uint8Array } | undefined;
    if (!row || sha(handle.packs.read(row, row.content)) !== digest) found.faults.push(`segment ${id} cannot be read`);
  }
  for (const { db } of [handle, outboxHandle]) {
    if (db.pragma('integrity_check', { simple: true }) !== 'ok') found.faults.push('a page is damaged');
  }
  handle.close();
  outboxHandle.close();
  const traces = readdirSync(dir).filter((name) => /damaged|mended|mending|suspect/u.test(name));
  if (traces.length > 0) found.faults.push(`taken for damaged: ${traces.join()}`);
}

for (const [n, { at, errno }] of cases.entries()) {
  const dir = join(root, `profile-${n}`);
  const found: Finding = { faults: [], codes: new Set(), mails: new Map(), ops: new Set(), segments: new Map() };
  disk.failFrom(at, errno);
  try {
    live(dir, found);
    disk.heal();
    inspect(dir, found);
  } catch (error) {
    found.faults.push(`stuck: ${String(error)}`);
  }
  process.stdout.write(`${JSON.stringify({ at, errno, changes: disk.changes, faults: found.faults, codes: [...found.codes] })}\n`);
  disk.heal();
  rmSync(dir, { recursive: true, force: true });
}
