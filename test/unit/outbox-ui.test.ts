import { describe, expect, it } from 'vitest';
import { errorCodeSchema, MailError, packError, type ErrorCode, type Retry } from '../../shared/errors.ts';
import { holdReasonSchema, outboxItemSchema, outboxStateSchema, type OutboxItem } from '../../shared/model/outbox.ts';
import { groupOf, lacksCopy, toneOf, troubles } from '../../renderer/outbox/item-kind.ts';
import { isOpen, needsPerson } from '../../shared/outbox-kind.ts';
import { copyText, statusText } from '../../renderer/outbox/item-text.ts';
import { de } from '../../renderer/text/de.ts';
import { en } from '../../renderer/text/en.ts';

const NOW = 1_700_000_000_000;

function item(change: Partial<OutboxItem>): OutboxItem {
  const plain = {
    id: 1,
    accountId: 1,
    state: 'queued',
    subject: 'x',
    to: [],
    preview: '',
    messageId: '<a@b>',
    sizeBytes: 1,
    createdAt: NOW,
    nextAttemptAt: null,
    hold: null,
    route: null,
    acceptedAt: null,
    recipients: [],
    attempts: [],
    lookUps: [],
    sentCopy: null,
    error: null,
    draftId: null,
    isReplaced: false,
    canCancel: false,
    canEdit: false,
  };
  return { ...outboxItemSchema.parse(plain), ...change };
}

const all = outboxStateSchema.options.flatMap((state) =>
  [null, ...holdReasonSchema.options].flatMap((hold) =>
    ([null, 'primary', 'relay'] as const).flatMap((route) =>
      [null, NOW + 9_500].map((nextAttemptAt) => item({ state, hold, route, nextAttemptAt })),
    ),
  ),
);

describe('what the outbox says of a mail', () => {
  it.each([
    ['en', en],
    ['de', de],
  ] as const)('is a sentence in every state, hold and route (%s)', (_name, words) => {
    for (const one of all) {
      const text = statusText(one, words.outbox, { time: () => '12:00' }, NOW);
      expect(text).toMatch(/^\p{Lu}/u);
      expect(text).not.toMatch(/undefined|null|NaN|#/u);
      expect(text.length).toBeLessThan(130);
    }
  });

  it('tells who was turned away from whom a person took it back', () => {
    const to = (address: string, state: 'accepted' | 'rejected', reply: string | null) => ({ address, state, reply, enhancedCode: null });
    const error = { code: 'cancelled', scope: 'message', retry: 'never', side: null, detail: '' } as const;
    const some = [to('a@x.org', 'accepted', '250 ok'), to('b@x.org', 'rejected', '450 busy')];
    const stopped = item({ state: 'filed', route: 'primary', acceptedAt: NOW, error, recipients: some });
    expect([toneOf(stopped), groupOf(stopped), needsPerson(stopped)]).toEqual(['ok', 'over', false]);
    const text = (words: typeof en) => statusText(stopped, words.outbox, { time: () => '12:00' }, NOW);
    expect(text(en)).toBe('Taken back from 1 recipient, the other one has the mail');
    expect(text(de)).toBe('Für 1 Empfänger zurückgenommen, der andere hat die Nachricht');
    const both = { ...stopped, recipients: [...some, to('c@x.org', 'rejected', '550 who')] };
    expect([toneOf(both), needsPerson(both)]).toEqual(['bad', true]);
  });

  it('counts down while it can be undone', () => {
    const one = item({ hold: 'undo-window', nextAttemptAt: NOW + 7_200 });
    expect(statusText(one, en.outbox, { time: String }, NOW)).toBe('Sends in 8 seconds');
    expect(statusText(one, de.outbox, { time: String }, NOW + 6_500)).toBe('Wird in 1 Sekunde gesendet');
  });

  it('names the recipients that were refused among those that were not', () => {
    const recipients = [
      { address: 'a@x.example', state: 'accepted' as const, reply: null, enhancedCode: null },
      { address: 'b@x.example', state: 'rejected' as const, reply: '550 no', enhancedCode: '5.1.1' },
    ];
    const one = item({ state: 'filed', route: 'primary', recipients });
    expect(statusText(one, en.outbox, { time: String }, NOW)).toBe('1 recipient was refused, the other one has the mail');
    expect([needsPerson(one), groupOf(one), toneOf(one)]).toEqual([true, 'attention', 'bad']);
    const replaced = { ...one, isReplaced: true };
    expect([needsPerson(replaced), isOpen(replaced), groupOf(replaced), toneOf(replaced)]).toEqual([false, false, 'over', 'ok']);
  });
});

describe('what the outbox asks of a person', () => {
  it('is exactly: the uncertain, the refused and the unreadable', () => {
    expect(outboxStateSchema.options.filter((state) => needsPerson(item({ state })))).toEqual(['unknown', 'rejected', 'quarantined']);
  });
  it('nothing that is over counts as open', () => {
    expect(outboxStateSchema.options.filter((state) => !isOpen(item({ state })))).toEqual(['filed', 'cancelled']);
  });
});

describe('a mail that was sent and whose copy is not in Sent', () => {
  const error = (code: ErrorCode, retry: Retry) => packError(new MailError(code, { scope: 'mailbox', retry, side: 'primary' }));
  const accepted = (change: Partial<OutboxItem>) => item({ state: 'accepted', route: 'relay', sentCopy: 'waiting', ...change });
  const full = accepted({ copyError: error('over-quota', 'ask') });

  it('says why, what helps, and what becomes of it', () => {
    expect(copyText(full, en)).toBe(
      'The copy could not be filed in your Sent folder yet. The mailbox on the server is full. ' +
        'Delete mail on the server, or ask your IT department for more space. It is tried again by itself.',
    );
    expect(copyText({ ...full, sentCopy: 'failed' }, de)).toBe(
      'Die Kopie konnte noch nicht im Ordner „Gesendet“ abgelegt werden. Das Postfach auf dem Server ist voll. ' +
        'Löschen Sie Mail auf dem Server oder bitten Sie Ihre IT-Abteilung um mehr Platz. Von selbst wird es nicht mehr versucht.',
    );
    expect(copyText(accepted({}), en)).toBeNull();
    expect(copyText({ ...full, state: 'filed' }, en)).toBeNull();
  });

  it.each([
    ['en', en],
    ['de', de],
  ] as const)('is a whole sentence for every reason (%s)', (_name, words) => {
    for (const code of errorCodeSchema.options) {
      for (const sentCopy of ['waiting', 'failed'] as const)
        expect(copyText(accepted({ sentCopy, copyError: error(code, 'later') }), words)).toMatch(/^(?:The|Die) .*\. [A-ZÄÖÜ„“].*\.$/u);
    }
  });

  it('needs a person where nothing else helps, and only there', () => {
    const all = [full, accepted({ sentCopy: 'failed' }), accepted({ copyError: error('command-refused', 'later') }), accepted({})];
    expect(all.map(lacksCopy)).toEqual([true, true, false, false]);
    expect(all.map(groupOf)).toEqual(['attention', 'attention', 'underway', 'underway']);
    expect(all.map(toneOf)).toEqual(['warn', 'warn', 'ok', 'ok']);
    // Of a mail that is still to be sent to others, that is told.
    expect(lacksCopy({ ...full, state: 'queued' })).toBe(false);
  });
});

describe('what was reported of a mail after it was taken', () => {
  const notice = { at: NOW, address: 'b@example.com', action: 'delayed', status: null, text: null, retryUntil: NOW + 1_000 } as const;

  it('is told as late while the server goes on trying, and asks nothing of the person', () => {
    const one = item({ state: 'filed', route: 'relay', notices: [notice] });
    expect(troubles(one, NOW)).toEqual([notice]);
    expect(troubles(one, NOW + 2_000)).toEqual([]);
    expect([isOpen(one), needsPerson(one), toneOf(one), groupOf(one)]).toEqual([false, false, 'ok', 'over']);
  });

  it('is told as late, and no more, where the server does not say how long it will try', () => {
    const one = item({ state: 'filed', route: 'relay', notices: [{ ...notice, retryUntil: null }] });
    expect(troubles(one, NOW)).toHaveLength(1);
    expect([isOpen(one), needsPerson(one), toneOf(one), groupOf(one)]).toEqual([false, false, 'ok', 'over']);
  });

  it('that it arrived ends it', () => {
    expect(troubles(item({ state: 'filed', notices: [notice, { ...notice, action: 'delivered' }] }), NOW)).toEqual([]);
  });

  it('that it could not be delivered needs the person, until it is put away', () => {
    const one = item({ state: 'filed', route: 'relay', notices: [notice, { ...notice, action: 'failed' }] });
    expect([isOpen(one), needsPerson(one), toneOf(one), groupOf(one)]).toEqual([true, true, 'bad', 'attention']);
  });
});
