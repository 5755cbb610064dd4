import { describe, expect, it } from 'vitest';
import { asAccountId, asOutageId, asReconcileRunId } from '../../shared/model/ids.ts';
import {
  reconcileItemStateSchema,
  reconcileKindSchema,
  reconcileStateSchema,
  type ReconcileItem,
  type ReconcileRun,
} from '../../shared/model/reconcile.ts';
import { balanceOf, isBalanced, openCount, type ItemCount } from '../../main/engine/reconcile/balance.ts';
import { csvCell, reportOf } from '../../main/engine/reconcile/report.ts';
import { isUnderWay, nextRunState, runEvents } from '../../main/engine/reconcile/run-state.ts';
import { isSameMail, type MailEvidence } from '../../main/engine/reconcile/same-mail.ts';
import { seededRandom } from '../support/random.ts';

describe('the balance sheet', () => {
  it('adds up for every kind exactly when nothing is open', () => {
    const random = seededRandom(5);
    for (let n = 0; n < 500; n += 1) {
      const counts: ItemCount[] = reconcileKindSchema.options.flatMap((kind) =>
        reconcileItemStateSchema.options.filter(() => random.bool()).map((state) => ({ kind, state, n: random.int(1, 60) })),
      );
      const sheet = balanceOf(counts);
      const open = counts.filter(({ state }) => state === 'planned' || state === 'running').reduce((sum, one) => sum + one.n, 0);
      expect(openCount(sheet)).toBe(open);
      expect(isBalanced(sheet)).toBe(open === 0);
      for (const kind of reconcileKindSchema.options) {
        const own = counts.filter((one) => one.kind === kind);
        expect(sheet[kind].expected).toBe(own.reduce((sum, one) => sum + one.n, 0));
        expect(sheet[kind].exceptions).toBe(own.find((one) => one.state === 'exception')?.n ?? 0);
      }
    }
  });
});

describe('the states of a run', () => {
  const moves: Readonly<Record<string, string>> = {
    'preview approval-wanted': 'awaiting-approval',
    'preview begin': 'running',
    'preview settled': 'finished',
    'preview more-to-approve': 'awaiting-approval',
    'awaiting-approval begin': 'running',
    'awaiting-approval settled': 'finished',
    'running must-wait': 'waiting',
    'running settled': 'finished',
    'running more-planned': 'preview',
    'running more-to-approve': 'awaiting-approval',
    'waiting can-act': 'running',
    'waiting settled': 'finished',
    'waiting more-planned': 'preview',
    'waiting more-to-approve': 'awaiting-approval',
    'finished more-planned': 'preview',
    'finished more-to-approve': 'awaiting-approval',
  };
  const cases = reconcileStateSchema.options.flatMap((state) => runEvents.map((event) => ({ state, event })));
  it.each(cases)('$state, $event', ({ state, event }) => {
    expect(nextRunState(state, event)).toBe(moves[`${state} ${event}`] ?? state);
  });

  it('let changes through only once the plan was begun', () => {
    expect(reconcileStateSchema.options.filter(isUnderWay)).toEqual(['running', 'waiting']);
  });
});

describe('the report', () => {
  const item = (change: Partial<ReconcileItem>): ReconcileItem => ({
    ...{ id: 1, kind: 'sent', operation: 'prove-sent-copy', reason: 'sent-by-relay', state: 'confirmed', entryId: null },
    ...{ subject: 'Angebot', detail: '', error: null, doneAt: Date.UTC(2026, 10, 1, 12), ...change },
  });
  const run: ReconcileRun = {
    ...{ id: asReconcileRunId(3), accountId: asAccountId(1), outageId: asOutageId(2), state: 'finished' },
    ...{ outageStartedAt: Date.UTC(2026, 10, 1, 9), outageEndedAt: Date.UTC(2026, 10, 1, 11), createdAt: Date.UTC(2026, 10, 1, 11) },
    ...{ continuesAt: null, finishedAt: Date.UTC(2026, 10, 1, 12), balance: balanceOf([{ kind: 'sent', state: 'confirmed', n: 1 }]) },
    ...{ isAcknowledged: false, relayClockMs: 0 },
  };

  it.each([
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r\n=1', `"'\r\n=1"`],
    ['a "b", c', '"a ""b"", c"'],
    ['plain = text', 'plain = text'],
    ['', ''],
  ])('writes %j as %j', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  it('has one row an item, with CRLF', () => {
    const error = { code: 'over-quota', scope: 'mailbox', retry: 'later', side: 'primary', detail: 'NO [OVERQUOTA]' } as const;
    const { fileName, text } = reportOf(run, [item({}), item({ id: 2, subject: '=1+1', state: 'exception', error, doneAt: null })], 'csv');
    expect(fileName).toBe('reconciliation-2026-11-01-3.csv');
    expect(text).toBe(
      'item,kind,operation,reason,state,subject,detail,error,done at,relay clock\r\n' +
        '1,sent,prove-sent-copy,sent-by-relay,confirmed,Angebot,,,2026-11-01T12:00:00.000Z,\r\n' +
        "2,sent,prove-sent-copy,sent-by-relay,exception,'=1+1,,over-quota,,\r\n",
    );
  });

  it('says how far the clock was off that dated received mail', () => {
    const mails = [item({ kind: 'received' }), item({ id: 2 })];
    for (const [relayClockMs, words] of [
      [3 * 3_600_000, '180 min ahead'],
      [-90 * 60_000, '90 min behind'],
    ] as const) {
      const lines = reportOf({ ...run, relayClockMs }, mails, 'csv').text.split('\r\n');
      expect(lines.map((line) => line.split(',').at(-1))).toEqual(['relay clock', words, '', '']);
      expect(JSON.parse(reportOf({ ...run, relayClockMs }, mails, 'json').text)).toMatchObject({ relayClockMs });
    }
  });

  it('has the balance and every item as JSON', () => {
    const { fileName, text } = reportOf(run, [item({})], 'json');
    expect(fileName).toBe('reconciliation-2026-11-01-3.json');
    expect(JSON.parse(text)).toMatchObject({
      ...{ run: 3, state: 'finished', outageStartedAt: '2026-11-01T09:00:00.000Z' },
      ...{ balance: { sent: { expected: 1, confirmed: 1, exceptions: 0 } }, items: [{ id: 1, subject: 'Angebot', error: null }] },
    });
  });
});

describe('the same mail', () => {
  const mail: MailEvidence = { messageId: '<a@x>', sentDate: 5_000, subject: 'Bericht  Q3', from: [{ address: 'Anna@example.com' }] };
  const cases: [string, Partial<MailEvidence>, boolean][] = [
    ['is itself', {}, true],
    ['by addresses and white space written otherwise', { subject: 'bericht q3', from: [{ address: 'anna@EXAMPLE.com' }] }, true],
    ['with the mark of a filter', { subject: '[EXTERN] Bericht Q3' }, true],
    ['not with another Message-ID', { messageId: '<b@x>' }, false],
    ['not from another sender, though the Message-ID is equal', { from: [{ address: 'mallory@example.net' }] }, false],
    ['not of another date, though the Message-ID is equal', { sentDate: 6_000 }, false],
    ['not of another subject, though the Message-ID is equal', { subject: 'Bericht Q4' }, false],
    ['not without its Message-ID', { messageId: null }, false],
  ];
  it.each(cases)('%s', (_name, change, expected) => {
    expect(isSameMail(mail, { ...mail, ...change })).toBe(expected);
  });

  it('without a Message-ID needs everything equal, a date included', () => {
    const bare = { ...mail, messageId: null };
    expect(isSameMail(bare, bare)).toBe(true);
    expect(isSameMail(bare, { ...bare, subject: '[EXTERN] Bericht Q3' })).toBe(false);
    expect(isSameMail({ ...bare, sentDate: null }, { ...bare, sentDate: null })).toBe(false);
  });
});
