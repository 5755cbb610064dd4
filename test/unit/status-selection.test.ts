import { describe, expect, it } from 'vitest';
import { canDo, canReceive, nextMark, rowsFor } from '../../renderer/list/message-actions.ts';
import { pickMailboxes } from '../../renderer/list/pick-mailboxes.ts';
import {
  all,
  nextAfter,
  nothing,
  only,
  ranged,
  rangeTo,
  renewed,
  toggled,
  withCursor,
  type Selection,
} from '../../renderer/list/selection.ts';
import { asAccountId, asEntryId, asMailboxId } from '../../shared/model/ids.ts';
import type { ViewMailbox } from '../../shared/model/mailbox.ts';
import type { MessageRow } from '../../shared/model/message.ts';
import { seededRandom } from '../support/random.ts';

interface Row {
  readonly id: number;
  readonly text?: string;
}
const rows: readonly Row[] = Array.from({ length: 10 }, (_, n) => ({ id: 100 + n }));
const at = (index: number): Row => rows[index]!;
const ids = (selection: Selection<number, Row>): number[] => [...selection.chosen.keys()].sort((a, b) => a - b);
const extend = (selection: Selection<number, Row>, target: number, isAdding = false) => {
  const { first, end } = rangeTo(selection, target);
  return ranged(selection, target, rows.slice(first, end), isAdding);
};

describe('choosing rows', () => {
  it('a click opens one row, which is no choice of several', () => {
    expect(only<number, Row>(3, at(3))).toMatchObject({ cursor: 3, anchor: 3, isPicked: false });
    expect(ids(only<number, Row>(3, at(3)))).toEqual([103]);
    expect(ids(only<number, Row>(3, undefined))).toEqual([]);
  });

  it('Ctrl adds to the open row and takes out again', () => {
    let selection = toggled(only<number, Row>(3, at(3)), 5, at(5));
    expect(ids(selection)).toEqual([103, 105]);
    expect(selection).toMatchObject({ cursor: 5, anchor: 5, isPicked: true });
    selection = toggled(toggled(selection, 3, at(3)), 5, at(5));
    expect(selection).toMatchObject({ isPicked: false });
    expect(ids(selection)).toEqual([]);
  });

  it('a box ticked first is a choice, though of one', () => {
    expect(toggled(nothing<number, Row>(), 2, at(2))).toMatchObject({ isPicked: true, cursor: 2 });
  });

  it('Shift takes everything between the anchor and the target, in both directions, and begins again each time', () => {
    const start = only<number, Row>(4, at(4));
    expect(ids(extend(start, 6))).toEqual([104, 105, 106]);
    expect(ids(extend(extend(start, 8), 2))).toEqual([102, 103, 104]);
    expect(extend(start, 6)).toMatchObject({ anchor: 4, cursor: 6, isPicked: true });
    expect(extend(extend(start, 6), 4)).toMatchObject({ isPicked: false });
    expect(ids(extend(nothing(), 2))).toEqual([102]);
  });

  it('Shift with Ctrl keeps what was chosen before', () => {
    expect(ids(extend(toggled(only<number, Row>(0, at(0)), 6, at(6)), 8, true))).toEqual([100, 106, 107, 108]);
  });

  it('all rows, with the cursor where it was', () => {
    expect(all(only<number, Row>(3, at(3)), rows)).toMatchObject({ cursor: 3, isPicked: true });
    expect(ids(all(nothing<number, Row>(), rows))).toHaveLength(10);
    expect(withCursor(all(nothing<number, Row>(), rows), 7).chosen.size).toBe(10);
  });

  it('chosen rows follow what the engine says of them; others do not enter', () => {
    const selection = extend(only<number, Row>(1, at(1)), 2);
    const next = renewed(selection, [
      { id: 102, text: 'new' },
      { id: 109, text: 'other' },
    ]);
    expect([...next.chosen.values()]).toEqual([{ id: 101 }, { id: 102, text: 'new' }]);
    expect(renewed(selection, [{ id: 109 }])).toBe(selection);
  });
});

describe('the row to go on with', () => {
  const next = (cursor: number, leaving: readonly number[], known: (index: number) => Row | undefined = (index) => rows[index]) =>
    nextAfter(known, rows.length, cursor, new Set(leaving));

  it('is the next one below, at the end the one above, and none in an empty list', () => {
    expect(next(3, [103])).toBe(104);
    expect(next(9, [109])).toBe(108);
    expect(next(3, [103, 104, 105])).toBe(106);
    expect(next(8, [107, 108, 109])).toBe(106);
    expect(
      next(
        0,
        rows.map(({ id }) => id),
      ),
    ).toBeNull();
    expect(next(-1, [])).toBe(100);
  });

  it('is never one that leaves, wherever the cursor is', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2_000; round += 1) {
      const leaving = rows.filter(() => random.bool(0.6)).map(({ id }) => id);
      const found = next(random.int(-1, 9), leaving);
      expect(found === null ? leaving.length : !leaving.includes(found)).toBe(found === null ? rows.length : true);
    }
  });

  it('does not guess at rows that are not here', () => {
    expect(next(3, [103], (index) => (index === 4 ? undefined : rows[index]))).toBe(102);
  });
});

const account = asAccountId(1);
const message = (change: Partial<MessageRow> = {}): MessageRow => ({
  id: asEntryId(1),
  accountId: account,
  people: [],
  subject: '',
  preview: '',
  internalDate: 0,
  sentDate: null,
  sizeBytes: 0,
  isSeen: false,
  isFlagged: false,
  isAnswered: false,
  isForwarded: false,
  isDraft: false,
  hasAttachments: false,
  sides: ['primary'],
  isQuarantined: false,
  isRecoverable: false,
  isDeletedHere: false,
  bodyState: 'complete',
  conversation: null,
  ...change,
});
const mailbox = (key: string, change: Partial<ViewMailbox> = {}): ViewMailbox => ({
  key,
  accountId: account,
  mailboxId: asMailboxId(key.length),
  side: 'primary',
  path: key,
  name: key,
  depth: 0,
  role: 'other',
  total: 0,
  unseen: 0,
  isComplete: true,
  coveredSince: null,
  missingBodies: 0,
  ...change,
});

describe('what can be done with a message', () => {
  const offered = (row: MessageRow, role: ViewMailbox['role'] | null) =>
    (['restore', 'archive', 'delete', 'move'] as const).filter((action) => canDo(action, row, role));

  it('lost and held back mail can be restored only, from lists and from search', () => {
    for (const role of ['recoverable', 'quarantine', null] as const) {
      expect(offered(message({ isRecoverable: true }), role)).toEqual(['restore']);
      expect(offered(message({ isQuarantined: true }), role)).toEqual(['restore']);
    }
  });

  it('nothing is archived from the archive or deleted from the trash', () => {
    expect(offered(message(), 'inbox')).toEqual(['archive', 'delete', 'move']);
    expect(offered(message(), null)).toEqual(['archive', 'delete', 'move']);
    expect(offered(message(), 'archive')).toEqual(['delete', 'move']);
    expect(offered(message(), 'trash')).toEqual(['restore', 'archive', 'move']);
    expect(offered(message({ isDraft: true }), 'drafts')).toEqual(['delete', 'move']);
  });

  it('of a mixed choice each action takes what it suits', () => {
    const mixed = [message({ id: asEntryId(1) }), message({ id: asEntryId(2), isRecoverable: true })];
    expect(rowsFor('delete', mixed, null).map(({ id }) => id)).toEqual([1]);
    expect(rowsFor('restore', mixed, null).map(({ id }) => id)).toEqual([2]);
  });

  it('a mark is set where one lacks it, else taken off all', () => {
    expect(nextMark([message({ isSeen: true }), message()], 'seen')).toBe(true);
    expect(nextMark([message({ isSeen: true })], 'seen')).toBe(false);
  });
});

describe('where mail can be moved', () => {
  const boxes = [
    mailbox('Inbox', { role: 'inbox' }),
    mailbox('Archive', { role: 'archive' }),
    mailbox('Projekte/Größe & Maß', { name: 'Größe & Maß', depth: 1 }),
    mailbox('Vorstand'),
    mailbox('recoverable:1', { role: 'recoverable', mailboxId: null, side: null }),
    mailbox('Quarantine', { role: 'quarantine', side: 'relay' }),
    mailbox('Other', { accountId: asAccountId(2) }),
  ];
  const pick = (query: string, accountId: typeof account | null = account, open: ViewMailbox | null = boxes[0]!) =>
    pickMailboxes(boxes, { accountId, open, query, nameOf: ({ name }) => name }).map(({ name }) => name);

  it('to mailboxes of the same account on the primary, but not where it is', () => {
    expect(pick('')).toEqual(['Archive', 'Größe & Maß', 'Vorstand']);
    expect(pick('', null)).toEqual([]);
    expect(canReceive(boxes[4]!, account)).toBe(false);
  });

  it('not to the inbox out of all inboxes; to it from a search', () => {
    const all = mailbox('all:inbox', { role: 'inbox', accountId: null, mailboxId: null, side: null });
    expect(pick('', account, all)).toEqual(['Archive', 'Größe & Maß', 'Vorstand']);
    expect(pick('', account, { ...all, key: 'all:sent', role: 'sent' })).toEqual(['Inbox', 'Archive', 'Größe & Maß', 'Vorstand']);
    expect(pick('', account, null)).toEqual(['Inbox', 'Archive', 'Größe & Maß', 'Vorstand']);
  });

  it('found by any part of the name or path, the beginning first, accents alike', () => {
    expect(pick('a')).toEqual(['Archive', 'Größe & Maß', 'Vorstand']);
    expect(pick('GROSSE')).toEqual([]);
    expect(pick('groß')).toEqual(['Größe & Maß']);
    expect(pick('projekte')).toEqual(['Größe & Maß']);
    expect(pick('v')).toEqual(['Vorstand', 'Archive']);
    expect(pick('zzz')).toEqual([]);
  });
});
