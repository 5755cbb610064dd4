import { describe, expect, it } from 'vitest';
import { delivered, enqueue, keepFor, nextFor, type Queue, type Queued } from '../../main/app/readiness/alert-queue.ts';
import { lookAgain, type Watched } from '../../main/app/readiness/alert-watch.ts';
import { accountConditions, storeConditions, type Condition } from '../../main/app/readiness/conditions.ts';
import type { ReadinessFacts } from '../../main/app/readiness/facts.ts';
import { accountReports, isLookedAt, makeReport } from '../../main/app/readiness/make-report.ts';
import { syslogMessage } from '../../main/app/readiness/syslog.ts';
import { alertDelayMs, reportDueAt, retryMs } from '../../main/app/readiness/timing.ts';
import { syslogTarget } from '../../shared/policy/readiness.ts';
import { alertKindSchema, type Alert } from '../../shared/readiness/alert.ts';
import { readinessReportSchema } from '../../shared/readiness/report.ts';
import type { Drill } from '../../shared/model/drill.ts';
import type { ReconcileRun } from '../../shared/model/reconcile.ts';
import { account, continuityOf, DAY, endpointOf, NOW, outboxItem, report, syncOf, wellFacts } from '../support/readiness-facts.ts';

const MINUTE = 60_000;
const KINDS = new Set(alertKindSchema.options);
const conditionsOf = (facts: ReadinessFacts): string[] =>
  accountConditions(facts, accountReports(facts), NOW).map(({ kind, code, count }) => [kind, code, count].join(' ').trim());
const alert = (change: Partial<Alert> = {}): Alert => ({
  ...{
    format: 'holdover-alert-1',
    id: '00000000-0000-4000-8000-00000000000a',
    kind: 'primary-down',
    state: 'raised',
    at: '2026-11-23T09:00:00.000Z',
  },
  ...{
    device: 'PC-1',
    profile: '00000000-0000-4000-8000-000000000001',
    version: '0.1.0',
    account: 'anna@company.example',
    code: null,
    count: null,
  },
  ...change,
});

describe('the report of a device', () => {
  const device = { device: 'PC-1', profile: '00000000-0000-4000-8000-000000000001', version: '0.1.0', platform: 'linux', now: NOW };
  const rest = { store: report().store, policy: report().policy, lease: null };
  const made = (facts: ReadinessFacts) => makeReport({ ...device, ...rest, accounts: accountReports(facts) });

  it('says how far the copy goes, and how the log-ins went, and passes its own schema', () => {
    const drills = new Map([[account.id, { endedAt: NOW - DAY, score: 95 } as Drill]]);
    const outbox = [outboxItem('queued'), outboxItem('unknown'), outboxItem('filed')];
    const told = readinessReportSchema.parse(made(wellFacts({ drills, outbox })));
    expect(told.accounts[0]).toMatchObject({
      address: 'anna@company.example',
      primary: { syncedAt: '2026-11-23T08:59:00.000Z', completeSince: '2026-11-09T09:00:00.000Z' },
      relay: { imap: { result: 'ok' }, smtp: { result: 'ok', goodAt: '2026-11-23T08:59:00.000Z' } },
      drill: { score: 95 },
      outbox: { waiting: 2, uncertain: 1 },
    });
  });

  it('holds nothing of a mail, a mailbox, another person or a server', () => {
    const error = {
      code: 'auth-rejected',
      scope: 'account',
      retry: 'ask',
      side: null,
      detail: 'anna@company.example said no at imap.company.example',
    } as const;
    const text = JSON.stringify(
      made(wellFacts({ outbox: [outboxItem('unknown')], sync: [syncOf('primary', { error }), syncOf('relay')] })),
    );
    for (const word of ['Secret', 'elsewhere', 'imap.company', 'relay.provider', 'said no']) expect(text).not.toContain(word);
    expect(text).toContain('auth-rejected');
  });

  it('tells a refused relay, and waits for the first look at every server', () => {
    const refused = [endpointOf({ side: 'relay', service: 'smtp' }, { health: 'down', lastError: 'auth-rejected' })];
    const [told] = accountReports(wellFacts({ continuity: [continuityOf({ endpoints: refused })] }));
    expect(told?.relay?.smtp).toEqual({ result: 'failed', goodAt: '2026-11-23T08:59:00.000Z', code: 'auth-rejected' });
    expect(isLookedAt(accountReports(wellFacts()))).toBe(true);
    const fresh = wellFacts({ continuity: [continuityOf({ endpoints: [] })] });
    expect(accountReports(fresh)[0]?.relay?.smtp?.result).toBe('unchecked');
    expect(isLookedAt(accountReports(fresh))).toBe(false);
  });
});

describe('when a report is due', () => {
  const timing = { reportedAt: null, now: NOW, everyHours: 24, spreadMinutes: 60 };
  it('is spread by chance where many devices are due at once, and never before its interval', () => {
    expect(reportDueAt({ ...timing, chance: 0 })).toBe(NOW);
    expect(reportDueAt({ ...timing, chance: 0.5 })).toBe(NOW + 30 * MINUTE);
    expect(reportDueAt({ ...timing, reportedAt: NOW - 60 * MINUTE, chance: 0 })).toBe(NOW + 23 * 60 * MINUTE);
    // A night without the machine: due now, and as all the others it waits its share.
    expect(reportDueAt({ ...timing, reportedAt: NOW - 2 * DAY, chance: 0.25 })).toBe(NOW + 15 * MINUTE);
    // A clock that was put back.
    expect(reportDueAt({ ...timing, reportedAt: NOW + 9 * DAY, chance: 0 })).toBe(NOW);
  });

  it('10,000 devices report at most 0.1 % of the fleet in any second, and their alerts at most 2 %', () => {
    const perSecond = (times: number[]): number => {
      const counts = new Map<number, number>();
      for (const at of times) counts.set(Math.floor(at / 1000), (counts.get(Math.floor(at / 1000)) ?? 0) + 1);
      return Math.max(...counts.values());
    };
    let seed = 20_261_128;
    const chance = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const fleet = Array.from({ length: 10_000 }, chance);
    expect(perSecond(fleet.map((one) => reportDueAt({ ...timing, chance: one })))).toBeLessThanOrEqual(15);
    expect(perSecond(fleet.map((one) => alertDelayMs(60, one)))).toBeLessThanOrEqual(220);
    expect(alertDelayMs(0, 0.9)).toBe(0);
  });

  it('goes on trying, ever more seldom, and not all at once', () => {
    expect([1, 2, 3, 7, 50].map((failures) => retryMs(failures, 1) / MINUTE)).toEqual([1, 2, 4, 60, 60]);
    expect(retryMs(7, 0)).toBe(24 * MINUTE);
  });
});

describe('what is an alert', () => {
  it('is nothing on a device on which all is well', () => {
    expect(conditionsOf(wellFacts())).toEqual([]);
    expect(storeConditions({ phase: 'running', error: null, lock: 'none' })).toEqual([]);
    expect(storeConditions({ phase: 'locked', error: null, lock: 'app-locked' })).toBeNull();
  });

  it.each([
    ['a confirmed outage', { mode: 'continuity', cause: 'primary-unreachable', confirmedAt: NOW }, ['primary-down primary-unreachable']],
    [
      'one that a person has yet to agree to',
      { mode: 'degraded', cause: 'primary-unreachable', confirmedAt: NOW },
      ['primary-down primary-unreachable'],
    ],
    [
      'mail that is not delivered, of which a person is asked',
      { mode: 'degraded', cause: 'primary-not-delivering', confirmedAt: NOW },
      ['primary-down primary-not-delivering'],
    ],
    ['a suspicion', { mode: 'degraded', cause: 'primary-unreachable' }, []],
    ['a drill', { mode: 'continuity', cause: 'drill', isDrill: true, confirmedAt: NOW }, []],
    ['an outage that somebody has switched on', { mode: 'continuity', cause: 'forced', confirmedAt: NOW }, []],
    ['a machine without a network', { mode: 'offline', cause: 'network-down', confirmedAt: NOW }, []],
  ] as const)('%s', (_what, change, expected) => {
    expect(conditionsOf(wellFacts({ continuity: [continuityOf(change)] }))).toEqual(expected);
  });

  it('is a relay that refuses, a copy that is behind, a mail that is uncertain, a change that could not be carried back', () => {
    const endpoints = [endpointOf({ side: 'relay', service: 'imap' }, { health: 'down', lastError: 'auth-rejected' })];
    expect(conditionsOf(wellFacts({ continuity: [continuityOf({ endpoints })] }))).toEqual(['relay-fails auth-rejected']);
    const behind = (change: Parameters<typeof syncOf>[1]) =>
      conditionsOf(wellFacts({ sync: [syncOf('primary', change), syncOf('relay')] }));
    expect(behind({ completeSince: NOW - 5 * DAY })).toEqual(['coverage-behind']);
    expect(behind({ lastCompleteAt: NOW - 2 * DAY })).toEqual(['coverage-behind']);
    expect(conditionsOf(wellFacts({ outbox: [outboxItem('unknown')] }))).toEqual(['send-uncertain  1']);
    const none = { expected: 0, confirmed: 0, exceptions: 0 };
    const balance = { sent: none, received: none, change: { expected: 3, confirmed: 1, exceptions: 2 }, draft: none, restore: none };
    const run = { accountId: account.id, state: 'finished', balance, isAcknowledged: false } as ReconcileRun;
    expect(conditionsOf(wellFacts({ runs: [run] }))).toEqual(['reconcile-exceptions  2']);
    expect(conditionsOf(wellFacts({ runs: [{ ...run, isAcknowledged: true }] }))).toEqual([]);
  });

  it('is a store that is damaged or full', () => {
    for (const code of ['store-corrupt', 'store-full'] as const) {
      const error = { code, scope: 'store', retry: 'ask', side: null, detail: '' } as const;
      expect(storeConditions({ phase: 'failed', error, lock: 'none' })).toEqual([
        { kind: 'store-damaged', account: null, code, count: null },
      ]);
    }
  });
});

describe('an alert', () => {
  const relay: Condition = { kind: 'relay-fails', account: 'anna@company.example', code: 'auth-rejected', count: null };
  /** Looks every ten seconds; `there` says when it is so. */
  function told(minutes: number, there: (minute: number) => boolean, condition = relay): string[] {
    let watched: readonly Watched[] = [];
    const news: string[] = [];
    for (let t = 0; t <= minutes * MINUTE; t += 10_000) {
      const seen = lookAgain(watched, there(t / MINUTE) ? [condition] : [], KINDS, NOW + t);
      watched = seen.watched;
      news.push(...seen.changes.map(({ state }) => `${state} ${t / MINUTE}`));
    }
    return news;
  }

  it('is told once when it has lasted, and once when it has been gone for a while', () => {
    expect(told(30, (minute) => minute < 20)).toEqual(['raised 5', 'cleared 22']);
    expect(told(5, () => true, { ...relay, kind: 'primary-down' })).toEqual(['raised 0']);
  });

  it('is not told where it comes and goes', () => {
    expect(told(60, (minute) => minute % 6 < 4)).toEqual([]);
    // Told, and then on and off: neither told again nor as gone.
    expect(told(60, (minute) => minute < 10 || minute % 3 < 2)).toEqual(['raised 5']);
  });

  it('stays as it is while nothing can be said of it', () => {
    const raised = lookAgain([], [{ ...relay, kind: 'primary-down' }], KINDS, NOW).watched;
    const later = lookAgain(raised, [], new Set(['store-damaged']), NOW + DAY);
    expect(later).toEqual({ watched: raised, changes: [] });
    expect(lookAgain(raised, [{ ...relay, kind: 'primary-down' }], KINDS, NOW + 2 * DAY).changes).toEqual([]);
  });
});

describe('the queue of alerts', () => {
  const queued = (n: number, left: Queued['left'] = ['webhook', 'syslog']): Queued => ({
    alert: alert({ id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` }),
    dueAt: NOW + n,
    left,
  });
  const empty: Queue = { items: [], lost: 0 };

  it('keeps each until it is at every target, in order, and none before it is due', () => {
    const queue = enqueue(empty, [queued(1), queued(2)]);
    expect(nextFor(queue, 'webhook', NOW)).toBeUndefined();
    expect(nextFor(queue, 'webhook', NOW + 9)?.dueAt).toBe(NOW + 1);
    const posted = delivered(queue, queued(1).alert.id, 'webhook');
    expect(nextFor(posted, 'webhook', NOW + 9)?.dueAt).toBe(NOW + 2);
    expect(nextFor(posted, 'syslog', NOW + 9)?.dueAt).toBe(NOW + 1);
    expect(delivered(posted, queued(1).alert.id, 'syslog').items).toHaveLength(1);
    expect(keepFor(posted, ['webhook']).items.map(({ dueAt }) => dueAt)).toEqual([NOW + 2]);
  });

  it('is bounded: the oldest go, and how many is kept', () => {
    const queue = enqueue(
      empty,
      Array.from({ length: 130 }, (_, n) => queued(n)),
    );
    expect([queue.items.length, queue.lost, queue.items[0]?.dueAt]).toEqual([100, 30, NOW + 30]);
  });
});

describe('a syslog message', () => {
  it('has the form of RFC 5424, with what programs need as structured data', () => {
    const text = syslogMessage(alert({ code: 'primary-unreachable' }));
    const [head, , words] = text.split(/ (\[.*\]) /su);
    expect(head).toBe('<130>1 2026-11-23T09:00:00.000Z PC-1 holdover - primary-down');
    expect(text).toContain('[holdover@32473 kind="primary-down" state="raised" device="PC-1" id="00000000-0000-4000-8000-00000000000a"');
    expect(text).toContain('account="anna@company.example" code="primary-unreachable"]');
    expect(words).toBe('\uFEFFprimary-down raised anna@company.example primary-unreachable');
    expect(syslogMessage(alert({ state: 'cleared' }))).toMatch(/^<133>1 /u);
  });

  it('lets no value break out of its place', () => {
    const text = syslogMessage(alert({ device: 'PC "1"] \\ Büro\n', account: 'a"]b\\@company.example' }));
    expect(text).toContain('account="a\\"\\]b\\\\@company.example"');
    expect(text.split(' ')[2]).toBe('PC"1"]\\Bro');
  });

  it('goes where the policy says', () => {
    expect(syslogTarget('tls://[fd00::1]:6514')).toEqual({ protocol: 'tls', host: 'fd00::1', port: 6514 });
    expect(syslogTarget('udp://syslog.company.example:514')).toEqual({ protocol: 'udp', host: 'syslog.company.example', port: 514 });
  });
});
