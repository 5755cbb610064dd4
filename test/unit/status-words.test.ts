import { describe, expect, it } from 'vitest';
import { changeText } from '../../renderer/list/change-text.ts';
import { groupItems, nextStepOf, whyText } from '../../renderer/reconcile/items.ts';
import { kinds, lineOf, summaryOf, totalOf } from '../../renderer/reconcile/summary.ts';
import { de } from '../../renderer/text/de.ts';
import { en } from '../../renderer/text/en.ts';
import { drillWords } from '../../renderer/text/drill.ts';
import { Formats } from '../../renderer/text/formats.ts';
import { failedChangeSchema } from '../../shared/model/action.ts';
import { drillSchema, drillStepNameSchema, drillStepSchema } from '../../shared/model/drill.ts';
import { asAccountId, asEntryId, asOutageId, asReconcileRunId } from '../../shared/model/ids.ts';
import {
  reconcileItemSchema,
  reconcileItemStateSchema,
  reconcileKindSchema,
  reconcileOperationSchema,
  reconcileReasonSchema,
  reconcileStateSchema,
  type BalanceSheet,
  type ReconcileItem,
  type ReconcileRun,
} from '../../shared/model/reconcile.ts';

const languages = [
  { words: en, formats: new Formats('en-GB') },
  { words: de, formats: new Formats('de-DE') },
];
const figure = (expected: number, confirmed = expected, exceptions = 0) => ({ expected, confirmed, exceptions });
const balance: BalanceSheet = { sent: figure(14), received: figure(31), change: figure(52), draft: figure(0), restore: figure(0) };
const run = (change: Partial<ReconcileRun> = {}): ReconcileRun => ({
  id: asReconcileRunId(1),
  accountId: asAccountId(1),
  outageId: asOutageId(1),
  state: 'finished',
  outageStartedAt: 1,
  outageEndedAt: 2,
  createdAt: 3,
  continuesAt: null,
  finishedAt: 4,
  balance,
  relayClockMs: 0,
  isAcknowledged: false,
  ...change,
});
const item = (change: Partial<ReconcileItem>): ReconcileItem => ({
  id: 1,
  kind: 'sent',
  operation: 'prove-sent-copy',
  reason: 'sent-by-relay',
  state: 'planned',
  entryId: asEntryId(5),
  subject: 'Angebot',
  detail: '',
  error: null,
  doneAt: null,
  ...change,
});

describe('the closing notice', () => {
  it('is one sentence with the figures of the balance', () => {
    expect(languages.map(({ words, formats }) => summaryOf(run(), words.reconcile, formats))).toEqual([
      'All back to normal: 14 sent, 31 received, 52 changes carried over, 0 open.',
      'Alles wieder normal: 14 gesendet, 31 empfangen, 52 Änderungen übertragen, 0 offen.',
    ]);
  });

  it('does not say that all is well while something is open', () => {
    const left = { ...balance, sent: figure(14, 12, 1), draft: figure(2), restore: figure(1) };
    expect(summaryOf(run({ balance: left }), en.reconcile, languages[0]!.formats)).toBe(
      'Back to normal: 12 sent, 31 received, 55 changes carried over, 2 to look at.',
    );
  });
});

describe('the balance', () => {
  it('counts as open what is neither carried over nor an exception', () => {
    expect(lineOf({ ...balance, sent: figure(14, 9, 2) }, 'sent')).toEqual({ expected: 14, confirmed: 9, exceptions: 2, open: 3 });
    expect(lineOf({ ...balance, sent: figure(1, 3, 0) }, 'sent').open).toBe(0);
    expect(totalOf({ ...balance, sent: figure(14, 9, 2) })).toEqual({ expected: 97, confirmed: 92, exceptions: 2, open: 3 });
  });

  it('has every kind, in one order', () => expect([...kinds].sort()).toEqual([...reconcileKindSchema.options].sort()));

  it('groups its entries in that order and leaves none out', () => {
    const items = reconcileItemSchema
      .unwrap()
      .shape.kind.options.flatMap((kind, n) => [item({ id: 2 * n + 1, kind }), item({ id: 2 * n + 2, kind })]);
    const groups = groupItems(items.toReversed());
    expect(groups.map(({ kind }) => kind)).toEqual(kinds);
    expect(groups.flatMap((group) => group.items)).toHaveLength(items.length);
    expect(groupItems([])).toEqual([]);
  });
});

describe('words of a reconciliation and of a drill', () => {
  it('exist for every operation, reason, state and step in both languages', () => {
    for (const { words } of languages) {
      const { reconcile } = words;
      for (const operation of reconcileOperationSchema.options) {
        expect(reconcile.operations[operation]).toBeTruthy();
        expect(reconcile.nextSteps[operation]).toMatch(/\.$/u);
      }
      for (const reason of reconcileReasonSchema.options) expect(reconcile.reasons[reason]).toBeTruthy();
      for (const ms of [-3 * 3_600_000, 600_000])
        expect(reconcile.relayClock(ms)).toMatch(/^(The relay’s clock is|Die Uhr des Relays geht) .*\.$/u);
      for (const state of reconcileItemStateSchema.options) expect(reconcile.itemStates[state]).toBeTruthy();
      for (const state of reconcileStateSchema.options) expect(reconcile.states[state] && reconcile.leads[state]).toBeTruthy();
    }
    for (const drill of [drillWords('de'), drillWords('en')]) {
      for (const step of drillStepNameSchema.options) expect(drill.steps[step]).toBeTruthy();
      expect(drill.relayClock(3 * 3_600_000)).toMatch(/about 3 hours fast|etwa 3 Stunden vor/u);
      expect(drill.relayClock(-600_000)).toMatch(/about 10 minutes slow|etwa 10 Minuten nach/u);
      for (const status of drillStepSchema.unwrap().shape.status.options) expect(drill.stepStates[status]).toBeTruthy();
      for (const state of drillSchema.unwrap().shape.state.options) expect(drill.states[state]).toBeTruthy();
    }
  });

  it('name a way on for every exception that has one', () => {
    const steps = reconcileOperationSchema.options.map((operation) => [operation, nextStepOf(item({ operation, state: 'exception' }))]);
    expect(Object.fromEntries(steps)).toEqual({
      'prove-sent-copy': 'outbox',
      'resolve-unknown': 'outbox',
      'await-delivery': 'restore',
      'append-received': 'restore',
      'replay-change': 'message',
      'file-draft': 'message',
      'remove-draft-copy': 'message',
      'restore-message': 'restore',
      'note-double': 'remove-double',
      'note-unsent': 'outbox',
    });
    expect(nextStepOf(item({ operation: 'append-received', entryId: null }))).toBeNull();
  });

  it('name the reason, and of a full mailbox what helps', () => {
    const error = { scope: 'mailbox', retry: 'ask', side: 'primary', detail: '' } as const;
    expect(whyText({ ...error, code: 'over-quota' }, en.errors)).toBe(
      'The mailbox on the server is full. Delete mail on the server, or ask your IT department for more space.',
    );
    expect(whyText({ ...error, code: 'server-hangs-up' }, de.errors)).toBe(de.errors['server-hangs-up'].what);
  });
});

describe('a change in plain words', () => {
  const say = (detail: string, words = en, kind: 'set-flags' | 'move' | 'delete' | 'remove-draft-copy' = 'move') =>
    changeText(kind, detail, words.actions, (path) => (path === 'Archive' ? 'Archiv' : path));

  it('names marks and mailboxes', () => {
    expect(say('flag +seen')).toBe('marked as read');
    expect(say('flag -seen +flagged')).toBe('marked as unread, starred');
    expect(say('flag +\\Seen')).toBe('marked as read');
    expect(say('flag +$forwarded')).toBe('mark “$forwarded” set');
    expect(say('flag -flagged', de)).toBe('Markierung entfernt');
    expect(say('move Archive')).toBe('Moved: “Archiv”');
    expect(say('remove-draft-copy Archive', de, 'remove-draft-copy')).toBe('Ältere Fassung eines Entwurfs entfernt: „Archiv“');
    expect(say('move Projekte/Größe & Maß - 2', de)).toBe('Verschoben: „Projekte/Größe & Maß - 2“');
  });

  it('says what both sides did to a mark, and nothing of how a change ended', () => {
    expect(say('flag -flagged, server +flagged')).toBe('here: star removed; on the mail server: starred');
    expect(say('flag +seen, server -flagged', de)).toBe('hier: als gelesen gekennzeichnet; auf dem Mailserver: Markierung entfernt');
    expect(say('flag +seen, superseded')).toBe('marked as read');
  });

  it('falls back to the kind of change for words that are not known', () => {
    expect(say('', en, 'delete')).toBe('Deleted');
    expect(changeText(null, 'delete', de.actions, String)).toBe('Gelöscht');
    expect(changeText(null, 'restore INBOX', en.actions, String)).toBe('Restored: “INBOX”');
    for (const { words } of languages) {
      for (const kind of failedChangeSchema.unwrap().shape.kind.options)
        expect(changeText(kind, 'other', words.actions, String)).toBe(words.actions.kinds[kind]);
    }
  });
});
