import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../shared/limits.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { createSourceStore } from '../../main/engine/store/sources.ts';
import { StoreFixture } from '../support/store-fixture.ts';
import { codeOf, failureOf } from '../support/error-code.ts';
import { isFull } from '../support/this-run.ts';

/** Where packs have to be filled, they and the mails are so much smaller in the sampled run: what is done with a full one is the same. */
const SHARE = isFull ? 1 : 8;
const LARGE = 1_000_000 / SHARE;
const bounds: { packBytes: number } = limits;
const { packBytes: PACK_BYTES } = limits;

const ingest = createInlineIngest();
let fixture: StoreFixture;
let store: StoreHandle;
beforeEach(() => {
  bounds.packBytes = PACK_BYTES / SHARE;
  fixture = new StoreFixture();
  store = fixture.open();
});
afterEach(() => {
  store.close();
  fixture.remove();
  bounds.packBytes = PACK_BYTES;
});

const folder = (): string => `${fixture.path}.packs`;
const packs = (dir = folder()): string[] =>
  existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => name !== 'owner')
        .sort()
    : [];
const packBytes = (): number => packs().reduce((sum, name) => sum + statSync(join(folder(), name)).size, 0);
const reopen = (): void => {
  store.close();
  store = fixture.open();
};

/** A mail with this many bytes of attachment that nobody can compress. */
function mailWith(bytes: number): Buffer {
  const lines = randomBytes(bytes)
    .toString('base64')
    .replace(/(.{76})/gu, '$1\r\n');
  const head = 'Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  return Buffer.from(`${head}${lines}\r\n`);
}

async function record(raw: Buffer): Promise<SourceId> {
  const read = await ingest.ingest(raw);
  return store.tx('test.record', () => createSourceStore(store).record(read));
}
const rawOf = (id: SourceId): Buffer => Buffer.concat([...createSourceStore(store).raw(id)]);
const remove = (...ids: SourceId[]): void => {
  store.tx('test.remove', () => createSourceStore(store).removeUnreferenced(ids));
};
describe('large segments', () => {
  it('come back byte for byte, also after a restart', async () => {
    const mails = [mailWith(10_000), mailWith(300_000), mailWith(1_500_000)];
    const ids: SourceId[] = [];
    for (const raw of mails) ids.push(await record(raw));
    expect(packBytes()).toBeGreaterThan(1_800_000);
    const isEqual = (): boolean[] => ids.map((id, n) => rawOf(id).equals(mails[n]!));
    expect(isEqual()).toEqual([true, true, true]);
    reopen();
    expect(isEqual()).toEqual([true, true, true]);
  });

  it('are shared: a second mail with the same attachment adds none', async () => {
    const raw = mailWith(100_000);
    await record(raw);
    const before = packBytes();
    const other = Buffer.concat([Buffer.from('X-Other: 1\r\n'), raw]);
    const id = await record(other);
    expect(packBytes()).toBe(before);
    expect(rawOf(id).equals(other)).toBe(true);
  });

  it('are readable by their owner only, and hold nothing readable', async () => {
    const text = 'KANARIENVOGEL und mehr Text, '.repeat(4000);
    const mail = Buffer.from(`Subject: x\r\nContent-Type: text/plain\r\n\r\n${text}`);
    const zeros = Buffer.from(
      `Content-Transfer-Encoding: base64\r\nContent-Type: a/b\r\n\r\n${mailWith(60_000).toString('latin1').slice(-60_000)}`,
    );
    await record(mail);
    await record(zeros);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    for (const name of packs()) {
      const file = join(folder(), name);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file).includes('KANARIEN')).toBe(false);
    }
  });

  it('cannot be read once their row is gone, whatever copy of the pack is left', async () => {
    const raw = mailWith(50_000);
    const id = await record(raw);
    const secret = (store.db.prepare('SELECT content FROM segments WHERE pack_id IS NOT NULL').get() as { content: Buffer }).content;
    remove(id);
    store.checkpoint();
    // The key is in no page any more: secure_delete has overwritten it.
    const plain = store.db.serialize();
    expect(plain.includes(secret.subarray(0, 32))).toBe(false);
  });

  it('name the one mail whose bytes were altered, and leave the others alone', async () => {
    const [a, b] = [await record(mailWith(20_000)), await record(mailWith(20_000))];
    const file = join(folder(), packs()[0]!);
    const bytes = readFileSync(file);
    bytes[100]! ^= 1;
    writeFileSync(file, bytes);
    expect(await failureOf(() => rawOf(a))).toMatchObject({ code: 'store-corrupt', scope: 'message' });
    expect(codeOf(() => rawOf(b))).toBe('no error');
  });
});

describe('after an end at any point', () => {
  it('cuts off what was appended and never committed', async () => {
    const raw = mailWith(30_000);
    const id = await record(raw);
    const size = packBytes();
    appendFileSync(join(folder(), packs()[0]!), randomBytes(5000));
    reopen();
    expect(packBytes()).toBe(size);
    expect(rawOf(id)).toEqual(raw);
    const next = mailWith(30_000);
    expect(rawOf(await record(next))).toEqual(next);
  });

  it('keeps what was committed when a transaction is rolled back, also the one that made the pack', async () => {
    const first = await ingest.ingest(mailWith(30_000));
    const fail = (): never => {
      throw new Error('stop');
    };
    expect(() => store.tx('test', () => (createSourceStore(store).record(first), fail()))).toThrow('stop');
    const raw = mailWith(30_000);
    const id = await record(raw);
    const second = await ingest.ingest(mailWith(30_000));
    expect(() => store.tx('test', () => (createSourceStore(store).record(second), fail()))).toThrow('stop');
    const last = mailWith(30_000);
    const lastId = await record(last);
    expect([rawOf(id), rawOf(lastId)]).toEqual([raw, last]);
    reopen();
    expect([rawOf(id), rawOf(lastId)]).toEqual([raw, last]);
    expect(packs()).toHaveLength(1);
  });

  it('removes files that no row knows of', async () => {
    await record(mailWith(30_000));
    writeFileSync(join(folder(), '000099.pack'), randomBytes(100));
    writeFileSync(join(folder(), 'notes.txt'), 'not ours');
    reopen();
    expect(packs()).toEqual(['000001.pack', 'notes.txt']);
  });

  /** A store whose database was moved away, alone, as a person in need may do. */
  async function movedAway(): Promise<{ raw: Buffer; id: SourceId; putBack: () => void; digest: () => string }> {
    const raw = mailWith(30_000);
    const id = await record(raw);
    store.close();
    const names = ['', '.keycheck'].map((suffix) => fixture.path + suffix);
    for (const name of names) renameSync(name, `${name}.old`);
    const digest = () => {
      const dirs = readdirSync(fixture.dir).filter((name) => name.includes('.packs'));
      const files = dirs.flatMap((dir) => packs(join(fixture.dir, dir)).map((name) => join(fixture.dir, dir, name)));
      return files.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex')).join();
    };
    const putBack = () => {
      store.close();
      for (const name of names) {
        renameSync(name, `${name}.new`);
        renameSync(`${name}.old`, name);
      }
    };
    return { raw, id, putBack, digest };
  }

  it('never removes packs that another database may point to: a new one beside them begins in a folder of its own', async () => {
    const { raw, id, putBack, digest } = await movedAway();
    const before = digest();
    store = fixture.open();
    expect(digest()).toBe(before);
    expect(packs()).toEqual([]);
    const other = mailWith(40_000);
    const otherId = await record(other);
    reopen();
    expect(rawOf(otherId)).toEqual(other);
    // The old database comes back: its packs with it, and those of the new one stay.
    putBack();
    store = fixture.open();
    expect(rawOf(id)).toEqual(raw);
    store.close();
    for (const suffix of ['', '.keycheck']) {
      renameSync(fixture.path + suffix, `${fixture.path + suffix}.old`);
      renameSync(`${fixture.path + suffix}.new`, fixture.path + suffix);
    }
    store = fixture.open();
    expect(rawOf(otherId)).toEqual(other);
  });

  it('does the same with a folder from before owners were noted, and keeps it where the rows point into it', async () => {
    writeFileSync(join(folder(), 'owner'), '');
    const { raw, id, putBack, digest } = await movedAway();
    const before = digest();
    store = fixture.open();
    expect(digest()).toBe(before);
    expect(packs()).toEqual([]);
    putBack();
    rmSync(folder(), { recursive: true });
    renameSync(`${folder()}.set-aside`, folder());
    store = fixture.open();
    expect(rawOf(id)).toEqual(raw);
  });

  it.each([
    ['cut short', (file: string) => truncateSync(file, 25_000)],
    ['gone', (file: string) => rmSync(file)],
  ])('notes mails as missing whose pack is %s, so that they are fetched again', async (kind, harm) => {
    const kept = await record(mailWith(20_000));
    const lost = await record(mailWith(20_000));
    store.db.exec(`
      INSERT INTO accounts (id, email, config, created_at) VALUES (1, 'a@example.com', '{}', 0);
      INSERT INTO mailboxes (id, account_id, side, path, role, kind, is_subscribed, is_selectable, is_mirrored)
        VALUES (1, 1, 'primary', 'INBOX', 'inbox', 'incoming', 1, 1, 1);
      INSERT INTO entries (id, account_id, view_mailbox_id, internal_date, thread_key, subject, preview, headers, size_bytes,
        has_attachments, attachments, problems, flag_bits, side_bits, is_listed, is_quarantined, body_state, source_id, is_indexed)
        VALUES (1, 1, 1, 0, 'x', 's', '', '{}', 1, 0, '[]', '[]', 0, 1, 1, 0, 'complete', ${lost}, 1);
      INSERT INTO placements (entry_id, mailbox_id, side, uid_validity, uid, flags, internal_date, size_bytes, summary_digest,
        structure_digest, source_id, body_state, fetch_attempts, state, state_since)
        VALUES (1, 1, 'primary', 1, 1, '', 0, 1, x'00', '', ${lost}, 'complete', 2, 'present', 0);`);
    store.close();
    harm(join(folder(), packs()[0]!));
    store = fixture.open();
    expect(store.db.prepare('SELECT source_id AS s, body_state AS b, fetch_attempts AS n FROM placements').get()).toEqual({
      s: null,
      b: 'missing',
      n: 0,
    });
    expect(store.db.prepare('SELECT body_state AS b, is_listed AS l FROM entries').get()).toEqual({ b: 'missing', l: 1 });
    expect(codeOf(() => rawOf(kept))).toBe('no error');
    expect(createSourceStore(store).storedBytes(kept)).toBe(kind === 'gone' ? 0 : createSourceStore(store).storedBytes(kept));
    const again = mailWith(20_000);
    expect(rawOf(await record(again))).toEqual(again);
    expect(store.db.pragma('foreign_key_check')).toEqual([]);
  });
});

describe('segments written ahead of their transaction', () => {
  const ahead = async (raw: Buffer) => {
    const read = await ingest.ingest(raw);
    return { ...read, segments: createSourceStore(store).writeAhead(read.segments) };
  };
  const recordAhead = (read: Awaited<ReturnType<typeof ahead>>): SourceId =>
    store.tx('test.record', () => createSourceStore(store).record(read));

  it('hold no content in memory, and come back byte for byte', async () => {
    const raw = mailWith(300_000);
    const read = await ahead(raw);
    const inMemory = read.segments.reduce((sum, one) => sum + ('content' in one ? one.content.length : 0), 0);
    expect(inMemory).toBeLessThan(2 * limits.packedFromBytes);
    const id = recordAhead(read);
    expect(rawOf(id)).toEqual(raw);
    reopen();
    expect(rawOf(id)).toEqual(raw);
  });

  it('are cut off at the next opening when their transaction never came', async () => {
    const kept = await record(mailWith(30_000));
    const size = packBytes();
    await ahead(mailWith(200_000));
    expect(packBytes()).toBeGreaterThan(size + 150_000);
    reopen();
    expect(packBytes()).toBe(size);
    expect(codeOf(() => rawOf(kept))).toBe('no error');
  });

  it('survive the failure of another transaction in between', async () => {
    const raw = mailWith(50_000);
    const read = await ahead(raw);
    const other = await ingest.ingest(mailWith(20_000));
    expect(() =>
      store.tx('test', () => {
        createSourceStore(store).record(other);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    const id = recordAhead(read);
    reopen();
    expect(rawOf(id)).toEqual(raw);
  });

  it('are stored once when two mails of one transaction carry the same attachment', async () => {
    const raw = mailWith(60_000);
    const other = Buffer.concat([Buffer.from('X-Other: 1\r\n'), raw]);
    const [first, second] = [await ahead(raw), await ahead(other)];
    const ids = store.tx('test', () => [createSourceStore(store).record(first), createSourceStore(store).record(second)]);
    expect(ids.map(rawOf)).toEqual([raw, other]);
    const { n } = store.db.prepare('SELECT count(*) AS n FROM segments WHERE pack_id IS NOT NULL').get() as { n: number };
    expect(n).toBe(first.segments.filter((one) => 'sealed' in one).length);
  });

  it('keep their pack from being given back until they are recorded or abandoned', async () => {
    const waiting = await ahead(mailWith(20_000));
    const mails: SourceId[] = [];
    for (let n = 0; n < 70; n += 1) mails.push(await record(mailWith(LARGE)));
    expect(packs().length).toBeGreaterThan(1);
    remove(...mails);
    const before = packs();
    store.compact();
    expect(packs()).toContain(before[0]);
    createSourceStore(store).abandon(waiting.segments);
    store.compact();
    expect(packs()).not.toContain(before[0]);
  });
});

describe('room of deleted mail', () => {
  async function fill(count: number, bytes: number): Promise<{ id: SourceId; sum: string }[]> {
    const made: { id: SourceId; sum: string }[] = [];
    for (let n = 0; n < count; n += 1) {
      const raw = mailWith(bytes);
      made.push({ id: await record(raw), sum: createHash('sha256').update(raw).digest('hex') });
    }
    return made;
  }
  const sumOf = (id: SourceId): string => createHash('sha256').update(rawOf(id)).digest('hex');

  it('is given back when most of a pack is gone, and the rest is moved on unharmed', async () => {
    const mails = await fill(75, LARGE);
    expect(packs()).toHaveLength(2);
    const isKept = (n: number): boolean => n % 5 === 0;
    remove(...mails.filter((_, n) => !isKept(n)).map((one) => one.id));
    const before = packBytes();
    expect(store.compact()).toBeGreaterThan(limits.packBytes / 2);
    expect(packBytes()).toBeLessThan(before / 2);
    expect(existsSync(join(folder(), '000001.pack'))).toBe(false);
    const kept = mails.filter((_, n) => isKept(n));
    expect(kept.map(({ id }) => sumOf(id))).toEqual(kept.map(({ sum }) => sum));
    reopen();
    expect(kept.map(({ id }) => sumOf(id))).toEqual(kept.map(({ sum }) => sum));
    const { end, live } = store.db.prepare('SELECT sum(end_bytes) AS end, sum(live_bytes) AS live FROM packs').get() as Record<
      string,
      number
    >;
    expect(end).toBe(packBytes());
    expect(live).toBe((store.db.prepare('SELECT sum(pack_bytes) AS n FROM segments').get() as { n: number }).n);
  });

  it('waits while a copy of the database from before a migration still points there', async () => {
    const mails = await fill(70, LARGE);
    remove(...mails.map((one) => one.id));
    writeFileSync(`${fixture.path}.before-migration`, 'old');
    expect(store.compact()).toBe(0);
    expect(packs()).toHaveLength(2);
    rmSync(`${fixture.path}.before-migration`);
    expect(store.compact()).toBeGreaterThan(0);
    expect(packs()).toHaveLength(1);
  });
});
