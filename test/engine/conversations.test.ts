import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asAccountId, asEntryId, asMailboxId } from '../../shared/model/ids.ts';
import { messageFilterSchema } from '../../shared/model/message.ts';
import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { createConversationStore, type ConversationStore } from '../../main/engine/store/conversations.ts';
import { createThreadStore, threadMates, type ThreadEvidence, type ThreadStore } from '../../main/engine/store/threads.ts';
import { seededRandom, type SeededRandom } from '../support/random.ts';
import { StoreFixture } from '../support/store-fixture.ts';
import { seed } from '../support/this-run.ts';

interface Mail extends ThreadEvidence {
  readonly id: number;
  readonly account: number;
  readonly view: number;
}

/** Mailboxes 1 to 3 of account 1, 4 of account 2; the third is a trash. */
const ROLES = ['inbox', 'sent', 'trash', 'inbox'];

let fixture: StoreFixture;
let store: StoreHandle;
let threads: ThreadStore;
let conversations: ConversationStore;
/** What the conversations asked of the database. */
const asked: string[] = [];
beforeEach(open);
afterEach(close);

function open(): void {
  fixture = new StoreFixture();
  store = fixture.open();
  store.db.pragma('foreign_keys = 0');
  const mailbox = store.db
    .prepare(`INSERT INTO mailboxes (id, account_id, side, path, role, kind, is_subscribed, is_selectable, is_mirrored)
    VALUES (?, ?, 'primary', ?, ?, 'incoming', 1, 1, 1)`);
  for (const [n, role] of ROLES.entries()) mailbox.run(n + 1, n === 3 ? 2 : 1, `Box ${n}`, role);
  threads = createThreadStore(store);
  asked.length = 0;
  const prepare = (sql: string) => (asked.push(sql), store.db.prepare(sql));
  conversations = createConversationStore({ ...store, db: { prepare } as unknown as StoreHandle['db'] });
}

function close(): void {
  store.close();
  fixture.remove();
}

const mail = (id: number, of: Partial<Mail> = {}): Mail => ({
  ...{ id, account: 1, view: 1, messageId: `<${id}@x.example>`, references: [], inReplyTo: null },
  ...of,
});
const answerTo = (id: number, ...ancestors: number[]): Mail => mail(id, { references: ancestors.map((one) => `<${one}@x.example>`) });

const headersOf = ({ id, references, inReplyTo }: Mail): string => {
  const from = [{ name: '', address: `p${id % 4}@x.example` }];
  return JSON.stringify({ from, to: [], cc: [], bcc: [], references, inReplyTo });
};

/** Stores mails as the mirror does; `isOld`: as a version without conversations did. */
function add(mails: readonly Mail[], isOld = false): void {
  const insert = store.db.prepare(`INSERT INTO entries
    (id, account_id, view_mailbox_id, internal_date, message_id, thread_key, subject, preview, headers, size_bytes, has_attachments, attachments, problems,
     flag_bits, side_bits, is_listed, is_quarantined, body_state, is_indexed, thread_id)
    VALUES (?, ?, ?, ?, ?, '', '', '', ?, 1, ?, '[]', '[]', ?, ?, 1, 0, 'complete', 1, ?)`);
  store.tx('test', () => {
    for (const one of mails) {
      const thread = isOld ? 0 : threads.join(asAccountId(one.account), asEntryId(one.id), one);
      const marks = [one.id % 3 === 0 ? 1 : 0, one.id % 4, 1 + (one.id % 3)];
      insert.run(one.id, one.account, one.view, one.id, one.messageId, headersOf(one), ...marks, thread);
    }
  });
}

/** Ids by the group that each is in: sets in order. */
function setsOf(rows: readonly { readonly id: number; readonly group: number }[]): number[][] {
  const sets = new Map<number, number[]>();
  for (const { id, group } of [...rows].sort((a, b) => a.id - b.id)) sets.set(group, [...(sets.get(group) ?? []), id]);
  return [...sets.values()].sort((a, b) => a[0]! - b[0]!);
}

/** Mails by the thread they are in. */
const parts = (): number[][] =>
  setsOf(store.db.prepare('SELECT id, thread_id AS "group" FROM entries').all() as { id: number; group: number }[]);

/** The rows of conversations as they follow from the entries. */
const recounted = () =>
  store.db
    .prepare(
      `SELECT thread_id, view_mailbox_id, max(id) AS newest_id, count(*) AS total, sum(flag_bits & 1 = 0) AS unseen, sum(flag_bits & 2 <> 0) AS flagged,
       sum(has_attachments) AS attachments, sum(side_bits = 2) AS relay FROM entries WHERE is_listed = 1 AND thread_id <> 0
       GROUP BY thread_id, view_mailbox_id ORDER BY thread_id, view_mailbox_id`,
    )
    .all();
const kept = () => store.db.prepare('SELECT * FROM conversations ORDER BY thread_id, view_mailbox_id').all();

/** Trees of mails of which some never came; references are whole, cut off or missing as mail programs have them. */
function forest(random: SeededRandom, size: number): Mail[] {
  const all: { mail: Mail; line: string[] }[] = [];
  for (let id = 1; id <= size; id += 1) {
    const account = random.bool(0.8) ? 1 : 2;
    const parent = random.bool(0.7) ? random.pick([...all.filter(({ mail: { account: of } }) => of === account), null]) : null;
    const line = parent === null ? [] : [...parent.line, parent.mail.messageId ?? ''].filter((one) => one !== '');
    const references = random.bool(0.2) ? [] : random.bool(0.3) ? line.slice(-2) : line;
    const view = account === 2 ? 4 : random.int(1, 3);
    const messageId = random.bool(0.95) ? `<${id}@x.example>` : null;
    all.push({ mail: { id, account, view, messageId, references, inReplyTo: line.at(-1) ?? null }, line });
  }
  return all.map((one) => one.mail).filter(() => random.bool(0.8));
}

/** Mails that name a common Message-ID belong together: found here by going on until nothing changes. */
function partsOf(mails: readonly Mail[]): number[][] {
  const group = new Map(mails.map((one) => [one.id, one.id]));
  const least = new Map<string, number>();
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const one of mails) {
      const names = threadMates(one).map((name) => `${one.account} ${name}`);
      const low = Math.min(group.get(one.id)!, ...names.map((name) => least.get(name) ?? Infinity));
      if (low !== group.get(one.id)) isChanged = true;
      group.set(one.id, low);
      for (const name of names) {
        if (least.get(name) !== undefined && least.get(name)! > low) isChanged = true;
        least.set(name, low);
      }
    }
  }
  return setsOf(mails.map(({ id }) => ({ id, group: group.get(id)! })));
}

describe('threads', () => {
  it('join an answer with what it answers, by References, else by In-Reply-To, never by the subject', () => {
    add([mail(1), answerTo(2, 1), mail(3, { inReplyTo: '<2@x.example>' }), mail(4)]);
    add([mail(5, { references: ['<4@x.example>'], inReplyTo: '<1@x.example>' })]);
    expect(parts()).toEqual([[1, 2, 3], [4, 5]]); // prettier-ignore
  });

  it('join answers to a mail that was never here, and others when what connects them comes later', () => {
    add([answerTo(11, 1, 2), answerTo(12, 1), answerTo(13, 3)]);
    expect(parts()).toEqual([[11, 12], [13]]);
    add([answerTo(14, 2, 3)]);
    expect(parts()).toEqual([[11, 12, 13, 14]]);
  });

  it('keep the mail of accounts apart, and mail without any Message-ID alone', () => {
    add([
      mail(1),
      mail(2, { account: 2, view: 4, references: ['<1@x.example>'] }),
      mail(3, { messageId: null }),
      mail(4, { messageId: null }),
    ]);
    expect(parts()).toEqual([[1], [2], [3], [4]]);
  });

  it('are the same in every order of arrival', () => {
    const random = seededRandom(seed);
    for (let round = 0; round < 8; round += 1) {
      const mails = forest(random, 60);
      const expected = partsOf(mails);
      if (round === 0) expect(expected.filter((one) => one.length > 1).length).toBeGreaterThan(2);
      for (let order = 0; order < 3; order += 1) {
        store.db.exec('DELETE FROM entries');
        add(random.shuffle(mails));
        expect(parts(), `seed ${seed} round ${round}`).toEqual(expected);
        expect(kept()).toEqual(recounted());
      }
    }
  });

  it('take loops and a thousand ancestors as they are, in bounded time', () => {
    add([answerTo(1, 2), answerTo(2, 1), answerTo(3, 3)]);
    const many = Array.from({ length: 1_000 }, (_, n) => 1_000 + n);
    add([answerTo(4, ...many)]);
    expect(threadMates(answerTo(4, ...many))).toHaveLength(31);
    add([mail(many[0]!), mail(many[500]!), mail(many[999]!)]);
    expect(parts()).toEqual([[1, 2], [3], [4, many[0], many[999]], [many[500]]]);
    // Every mail of a long conversation could move with every other: they move a few times each.
    const pairs = Array.from({ length: 600 }, (_, n) => mail(10_000 + n));
    add(pairs);
    const started = performance.now();
    add(pairs.map((one, n) => mail(20_000 + n, { references: [one.messageId!, pairs[Math.max(0, n - 1)]!.messageId!] })));
    expect(parts().at(-1)).toHaveLength(1_200);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('of a store from before are made in portions, whenever that is broken off, and are the same', () => {
    const random = seededRandom(seed + 1);
    const mails = forest(random, 120);
    add(mails.slice(0, 70), true);
    expect(threads.isComplete()).toBe(false);
    expect(kept()).toEqual([]);
    threads.joinPortion(20);
    // Ended here, opened again; meanwhile new mail comes.
    threads = createThreadStore(store);
    add(mails.slice(70));
    while (threads.joinPortion(20));
    expect(threads.isComplete()).toBe(true);
    expect(parts()).toEqual(partsOf(mails));
    expect(kept()).toEqual(recounted());
  });

  it('are forgotten with their last mail', () => {
    add([answerTo(1, 7, 8, 9), answerTo(2, 7)]);
    const ids = () => store.db.prepare('SELECT count(*) FROM thread_ids').pluck().get();
    store.db.exec('DELETE FROM entries WHERE id = 1');
    expect(ids()).toBe(5);
    store.db.exec('DELETE FROM entries WHERE id = 2');
    expect([ids(), kept()]).toEqual([0, []]);
  });
});

describe('conversations of a mailbox', () => {
  it('follow their mails through every change', () => {
    const random = seededRandom(seed + 2);
    add(forest(random, 80));
    const change = [
      'UPDATE entries SET flag_bits = abs(random() % 4) WHERE id = ?',
      'UPDATE entries SET is_listed = 1 - is_listed WHERE id = ?',
      'UPDATE entries SET view_mailbox_id = 1 + abs(random() % 3), flag_bits = 3 - flag_bits, is_listed = 1 WHERE id = ? AND account_id = 1',
      'UPDATE entries SET has_attachments = 1 - has_attachments, side_bits = 1 + abs(random() % 2) WHERE id = ?',
      'DELETE FROM entries WHERE id = ?',
    ].map((sql) => store.db.prepare(sql));
    for (let n = 0; n < 600; n += 1) {
      change[n % 60 === 0 ? 4 : random.int(0, 3)]!.run(random.int(1, 80));
      if (n % 5 === 0) expect(kept(), `seed ${seed} step ${n}`).toEqual(recounted());
    }
  });

  it('are one row each, newest first, with the marks of all, and found by each filter', () => {
    const random = seededRandom(seed + 3);
    add(forest(random, 300));
    const boxes = [1, 4].map(asMailboxId);
    for (const filter of messageFilterSchema.options) {
      const column = { all: 'total', unseen: 'unseen', flagged: 'flagged', attachments: 'attachments', relay: 'relay' }[filter];
      const expected = store.db.prepare(`SELECT newest_id FROM conversations WHERE view_mailbox_id IN (1, 4) AND ${column} > 0 ORDER BY newest_id DESC`).pluck().all(); // prettier-ignore
      const { total, rows } = conversations.page(boxes, filter, 5, 40);
      expect(total).toBe(expected.length);
      expect(rows.map(({ id }) => id)).toEqual(expected.slice(5, 45));
    }
    const merged = [...new Set(asked)].filter((sql) => sql.includes('UNION ALL'));
    expect(merged).toHaveLength(messageFilterSchema.options.length);
    for (const sql of merged) {
      const plan = (store.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(1, 4, 50, 0) as { detail: string }[]).map(({ detail }) => detail);
      expect(plan.filter((line) => line.includes('MERGE (UNION ALL)')).length, plan.join('\n')).toBe(1);
      expect(
        plan.filter((line) => line.includes('USING COVERING INDEX conversations_by_view')),
        plan.join('\n'),
      ).toHaveLength(2);
    }
  });

  it('show the mails of all mailboxes but the trash, oldest first, and act on those of their own', () => {
    add([
      mail(1),
      mail(2, { view: 2, references: ['<1@x.example>'] }),
      answerTo(3, 1, 2),
      mail(4, { view: 3, references: ['<1@x.example>'] }),
    ]);
    add([mail(9)]);
    const [single, row] = conversations.page([asMailboxId(1)], 'all', 0, 10).rows;
    expect(row).toMatchObject({ id: 3, conversation: { here: 2, total: 3 }, isSeen: true, isFlagged: true, hasAttachments: true });
    expect(row!.people.map(({ address }) => address)).toEqual(['p1@x.example', 'p2@x.example', 'p3@x.example']);
    expect(single).toMatchObject({ id: 9, conversation: { here: 1, total: 1 } });
    const { mails, omitted } = conversations.mails(asEntryId(3), 10);
    expect([mails.map(({ row: { id }, viewMailboxId }) => [id, viewMailboxId]), omitted]).toEqual([[[1, 1], [2, 2], [3, 1]], 0]); // prettier-ignore
    expect(conversations.mails(asEntryId(4), 10).mails.map((one) => one.row.id)).toEqual([1, 2, 3, 4]);
    const cut = conversations.mails(asEntryId(3), 2);
    expect([cut.mails.map((one) => one.row.id), cut.omitted]).toEqual([[2, 3], 1]);
    expect(conversations.mates([asEntryId(3), asEntryId(9)])).toEqual([3, 1, 9]);
  });
});
