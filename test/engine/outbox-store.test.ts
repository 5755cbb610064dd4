import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asAccountId, type OutboxId } from '../../shared/model/ids.ts';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { DatabaseHandle } from '../../main/engine/store/contract.ts';
import { migrate, schemaVersion } from '../../main/engine/store/migrate.ts';
import { nativeBinding } from '../../main/engine/store/native-binding.ts';
import { openOutbox, outboxMigrations } from '../../main/engine/store/open-outbox.ts';
import { openProfileStores } from '../../main/engine/store/open-profile.ts';
import { createOutboxStore, type OutboxStore } from '../../main/engine/store/outbox.ts';
import { sha256 } from '../../main/engine/store/outbox-bytes.ts';
import { verifyPragmas } from '../../main/engine/store/pragmas.ts';
import { frozenMessage } from '../support/frozen.ts';
import { StoreFixture } from '../support/store-fixture.ts';
import { codeOf } from '../support/error-code.ts';

const one = asAccountId(1);
const two = asAccountId(2);
let fixture: StoreFixture;
let handle: DatabaseHandle;
let store: OutboxStore;
const path = () => join(fixture.dir, 'outbox.db');
const open = (): DatabaseHandle => openOutbox({ path: path(), key: fixture.key, clock: systemClock, log: silentLog });
beforeEach(() => {
  fixture = new StoreFixture();
  handle = open();
  store = createOutboxStore(handle);
});
afterEach(() => {
  handle.close();
  fixture.remove();
});

const reopen = (): void => {
  handle.close();
  handle = open();
  store = createOutboxStore(handle);
};

describe('the file of unsent mail', () => {
  it('has every setting on each open, encrypted like the other store', () => {
    for (let n = 0; n < 3; n += 1) {
      expect(() => verifyPragmas(handle.db)).not.toThrow();
      reopen();
    }
    store.add(frozenMessage(one, { subject: 'CANARY-77aa' }), 'a@example.com', 1);
    handle.checkpoint();
    expect(readFileSync(path()).includes('CANARY-77aa')).toBe(false);
    handle.close();
    expect(codeOf(() => openOutbox({ path: path(), key: randomBytes(32), clock: systemClock, log: silentLog }))).toBe('store-key-wrong');
  });

  it('is open in one process only', () => {
    expect(codeOf(open)).toBe('store-in-use');
  });

  it.each(outboxMigrations.map((each) => each.version))('migration %i starts from what was before it', (version) => {
    const binding = nativeBinding();
    const db = new Database(':memory:', binding ? { nativeBinding: binding } : {});
    migrate(
      db,
      outboxMigrations.filter((each) => each.version < version),
    );
    migrate(
      db,
      outboxMigrations.filter((each) => each.version <= version),
    );
    expect(schemaVersion(db)).toBe(version);
    const tables = db.prepare("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all();
    expect((tables as { strict: number }[]).every((each) => each.strict === 1)).toBe(true);
    db.close();
  });

  it('survives whatever happens to the store of mirrored mail (S6)', () => {
    handle.close();
    const stores = { dir: fixture.dir, key: fixture.key, clock: systemClock, log: silentLog };
    const both = openProfileStores(stores);
    const id = createOutboxStore(both.outboxHandle).add(frozenMessage(one), 'a@example.com', 1);
    both.handle.close();
    both.outboxHandle.close();
    const bytes = readFileSync(fixture.path);
    bytes.fill(0x55, 16, 4096);
    writeFileSync(fixture.path, bytes);
    const again = openProfileStores(stores);
    expect(createOutboxStore(again.outboxHandle).get(id).state).toBe('queued');
    again.handle.close();
    again.outboxHandle.close();
    const aside = readdirSync(fixture.dir).find((name) => name.startsWith('mail.db.damaged-')) ?? '';
    expect(readFileSync(join(fixture.dir, aside)).equals(bytes)).toBe(true);
    handle = open();
  });
});

describe('mail handed over', () => {
  it('is kept byte by byte, large ones in pieces', () => {
    const raw = randomBytes(1_000_000);
    const frozen = frozenMessage(one, { raw, bcc: ['c@example.com'], original: { entryId: 5 as never, kind: 'reply' } });
    const id = store.add(frozen, 'a@example.com', 7);
    reopen();
    const row = store.get(id);
    expect(row).toMatchObject({ state: 'queued', messageId: frozen.messageId, sizeBytes: 1_000_000, bcc: ['c@example.com'], createdAt: 7 });
    expect(row.original).toEqual({ entryId: 5, kind: 'reply' });
    expect(row.recipients.map((each) => [each.address, each.state])).toEqual([['bernd@example.com', 'pending']]);
    expect(Buffer.concat([...store.bytes.pieces(id)]).equals(raw)).toBe(true);
    expect(Buffer.from(store.bytes.digest(id)).equals(sha256(raw))).toBe(true);
    expect(Buffer.from(row.rawSha256).equals(sha256(raw))).toBe(true);
  });

  it('is set aside and shown when its row cannot be read, never dropped', () => {
    const ids = ["shown_to = 'nonsense'", "error = '{}'", "raw_sha256 = x'00'", 'original = \'{"kind":"x"}\''].map((damage) => {
      const id = store.add(frozenMessage(one), 'a@example.com', 1);
      handle.db.exec(`UPDATE outbox SET ${damage} WHERE id = ${id}`);
      return id;
    });
    const lost = store.add(frozenMessage(one), 'a@example.com', 1);
    handle.db.exec(`DELETE FROM outbox_recipients WHERE outbox_id = ${lost}`);
    const shown = store.shown(0);
    expect(shown.map((row) => row.state)).toEqual(Array<string>(5).fill('quarantined'));
    expect(shown.map((row) => row.id)).toEqual([...ids, lost].reverse());
    expect(shown.every((row) => row.subject.startsWith('subject'))).toBe(true);
  });

  it('changes hands only under its claim', () => {
    const id = store.add(frozenMessage(one), 'a@example.com', 1);
    store.change(id, { state: 'submitting', claimedBy: 'me' });
    expect(store.changeClaimed(id, 'other', { bodyStarted: true })).toBe(false);
    expect(store.changeClaimed(id, 'me', { bodyStarted: true, error: null, sentStep: { tries: 1, looks: 0 } })).toBe(true);
    expect(store.get(id)).toMatchObject({ bodyStarted: true, sentStep: { tries: 1, looks: 0 } });
  });

  it('finds its account again by the address, also when two changed places', () => {
    const first = store.add(frozenMessage(one), 'a@example.com', 1);
    const second = store.add(frozenMessage(two), 'b@example.com', 1);
    expect(
      store.adopt([
        { id: one, email: 'B@example.com' },
        { id: two, email: 'a@example.com' },
      ]),
    ).toBe(2);
    expect([store.get(first).accountId, store.get(second).accountId]).toEqual([2, 1]);
    store.removeAccount(one);
    expect(store.find(second)).toBeNull();
    expect(handle.db.prepare('SELECT count(DISTINCT outbox_id) FROM outbox_chunks').pluck().get()).toBe(1);
  });

  it('keeps attempts and look-ups with what servers said', () => {
    const id = store.add(frozenMessage(one), 'a@example.com', 1);
    const attempt = store.evidence.beginAttempt(id, 10, 'relay');
    store.evidence.notePhase(attempt, 'body');
    expect(store.evidence.attempts(id)).toMatchObject([{ startedAt: 10, endedAt: null, route: 'relay', phase: 'body' }]);
    const error = { code: 'smtp-refused' as const, scope: 'message' as const, retry: 'later' as const, side: 'relay' as const, detail: '' };
    store.evidence.endAttempt(attempt, {
      ...{
        endedAt: 20,
        phase: 'replied',
        verdict: 'transient',
        replyCode: 451,
        reply: 'later',
        enhancedCode: '4.7.1',
        queueId: null,
        error,
      },
    });
    expect(store.evidence.attempts(id)).toMatchObject([{ endedAt: 20, replyCode: 451, error }]);
    store.evidence.addLookUp(id, { at: 30, side: 'primary', searched: ['Sent'], foundIn: null, error: null });
    store.evidence.addLookUp(id, { at: 40, side: 'primary', searched: [], foundIn: null, error });
    expect(store.evidence.lookUps(id)).toHaveLength(2);
    expect(store.evidence.searched(id, 'primary', 0)).toEqual({ count: 1, lastAt: 30 });
  });

  it('is forgotten only when it ended and its copy is no longer awaited', () => {
    const ids = [1, 2, 3].map(() => store.add(frozenMessage(one), 'a@example.com', 1)) as [OutboxId, OutboxId, OutboxId];
    store.change(ids[0], { state: 'filed', sentCopy: 'filed', endedAt: 50 });
    store.change(ids[1], { state: 'rejected', sentCopy: 'waiting', endedAt: 50 });
    expect(store.forgetEnded(60, 40)).toBe(0);
    expect([...store.bytes.pieces(ids[0])]).toEqual([]);
    expect(store.forgetEnded(60, 60)).toBe(1);
    expect(store.inStates(one, ['queued', 'rejected']).map((row) => row.id)).toEqual([ids[1], ids[2]]);
  });
});
