import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Arrivals } from '../../main/app/desktop/arrivals.ts';
import { autostartEntry, isEntryOn } from '../../main/app/desktop/autostart-entry.ts';
import { noFacts, type Facts } from '../../main/app/desktop/facts.ts';
import { MailNews } from '../../main/app/desktop/mail-news.ts';
import { modeNews, outboxNews } from '../../main/app/desktop/news.ts';
import { mailNotice, modeNotice, outboxNotice, plainLine } from '../../main/app/desktop/notice-text.ts';
import { trayModel } from '../../main/app/desktop/tray-model.ts';
import { desktopWords } from '../../main/app/desktop/words.ts';
import { WindowRequests } from '../../main/app/desktop/window-requests.ts';
import { asAccountId, asEntryId, asOutboxId } from '../../shared/model/ids.ts';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import type { MessageRow } from '../../shared/model/message.ts';
import type { OutboxItem } from '../../shared/model/outbox.ts';

const words = desktopWords.de;
const ACCOUNT = asAccountId(1);
const OWN = new Set(['me@example.org']);
const NOW = new Date(2026, 10, 28, 14, 30).getTime();
const HOUR = 3_600_000;

function row(id: number, fields: Partial<MessageRow> = {}): MessageRow {
  return {
    ...{ id: asEntryId(id), accountId: ACCOUNT, people: [{ name: 'Erika Muster', address: 'erika@example.org' }], subject: `Mail ${id}` },
    ...{ preview: '', internalDate: NOW, sentDate: NOW, sizeBytes: 1, isSeen: false, isFlagged: false, isAnswered: false },
    ...{ isForwarded: false, isDraft: false, hasAttachments: false, sides: ['primary'], isQuarantined: false, isRecoverable: false },
    ...{ isDeletedHere: false, bodyState: 'complete', conversation: null },
    ...fields,
  };
}

function state(fields: Partial<ContinuityState> = {}): ContinuityState {
  return {
    ...{ accountId: ACCOUNT, mode: 'normal', reason: 'all-well', cause: null, since: NOW - HOUR, troubleSince: null, confirmedAt: null },
    ...{ evidence: [], endpoints: [], control: 'automatic', isHeldByPolicy: false, asksForFailover: false, outageId: null, isDrill: false },
    ...fields,
  };
}

function item(id: number, fields: Partial<OutboxItem> = {}): OutboxItem {
  return {
    ...{ id: asOutboxId(id), accountId: ACCOUNT, state: 'queued', subject: `Sent ${id}`, to: [], preview: '', messageId: '', sizeBytes: 1 },
    ...{ createdAt: NOW, nextAttemptAt: null, hold: null, route: null, acceptedAt: null, recipients: [], attempts: [], lookUps: [] },
    ...{ notices: [], sentCopy: null, error: null, copyError: null, draftId: null, isReplaced: false, canCancel: false, canEdit: false },
    ...fields,
  };
}

describe('the tray while the lease is over', () => {
  it('says that alone, whatever is known of mail and servers', () => {
    const facts: Facts = {
      ...noFacts,
      engine: { phase: 'locked', error: null, lock: 'lease-over' },
      continuity: [state()],
      outbox: [item(1)],
    };
    const shown = trayModel(facts, words, { now: NOW, locale: 'de-DE', pausedUntil: null });
    expect(shown).toMatchObject({ icon: 'attention', lines: [words.leaseOver], tooltip: `Holdover\n${words.leaseOver}` });
  });
});

describe('mail that is told', () => {
  const look = (arrivals: Arrivals, rows: readonly MessageRow[], fields: { isSettled?: boolean; now?: number } = {}): number[] =>
    arrivals.look({ accountId: ACCOUNT, rows, isSettled: true, own: OWN, now: NOW, ...fields }).map(({ id }) => id);

  it('is what came since the last look, once', () => {
    const arrivals = new Arrivals();
    expect(look(arrivals, [row(1)])).toEqual([]);
    expect(look(arrivals, [row(2), row(1)])).toEqual([2]);
    expect(look(arrivals, [row(2), row(1)])).toEqual([]);
    expect(look(arrivals, [row(1)])).toEqual([]);
    expect(look(arrivals, [row(2), row(1)]), 'taken back into the inbox').toEqual([]);
  });

  it('is none of the first mirror, which comes newest first', () => {
    const arrivals = new Arrivals();
    expect(look(arrivals, [], { isSettled: false })).toEqual([]);
    expect(look(arrivals, [row(9)], { isSettled: false })).toEqual([]);
    const older = [1, 2, 3].map((n) => row(n, { internalDate: NOW - n * HOUR }));
    expect(look(arrivals, [row(9), ...older], { isSettled: false })).toEqual([]);
  });

  it('is the first one of an inbox that is known to be empty', () => {
    const arrivals = new Arrivals();
    expect(look(arrivals, [])).toEqual([]);
    expect(look(arrivals, [row(1)])).toEqual([1]);
  });

  it.each<[string, Partial<MessageRow>]>([
    ['was read elsewhere', { isSeen: true }],
    ['is in quarantine', { isQuarantined: true }],
    ['was lost on the servers', { isRecoverable: true }],
    ['is a draft', { isDraft: true }],
    ['is of the person', { people: [{ name: '', address: 'ME@example.org' }] }],
    ['is of the day before yesterday', { internalDate: NOW - 25 * HOUR }],
    ['was moved here from elsewhere', { internalDate: NOW - HOUR }],
  ])('is none that %s', (_what, fields) => {
    const arrivals = new Arrivals();
    look(arrivals, [row(1)]);
    expect(look(arrivals, [row(2, fields), row(1)])).toEqual([]);
  });

  it('comes through one that is dated in the future', () => {
    const arrivals = new Arrivals();
    look(arrivals, [row(1, { internalDate: NOW + 1_000 * HOUR })]);
    expect(look(arrivals, [row(1), row(2)])).toEqual([2]);
  });

  it('is told once where both servers have it as a mail of their own', () => {
    const arrivals = new Arrivals();
    look(arrivals, [row(1)]);
    expect(look(arrivals, [row(2, { subject: 'Same' }), row(3, { subject: 'Same' }), row(1)])).toEqual([2]);
    expect(look(arrivals, [row(4, { subject: 'Same' }), row(1)])).toEqual([]);
  });

  it('is told as well after a night of sleep, and after years of mail', () => {
    const arrivals = new Arrivals();
    look(arrivals, [row(1)]);
    expect(look(arrivals, [row(2, { internalDate: NOW + 8 * HOUR }), row(1)], { now: NOW + 9 * HOUR })).toEqual([2]);
    const later = { internalDate: NOW + 9 * HOUR };
    for (let n = 10; n < 8_000; n += 1) look(arrivals, [row(n, later)], { now: NOW + 9 * HOUR });
    expect(look(arrivals, [row(9_000, later)], { now: NOW + 9 * HOUR })).toEqual([9_000]);
  });
});

describe('news of mail', () => {
  const told: number[][] = [];
  let taken = 0;
  const tell = (rows: readonly MessageRow[]) => {
    told.push(rows.map(({ id }) => id));
    return () => void (taken += 1);
  };
  const look = (news: MailNews, rows: readonly MessageRow[]): void =>
    news.look([{ accountId: ACCOUNT, rows, isSettled: true, own: OWN, now: NOW }]);
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    told.length = 0;
    taken = 0;
  });
  afterEach(() => vi.useRealTimers());

  it('comes together, and seldom', () => {
    const news = new MailNews(tell);
    const inbox = [row(1)];
    look(news, inbox);
    for (let n = 2; n < 1_000; n += 1) {
      inbox.unshift(row(n));
      look(news, inbox.slice(0, 50));
      vi.advanceTimersByTime(20);
    }
    expect(told.length).toBeLessThanOrEqual(4);
    vi.advanceTimersByTime(20_000);
    expect(told.flat().length).toBeGreaterThan(50);
    expect(new Set(told.flat()).size).toBe(told.flat().length);
  });

  it('leaves out what was read elsewhere meanwhile, and takes away what was read after', () => {
    const news = new MailNews(tell);
    look(news, [row(1)]);
    look(news, [row(2), row(1)]);
    look(news, [row(2, { isSeen: true }), row(1)]);
    vi.advanceTimersByTime(20_000);
    expect(told).toEqual([]);
    look(news, [row(3), row(1)]);
    vi.advanceTimersByTime(20_000);
    expect(told).toEqual([[3]]);
    expect(taken).toBe(0);
    look(news, [row(3, { isSeen: true }), row(1)]);
    expect(taken).toBe(1);
  });

  it.each(['passOver', 'takeAway'] as const)('what waited to be told is no news after %s; what comes after it is', (how) => {
    const news = new MailNews(tell);
    look(news, [row(1)]);
    look(news, [row(2), row(1)]);
    vi.advanceTimersByTime(1_500);
    look(news, [row(3), row(2), row(1)]);
    vi.advanceTimersByTime(4_000);
    news[how]();
    expect(taken).toBe(how === 'takeAway' ? 1 : 0);
    look(news, [row(4), row(3), row(2), row(1)]);
    vi.advanceTimersByTime(20_000);
    expect(told).toEqual([[2], [4]]);
  });
});

describe('words of a notification', () => {
  it.each([
    ['a <b>b</b>', 'a ‹b›b‹/b›'],
    ['<img src="http://x/y.png">', '‹img src="http://x/y.png"›'],
    ['a &lt;b&gt; &amp; c', 'a & lt;b & gt; & amp; c'],
    ['R&D', 'R & D'],
    ['Tom & Jerry', 'Tom & Jerry'],
    ['in\r\nvoice\tnow', 'in voice now'],
    ['gpj.\u202eexe', 'gpj.exe'],
    ['a\u0000\u001b[31m\u200b\u2066b', 'a[31mb'],
    ['\u2028\u2029', ''],
    ['x'.repeat(500), `${'x'.repeat(19)}…`],
    ['😀'.repeat(30), `${'😀'.repeat(19)}…`],
  ])('are plain text on one line: %j', (text, shown) => {
    expect(plainLine(text, 20)).toBe(shown.length > 45 ? shown : [...shown].length > 20 ? `${[...shown].slice(0, 19).join('')}…` : shown);
  });

  it('hold no content unless a person wants it', () => {
    const rows = [row(1), row(2)];
    expect(mailNotice(rows, 'none', words)).toBeNull();
    expect(mailNotice([], 'content', words)).toBeNull();
    expect(mailNotice(rows, 'arrival', words)).toEqual({ title: '2 neue Nachrichten', body: '', opens: { kind: 'inbox' } });
    const failed = outboxNotice([item(1, { state: 'rejected' })], 'arrival', words);
    expect(JSON.stringify(failed)).not.toContain('Sent 1');
    expect(outboxNotice([item(1, { state: 'rejected' })], 'content', words)?.body).toBe(`Sent 1\n${words.refusedText}`);
  });

  it('name sender and subject, and of many the first ones', () => {
    expect(mailNotice([row(7)], 'content', words)).toEqual({ title: 'Erika Muster', body: 'Mail 7', opens: { kind: 'mail', entryId: 7 } });
    const many = mailNotice(
      [1, 2, 3, 4, 5].map((n) => row(n)),
      'content',
      words,
    );
    expect(many?.body).toBe('Erika Muster: Mail 1\nErika Muster: Mail 2\nErika Muster: Mail 3\nund 2 weitere');
  });

  it('name the address where the name poses as one, or there is none', () => {
    const from = (name: string, address: string) => mailNotice([row(1, { people: [{ name, address }] })], 'content', words)?.title;
    expect(from('boss@example.org', 'evil@example.net')).toBe('evil@example.net');
    expect(from('\u200b', 'erika@example.org')).toBe('erika@example.org');
    expect(from('', '')).toBe(words.someone);
    expect(mailNotice([row(1, { people: [], subject: ' ' })], 'content', words)).toMatchObject({
      title: words.someone,
      body: words.noSubject,
    });
  });
});

describe('news of the mode', () => {
  const away = state({ mode: 'continuity', cause: 'primary-unreachable', outageId: null });
  const kinds = (before: ContinuityState[] | null, after: ContinuityState[]): string[] => modeNews(before, after).map(({ kind }) => kind);

  it('are an outage, a question and the end of it', () => {
    expect(kinds([state()], [away])).toEqual(['outage']);
    expect(kinds([state()], [state({ mode: 'degraded', asksForFailover: true })])).toEqual(['ask']);
    expect(kinds([state({ mode: 'degraded', asksForFailover: true })], [state({ mode: 'degraded', asksForFailover: true })])).toEqual([]);
    expect(kinds([away], [state({ mode: 'recovering' })])).toEqual([]);
    expect(kinds([state({ mode: 'recovering' })], [away])).toEqual(['outage']);
    expect(kinds([state({ mode: 'recovering' })], [state()])).toEqual(['over']);
  });

  it('are none at the first look, of a suspicion, of a drill, of what a person did, and of this computer being offline', () => {
    expect(kinds(null, [away])).toEqual([]);
    expect(kinds([state()], [state({ mode: 'degraded', reason: 'primary-suspect' })])).toEqual([]);
    expect(kinds([state()], [{ ...away, isDrill: true, cause: 'drill' }])).toEqual([]);
    expect(kinds([{ ...away, isDrill: true }], [state()])).toEqual([]);
    expect(kinds([state()], [{ ...away, cause: 'forced' }])).toEqual([]);
    expect(kinds([state()], [state({ mode: 'offline' })])).toEqual([]);
  });

  it('ask another question where mail seems not to be delivered, and tell nothing of the answer', () => {
    const asks = state({ mode: 'degraded', asksForFailover: true, cause: 'primary-not-delivering' });
    const [news] = modeNews([state()], [asks]);
    expect(modeNotice(news!, words)).toMatchObject({ title: words.askDelivery, body: words.askDeliveryText });
    const gone = { ...asks, accountId: asAccountId(2), cause: 'primary-unreachable' } as const;
    const [both] = modeNews([state(), state({ accountId: asAccountId(2) })], [asks, gone]);
    expect(modeNotice(both!, words)).toMatchObject({ title: words.ask, body: words.askText });
    expect(kinds([asks], [{ ...away, cause: 'primary-not-delivering' }])).toEqual([]);
    expect(kinds([{ ...away, cause: 'primary-not-delivering' }], [state()])).toEqual(['over']);
  });

  it('are told once for all accounts, with what they mean', () => {
    const second = asAccountId(2);
    const news = modeNews([state(), state({ accountId: second })], [away, { ...away, accountId: second }]);
    expect(news).toHaveLength(1);
    expect(modeNotice(news[0]!, words)).toMatchObject({ title: words.outage, body: words.effects['waits-no-relay'] });
  });

  it('of the outbox are what needs a person now', () => {
    const items = [item(1, { state: 'unknown' }), item(2, { state: 'rejected' }), item(3), item(4, { state: 'filed' })];
    expect(outboxNews(new Set(), items).map(({ id }) => id)).toEqual([1, 2]);
    expect(outboxNews(new Set([asOutboxId(1)]), items).map(({ id }) => id)).toEqual([2]);
    expect(outboxNotice([items[0]!], 'arrival', words)?.title).toBe(words.uncertain);
  });
});

describe('the icon in the panel', () => {
  const account = { id: ACCOUNT, config: { email: 'me@example.org' } } as unknown as Facts['accounts'][number];
  const running: Facts = {
    ...noFacts,
    engine: { phase: 'running', error: null, lock: 'none' },
    accounts: [account],
    continuity: [state()],
  };
  const times = { now: NOW, locale: 'de-DE', pausedUntil: null };
  const lines = (facts: Facts): readonly string[] => trayModel(facts, words, times).lines;

  it('says mode, since when, what waits and when the servers were last looked at', () => {
    const sync = [{ lastCompleteAt: NOW - 60_000 }] as unknown as Facts['sync'];
    const outbox = [item(1), item(2, { state: 'unknown' }), item(3, { state: 'accepted' }), item(4, { state: 'filed' })];
    const mailboxes = [
      { role: 'inbox', unseen: 3 },
      { role: 'junk', unseen: 9 },
    ] as unknown as Facts['mailboxes'];
    expect(lines({ ...running, sync, outbox, mailboxes })).toEqual([
      'Normalbetrieb seit 13:30',
      '1 Nachricht wartet im Postausgang',
      '1 gesendete Nachricht braucht Sie',
      'Zuletzt geprüft 14:29',
      '3 ungelesene Nachrichten',
    ]);
  });

  it('says what is wrong since its first sign, and names the account where there are more', () => {
    const broken = state({ mode: 'continuity', troubleSince: NOW - 26 * HOUR, cause: 'primary-unreachable' });
    expect(lines({ ...running, continuity: [broken] })[0]).toBe('Notbetrieb seit 27. Nov., 12:30');
    const second = { ...account, id: asAccountId(2) };
    expect(lines({ ...running, accounts: [account, second], continuity: [broken] })[0]).toMatch(/^me@example\.org: Notbetrieb seit /);
  });

  it('has a shape for each state, and one where a person has to act', () => {
    const icon = (fields: Partial<ContinuityState>): string => trayModel({ ...running, continuity: [state(fields)] }, words, times).icon;
    const up = { endpoint: { side: 'relay', service: 'smtp' }, health: 'up', since: 0, lastGoodAt: 0, lastError: null } as const;
    expect(icon({})).toBe('normal');
    expect(icon({ mode: 'degraded' })).toBe('degraded');
    expect(icon({ mode: 'degraded', asksForFailover: true, cause: 'primary-not-delivering' })).toBe('attention');
    expect(icon({ mode: 'continuity', endpoints: [up] })).toBe('continuity');
    expect(icon({ mode: 'continuity', endpoints: [{ ...up, health: 'down' }] })).toBe('attention');
    expect(icon({ mode: 'continuity' })).toBe('attention');
    expect(icon({ mode: 'degraded', asksForFailover: true })).toBe('attention');
    expect(icon({ mode: 'recovering' })).toBe('recovering');
    expect(icon({ mode: 'offline' })).toBe('offline');
  });

  it('speaks of the worst account', () => {
    const states = [state(), state({ accountId: asAccountId(2), mode: 'degraded' }), state({ accountId: asAccountId(3), mode: 'offline' })];
    expect(trayModel({ ...running, continuity: states }, words, times).icon).toBe('degraded');
  });

  it('says why nothing can be said', () => {
    const engine = (phase: Facts['engine']['phase']) => trayModel({ ...running, engine: { ...running.engine, phase } }, words, times);
    expect(engine('locked')).toMatchObject({ icon: 'attention', lines: [words.engine.locked] });
    expect(engine('failed')).toMatchObject({ icon: 'attention', lines: [words.engine.failed] });
    expect(engine('restarting').icon).toBe('normal');
    expect(lines({ ...running, accounts: [] })).toEqual([words.noAccount]);
  });

  it('has a tooltip that every panel takes', () => {
    const long = { ...account, config: { ...account.config, email: `${'x'.repeat(300)}@example.org` } };
    const facts = { ...running, accounts: [long, { ...long, id: asAccountId(2) }], continuity: [state({ mode: 'continuity' })] };
    expect(trayModel(facts, words, times).tooltip.length).toBeLessThanOrEqual(127);
  });
});

describe('the entry that starts the app at log-in', () => {
  const exec = (...command: string[]): string => /^Exec=(.*)$/mu.exec(autostartEntry(command, 'x'))![1]!;

  it.each([
    [['/opt/Holdover/holdover', '--hidden'], '/opt/Holdover/holdover --hidden'],
    [['/home/a b/Holdover.AppImage'], '"/home/a b/Holdover.AppImage"'],
    [['/x/100%/holdover'], '"/x/100%%/holdover"'],
    [['/x/$HOME/`id`'], '"/x/\\\\$HOME/\\\\`id\\\\`"'],
    [['/x/a"b\\c'], '"/x/a\\\\"b\\\\\\\\c"'],
    [['/x/a\nExec=evil'], '"/x/a\\nExec=evil"'],
    [['/x', ''], '/x ""'],
  ])('quotes %j', (command, line) => {
    expect(exec(...command)).toBe(line);
  });

  it('is one that desktops take, and that they can switch off', () => {
    const entry = autostartEntry(['/opt/holdover'], 'Mail');
    expect(entry).toMatch(/^\[Desktop Entry\]\nType=Application\nName=Holdover\n/u);
    expect(isEntryOn(entry)).toBe(true);
    expect(isEntryOn(`${entry}Hidden=true\n`)).toBe(false);
    expect(isEntryOn(entry.replace('enabled=true', 'enabled=false'))).toBe(false);
    expect(isEntryOn('')).toBe(false);
  });
});

describe('what the desktop asks of the window', () => {
  it('waits in order until it is taken, and not without end', () => {
    let announced = 0;
    const requests = new WindowRequests(() => (announced += 1));
    expect(requests.take()).toBeNull();
    requests.add({ kind: 'compose' });
    for (let n = 0; n < 100; n += 1) requests.add({ kind: 'outbox' });
    expect(requests.take()).toEqual({ kind: 'compose' });
    let rest = 0;
    while (requests.take() !== null) rest += 1;
    expect(rest).toBeLessThan(20);
    expect(announced).toBe(101);
  });
});
