import { afterAll, beforeAll, expect, it } from 'vitest';
import { asMailboxId } from '../../shared/model/ids.ts';
import { ALL_INBOXES, viewMailboxSchema } from '../../shared/model/mailbox.ts';
import { messageFilterSchema, type MessageFilter, type MessageRow } from '../../shared/model/message.ts';
import type { StoreHandle } from '../../main/engine/store/contract.ts';
import { parseListKey, viewMailboxes } from '../../main/engine/read/view-mailboxes.ts';
import type { EngineStore } from '../../main/engine/store/engine-store.ts';
import { createListStore, type ListStore } from '../../main/engine/store/lists.ts';
import { seededRandom } from '../support/random.ts';
import { StoreFixture } from '../support/store-fixture.ts';

const MAILS = 3_000;
/** Of three accounts; the fourth mailbox is no inbox. */
const INBOXES = [1, 2, 3].map(asMailboxId);

let fixture: StoreFixture;
let store: StoreHandle;
let lists: ListStore;
/** What the list asked of the database. */
const asked: string[] = [];

beforeAll(() => {
  fixture = new StoreFixture();
  store = fixture.open();
  store.db.pragma('foreign_keys = 0');
  fill();
  const prepare = (sql: string) => (asked.push(sql), store.db.prepare(sql));
  lists = createListStore({ ...store, db: { prepare } as unknown as StoreHandle['db'] });
});
afterAll(() => {
  store.close();
  fixture.remove();
});

function fill(): void {
  const random = seededRandom(20261128);
  const mailbox = store.db
    .prepare(`INSERT INTO mailboxes (id, account_id, side, path, role, kind, is_subscribed, is_selectable, is_mirrored)
    VALUES (?, ?, 'primary', ?, 'inbox', 'incoming', 1, 1, 1)`);
  for (const id of [...INBOXES, asMailboxId(4)]) mailbox.run(id, id, `Box ${id}`);
  const entry = store.db.prepare(`INSERT INTO entries
    (id, account_id, view_mailbox_id, internal_date, thread_key, subject, preview, headers, size_bytes, has_attachments, attachments, problems, flag_bits,
     side_bits, is_listed, is_quarantined, body_state, is_indexed)
    VALUES (?, ?, ?, ?, '', '', '', '{"from":[],"to":[],"cc":[],"bcc":[]}', 1, ?, '[]', '[]', ?, ?, ?, 0, 'complete', 1)`);
  store.tx('test', () => {
    for (let id = 1; id <= MAILS; id += 1) {
      const box = random.int(1, 4);
      entry.run(id, box, box, id, random.int(0, 1), random.int(0, 3), random.int(1, 3), Number(random.bool(0.9)));
    }
  });
}

function wanted(row: MessageRow, filter: MessageFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'unseen':
      return !row.isSeen;
    case 'flagged':
      return row.isFlagged;
    case 'attachments':
      return row.hasAttachments;
    case 'relay':
      return row.sides.join('') === 'relay';
  }
}

it.each(messageFilterSchema.options)('all inboxes are one list, newest first: %s', (filter) => {
  const each = INBOXES.flatMap((mailboxId) => lists.page({ mailboxId }, 'all', 0, MAILS).rows);
  const expected = each.filter((row) => wanted(row, filter)).sort((a, b) => b.id - a.id);
  expect(expected.length).toBeGreaterThan(100);
  for (const [offset, limit] of [
    [0, 50],
    [50, 50],
    [expected.length - 10, 50],
    [expected.length, 50],
  ] as const) {
    // prettier-ignore
    const page = lists.page({ mailboxIds: INBOXES }, filter, offset, limit);
    expect(page).toEqual({ total: expected.length, rows: expected.slice(offset, offset + limit) });
  }
});

it('counts as the mailboxes do', () => {
  const each = INBOXES.map((mailboxId) => lists.counts({ mailboxId }));
  const sum = each.reduce((all, one) => ({ total: all.total + one.total, unseen: all.unseen + one.unseen }));
  expect(lists.counts({ mailboxIds: INBOXES })).toEqual(sum);
  expect(lists.page({ mailboxIds: [] }, 'all', 0, 50)).toEqual({ total: 0, rows: [] });
});

it('is read by a merge of indexes, and nothing is sorted', () => {
  for (const filter of messageFilterSchema.options) lists.page({ mailboxIds: INBOXES }, filter, 100, 50);
  const merged = [...new Set(asked)].filter((sql) => sql.includes('UNION ALL'));
  expect(merged).toHaveLength(messageFilterSchema.options.length);
  for (const sql of merged) {
    const holes = Array.from({ length: sql.split('?').length - 1 }, () => 1);
    const plan = (store.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...holes) as { detail: string }[]).map(({ detail }) => detail);
    const inner = plan.slice(plan.findIndex((line) => line.includes('MERGE')));
    expect(plan.filter((line) => line.includes('MERGE (UNION ALL)')).length, plan.join('\n')).toBeGreaterThan(0);
    expect(
      inner.filter((line) => line.includes('USING COVERING INDEX entries_by_view')),
      plan.join('\n'),
    ).toHaveLength(INBOXES.length);
    expect(inner.filter((line) => /^SCAN entries\b(?!.*INDEX)/u.test(line))).toEqual([]);
  }
});

it('are empty, and fit what the window expects, before an account has been looked at', () => {
  const accounts = [1, 2].map((id) => ({ id }));
  const empty = {
    accounts: { list: () => accounts },
    mailboxes: { list: () => [] },
    coverage: { missingByMailbox: () => new Map() },
    lists,
  };
  const [all] = viewMailboxes(empty as unknown as EngineStore);
  expect(viewMailboxSchema.parse(all)).toMatchObject({ key: ALL_INBOXES, total: 0, unseen: 0, coveredSince: null });
});

/** Three accounts; of each mailbox its id is the number of its messages. */
function storeWith(...boxes: readonly (readonly [id: number, accountId: number, role: string, side?: string])[]): EngineStore {
  const all = boxes.map(([id, accountId, role, side = 'primary']) => ({
    ...{ id, accountId, role, side, path: role, delimiter: '/', isMirrored: true, vanishedAt: null, heldSince: null, coveredSince: id },
  }));
  const counted = { counts: (key: object) => ({ total: 'mailboxId' in key ? Number(key.mailboxId) : 0, unseen: 1 }) };
  return {
    accounts: { list: () => [1, 2, 3].map((id) => ({ id })) },
    mailboxes: { list: (accountId: number) => all.filter((one) => one.accountId === accountId) },
    coverage: { missingByMailbox: (accountId: number) => new Map(accountId === 3 ? [[8, 4]] : []) },
    lists: counted,
  } as unknown as EngineStore;
}
const unifiedOf = (store: EngineStore) => viewMailboxes(store).filter(({ accountId }) => accountId === null);

it('so are all drafts and all sent mail, where more than one account has them; the relay’s count once', () => {
  const store = storeWith(
    [1, 1, 'inbox'],
    [2, 2, 'inbox'],
    [4, 2, 'sent'],
    [5, 2, 'sent', 'relay'],
    [8, 3, 'sent'],
    [16, 3, 'drafts'],
    [32, 1, 'trash'],
  );
  expect(unifiedOf(store)).toMatchObject([
    { key: 'all:inbox', role: 'inbox', total: 3 },
    { key: 'all:sent', role: 'sent', total: 12, unseen: 2, isComplete: false, missingBodies: 4, coveredSince: 8 },
  ]);
  for (const one of unifiedOf(store)) viewMailboxSchema.parse(one);
  expect(parseListKey(store, 'all:sent')).toEqual({ mailboxIds: [4, 8] });
  expect(parseListKey(store, 'all:drafts')).toEqual({ mailboxIds: [16] });
  expect(() => parseListKey(store, 'all:trash')).toThrow(/not-found/u);
  const both = storeWith([1, 1, 'inbox'], [16, 3, 'drafts'], [17, 1, 'drafts']);
  expect(unifiedOf(both).map(({ key }) => key)).toEqual(['all:inbox', 'all:drafts']);
});
