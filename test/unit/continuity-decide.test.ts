import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Service, Side } from '../../shared/model/account.ts';
import { decide, eventOf, isPrimaryStable, type Verdict, type Weather, type Will } from '../../main/engine/continuity/decide.ts';
import { applyLook, unknownHealth, type Health } from '../../main/engine/continuity/health.ts';
import { routeOf, type RouteState } from '../../main/engine/continuity/route.ts';
import { nextProbeMs } from '../../main/engine/continuity/schedule.ts';
import { limits } from '../../shared/limits.ts';

/** Running time of the verdict; failures lie a moment before it. */
const NOW = 1_000_000;

type Kind = 'unknown' | 'up' | ErrorCode | `suspect ${ErrorCode}` | `never ${ErrorCode}`;

function health(side: Side, service: Service, kind: Kind): Health {
  const never = kind.startsWith('never ');
  const one = unknownHealth({ side, service }, 0, { hasWorked: !never, hasFailed: false });
  if (kind === 'unknown') return one;
  const at = { at: NOW, source: 'probe' as const };
  if (kind === 'up') return { ...applyLook(one, { ...at, t: NOW - 1_000, isGood: true, code: null }), isLive: service === 'imap' };
  const code = kind.replace(/^(suspect|never) /u, '') as ErrorCode;
  const failed = (t: number, before: Health): Health => applyLook(before, { ...at, t, isGood: false, code });
  return kind.startsWith('suspect ') ? failed(NOW - 3_000, one) : failed(NOW - 1_000, failed(NOW - 4_000, one));
}

interface Case {
  readonly primary: readonly [Kind, Kind | null];
  readonly relay?: readonly [Kind, Kind | null];
  readonly change?: Partial<Weather>;
}

function weather({ primary, relay, change }: Case): Weather {
  const side = (of: Side, [imap, smtp]: readonly [Kind, Kind | null]) => ({
    imap: health(of, 'imap', imap),
    smtp: smtp === null ? null : health(of, 'smtp', smtp),
  });
  return {
    ...{ primary: side('primary', primary), relay: relay ? side('relay', relay) : null },
    ...{ networkLostAt: null, isWitnessed: false, t: NOW, stableMs: 60_000, isStalled: false, ...change },
  };
}

const verdictOf = (one: Case): string => {
  const verdict = decide(weather(one));
  return [verdict.kind, ...('of' in verdict ? [verdict.of] : []), ...(verdict.cause === null ? [] : [verdict.cause])].join(' ');
};

describe('the verdict', () => {
  const table: readonly [string, Case, string][] = [
    ['nothing is known', { primary: ['unknown', 'unknown'] }, 'well'],
    ['all is up', { primary: ['up', 'up'], relay: ['up', 'up'] }, 'well'],
    ['refused, relay well', { primary: ['connect-refused', 'unknown'], relay: ['up', 'up'] }, 'down primary-unreachable'],
    ['reset, relay well', { primary: ['connection-lost', 'up'], relay: ['up', 'up'] }, 'down primary-unreachable'],
    ['silent, relay well', { primary: ['server-timeout', 'connect-timeout'], relay: ['up', 'up'] }, 'down primary-unreachable'],
    ['no name, relay well', { primary: ['dns-failed', 'dns-failed'], relay: ['up', 'up'] }, 'down primary-unreachable'],
    ['certificate expired', { primary: ['tls-certificate-expired', null], relay: ['up', 'up'] }, 'down primary-unreachable'],
    ['first failure', { primary: ['suspect connect-refused', 'up'], relay: ['up', 'up'] }, 'suspect primary primary-unreachable'],
    ['both silent', { primary: ['server-timeout', null], relay: ['connect-timeout', null] }, 'offline network-down'],
    ['both unreachable', { primary: ['network-unreachable', 'dns-failed'], relay: ['dns-failed', 'dns-failed'] }, 'offline network-down'],
    [
      'a hotel answers for both',
      { primary: ['tls-certificate-untrusted', null], relay: ['tls-certificate-wrong-host', null] },
      'offline network-down',
    ],
    ['the proxy is gone', { primary: ['proxy-unreachable', null], relay: ['proxy-unreachable', null] }, 'offline network-down'],
    ['the proxy has no way out', { primary: ['proxy-cannot-reach', null], relay: ['proxy-cannot-reach', null] }, 'offline network-down'],
    ['the proxy finds no primary', { primary: ['proxy-cannot-reach', null], relay: ['up', 'up'] }, 'down primary-unreachable'],
    ['both refused', { primary: ['connect-refused', null], relay: ['connect-refused', null] }, 'down primary-unreachable'],
    ['primary silent, relay refused', { primary: ['server-timeout', null], relay: ['connect-refused', null] }, 'down primary-unreachable'],
    [
      'both silent, submission of the relay answers',
      { primary: ['server-timeout', null], relay: ['server-timeout', 'up'] },
      'down primary-unreachable',
    ],
    [
      'both silent, another account is connected',
      { primary: ['server-timeout', null], relay: ['server-timeout', null], change: { isWitnessed: true } },
      'down primary-unreachable',
    ],
    [
      'silent, relay not heard yet',
      { primary: ['server-timeout', 'server-timeout'], relay: ['unknown', null] },
      'suspect primary primary-unreachable',
    ],
    [
      'silent, relay not heard for long',
      { primary: ['server-timeout', null], relay: ['unknown', null], change: { t: NOW + 30_000 } },
      'down primary-unreachable',
    ],
    [
      'silent, relay suspect',
      { primary: ['server-timeout', null], relay: ['suspect server-timeout', null] },
      'suspect primary primary-unreachable',
    ],
    ['silent, no relay', { primary: ['server-timeout', null] }, 'down primary-unreachable'],
    ['the system says no network', { primary: ['up', 'up'], relay: ['up', 'up'], change: { networkLostAt: NOW } }, 'offline network-down'],
    ['the system said so, and somebody answered since', { primary: ['up', 'up'], change: { networkLostAt: NOW - 2_000 } }, 'well'],
    ['log-in refused', { primary: ['auth-rejected', 'up'], relay: ['up', 'up'] }, 'down primary-login-refused'],
    ['token not renewed', { primary: ['token-refresh-failed', 'up'], relay: ['up', 'up'] }, 'down primary-login-refused'],
    ['log-in never was right', { primary: ['never auth-rejected', null], relay: ['up', 'up'] }, 'suspect primary primary-login-refused'],
    ['unreachable since enrolment', { primary: ['never connect-refused', null], relay: ['up', 'up'] }, 'down primary-unreachable'],
    ['submission refused', { primary: ['up', 'connect-refused'], relay: ['up', 'up'] }, 'down primary-not-accepting'],
    ['submission takes no mail', { primary: ['up', 'smtp-refused'], relay: ['up', 'up'] }, 'down primary-not-accepting'],
    ['submission lets nobody in', { primary: ['up', 'auth-rejected'], relay: ['up', 'up'] }, 'down primary-not-accepting'],
    [
      'submission never let us in',
      { primary: ['up', 'never auth-rejected'], relay: ['up', 'up'] },
      'suspect submission primary-not-accepting',
    ],
    [
      'submission fails once',
      { primary: ['up', 'suspect connect-refused'], relay: ['up', 'up'] },
      'suspect submission primary-not-accepting',
    ],
    [
      'too many connections, submission refused',
      { primary: ['too-many-connections', 'connect-refused'], relay: ['up', 'up'] },
      'down primary-not-accepting',
    ],
    ['too many connections', { primary: ['too-many-connections', 'up'], relay: ['up', 'up'] }, 'suspect primary primary-unreachable'],
    ['relay gone', { primary: ['up', 'up'], relay: ['connect-refused', 'connect-refused'] }, 'relay relay-down'],
    ['submission of the relay gone', { primary: ['up', 'up'], relay: ['up', 'auth-rejected'] }, 'relay relay-down'],
    ['delivery stalled', { primary: ['up', 'up'], relay: ['up', 'up'], change: { isStalled: true } }, 'down primary-not-delivering'],
    ['delivery stalled, no relay', { primary: ['up', 'up'], change: { isStalled: true } }, 'well'],
    ['delivery stalled, relay without submission', { primary: ['up', 'up'], relay: ['up', null], change: { isStalled: true } }, 'well'],
    [
      'delivery stalled, relay down',
      { primary: ['up', 'up'], relay: ['up', 'connect-refused'], change: { isStalled: true } },
      'relay relay-down',
    ],
    [
      'delivery stalled, mailboxes gone',
      { primary: ['connect-refused', 'up'], relay: ['up', 'up'], change: { isStalled: true } },
      'down primary-unreachable',
    ],
    [
      'delivery stalled, submission suspect',
      { primary: ['up', 'suspect connect-refused'], relay: ['up', 'up'], change: { isStalled: true } },
      'suspect submission primary-not-accepting',
    ],
    ['relay fails once', { primary: ['up', 'up'], relay: ['suspect connect-refused', 'up'] }, 'settling'],
  ];

  it.each(table)('%s', (_name, one, expected) => expect(verdictOf(one)).toBe(expected));

  it('waits for the stable time after a failure', () => {
    const failed = weather({ primary: ['connect-refused', null] });
    const back = applyLook(failed.primary.imap, { at: NOW, t: NOW, source: 'live', isGood: true, code: null });
    const later = (t: number): Weather => ({ ...failed, primary: { imap: { ...back, isLive: true }, smtp: null }, t });
    expect(decide(later(NOW + 59_999)).kind).toBe('settling');
    expect(isPrimaryStable(later(NOW + 59_999))).toBe(false);
    expect(decide(later(NOW + 60_000)).kind).toBe('well');
    expect(isPrimaryStable(later(NOW + 60_000))).toBe(true);
  });
});

describe('a primary that does not deliver', () => {
  it('is not back while it does not, however stable it is', () => {
    const well = weather({ primary: ['up', 'up'], relay: ['up', 'up'] });
    expect(isPrimaryStable(well)).toBe(true);
    expect(isPrimaryStable({ ...well, isStalled: true })).toBe(false);
  });
});

describe('the event that a verdict means', () => {
  const automatic: Will = { mode: 'normal', control: 'automatic', asks: false, isDrill: false, cause: null };
  const verdicts: Record<string, Verdict> = {
    offline: { kind: 'offline', cause: 'network-down' },
    down: { kind: 'down', cause: 'primary-unreachable' },
    suspect: { kind: 'suspect', of: 'primary', cause: 'primary-unreachable' },
    submission: { kind: 'suspect', of: 'submission', cause: 'primary-not-accepting' },
    stalled: { kind: 'down', cause: 'primary-not-delivering' },
    relay: { kind: 'relay', cause: 'relay-down' },
    settling: { kind: 'settling', cause: null },
    well: { kind: 'well', cause: null },
  };
  const table: readonly [string, Partial<Will>, string | null][] = [
    ['offline', {}, 'network-lost'],
    ['offline', { mode: 'offline' }, null],
    ['well', { mode: 'offline' }, 'network-back'],
    ['down', { mode: 'offline' }, 'network-back'],
    ['down', {}, 'primary-unreachable'],
    ['down', { asks: true }, 'failover-waits'],
    ['down', { asks: true, mode: 'degraded' }, 'failover-waits'],
    ['down', { asks: true, mode: 'recovering', cause: 'primary-unreachable' }, 'primary-unreachable'],
    ['down', { mode: 'continuity', cause: 'primary-unreachable' }, null],
    ['down', { mode: 'continuity', cause: 'primary-login-refused' }, 'primary-unreachable'],
    ['down', { mode: 'continuity', cause: 'drill', isDrill: true }, null],
    ['down', { control: 'forced-normal' }, null],
    ['well', { control: 'forced-continuity', mode: 'continuity' }, null],
    ['offline', { control: 'forced-continuity', mode: 'continuity' }, 'network-lost'],
    ['suspect', {}, 'primary-suspect'],
    ['submission', {}, 'submission-suspect'],
    ['relay', {}, 'relay-fails'],
    ['settling', { mode: 'degraded' }, null],
    ['well', { mode: 'degraded' }, 'all-well'],
    ['suspect', { mode: 'continuity', cause: 'primary-unreachable' }, null],
    ['stalled', {}, 'failover-waits'],
    ['stalled', { asks: true }, 'failover-waits'],
    ['stalled', { mode: 'degraded' }, 'failover-waits'],
    ['stalled', { mode: 'offline' }, 'network-back'],
    ['stalled', { mode: 'recovering', cause: 'primary-not-delivering' }, null],
    ['stalled', { mode: 'continuity', cause: 'primary-not-delivering' }, null],
    ['stalled', { mode: 'continuity', cause: 'drill', isDrill: true }, null],
    ['stalled', { control: 'forced-normal' }, null],
    ['stalled', { control: 'forced-continuity', mode: 'continuity' }, null],
  ];

  it.each(table)('%s with %j: %s', (name, will, event) => expect(eventOf(verdicts[name]!, false, { ...automatic, ...will })).toBe(event));

  it('ends an outage when the primary is stable, whatever the relay does', () => {
    expect(eventOf(verdicts['relay']!, true, { ...automatic, mode: 'continuity' })).toBe('primary-stable');
    expect(eventOf(verdicts['well']!, false, { ...automatic, mode: 'continuity' })).toBeNull();
  });
});

describe('the route', () => {
  const normal: RouteState = { mode: 'normal', reason: 'started', isPrimaryBarred: false };
  const continuity: RouteState = { mode: 'continuity', reason: 'primary-down-confirmed', isPrimaryBarred: false };
  const recovering: RouteState = { mode: 'recovering', reason: 'primary-back', isPrimaryBarred: false };
  const asks: RouteState = { mode: 'degraded', reason: 'waiting-for-person', isPrimaryBarred: false };
  const table: readonly [string, RouteState, Case, string | null][] = [
    ['all well', normal, { primary: ['up', 'up'], relay: ['up', 'up'] }, 'primary'],
    ['nothing known', normal, { primary: ['unknown', 'unknown'] }, 'primary'],
    ['submission suspect', normal, { primary: ['up', 'suspect connect-refused'], relay: ['up', 'up'] }, 'primary'],
    ['no submission of its own', normal, { primary: ['up', null], relay: ['up', 'up'] }, 'relay'],
    ['no submission anywhere', normal, { primary: ['up', null] }, 'hold no-route'],
    ['offline', { ...normal, mode: 'offline' }, { primary: ['up', 'up'], relay: ['up', 'up'] }, 'hold offline'],
    ['outage', continuity, { primary: ['connect-refused', 'up'], relay: ['up', 'up'] }, 'relay'],
    ['outage, relay not looked at', continuity, { primary: ['connect-refused', 'unknown'], relay: ['unknown', 'unknown'] }, 'relay'],
    [
      'outage, relay gone',
      continuity,
      { primary: ['connect-refused', 'connect-refused'], relay: ['up', 'connect-refused'] },
      'hold no-route',
    ],
    [
      'outage, nobody lets us in',
      continuity,
      { primary: ['auth-rejected', 'auth-rejected'], relay: ['up', 'auth-rejected'] },
      'hold login-refused',
    ],
    ['outage, no relay, submission well', continuity, { primary: ['connect-refused', 'up'] }, 'primary'],
    ['outage, no relay, submission gone', continuity, { primary: ['connect-refused', 'connect-refused'] }, 'hold no-route'],
    ['drill, no relay', { ...continuity, isPrimaryBarred: true }, { primary: ['connect-refused', 'up'] }, 'hold no-route'],
    ['recovering', recovering, { primary: ['up', 'up'], relay: ['up', 'up'] }, 'primary'],
    ['recovering, submission still gone', recovering, { primary: ['up', 'connect-refused'], relay: ['up', 'up'] }, 'relay'],
    ['a person is asked', asks, { primary: ['connect-refused', 'connect-refused'], relay: ['up', 'up'] }, 'hold waiting-for-person'],
    ['a person is asked, submission well', asks, { primary: ['connect-refused', 'up'], relay: ['up', 'up'] }, 'primary'],
    ['submission never let us in', normal, { primary: ['up', 'never auth-rejected'], relay: ['up', 'up'] }, 'hold login-refused'],
  ];

  it.each(table)('%s', (_name, state, one, expected) => {
    const { side, hold } = routeOf(weather(one), state);
    expect(side ?? `hold ${hold}`).toBe(expected);
    expect(side === null).toBe(hold !== null);
  });
});

describe('the plan of probes', () => {
  const plan = (kind: Kind, service: Service, change: Partial<Parameters<typeof nextProbeMs>[0]> = {}): number | null =>
    nextProbeMs({ health: health('primary', service, kind), t: NOW, stableMs: 60_000, attempts: 0, settlesAt: 0, chance: 0.5, ...change });

  it('leaves mailboxes to their connection, but for a suspicion', () => {
    for (const kind of ['unknown', 'up', 'connect-refused', 'auth-rejected', 'suspect too-many-connections'] as const)
      expect(plan(kind, 'imap')).toBeNull();
    expect(plan('suspect connection-lost', 'imap')).toBe(limits.confirmProbeMs);
  });

  it('asks submission now and then, with a spread of a fifth either way', () => {
    expect(plan('up', 'smtp', { chance: 0 })).toBe(limits.calmProbeMs * 0.8);
    expect(plan('up', 'smtp', { chance: 1 })).toBe(limits.calmProbeMs * 1.2);
  });

  it('asks ever more seldom what is down, and most seldom what refuses the log-in', () => {
    const times = Array.from({ length: 8 }, (_, attempts) => plan('connect-refused', 'smtp', { attempts })!);
    expect(times).toEqual([15_000, 30_000, 42_000, 84_000, 168_000, 210_000, 210_000, 210_000]);
    expect(plan('auth-rejected', 'smtp')).toBe(limits.outageProbeMaxMs);
    expect(Number.isFinite(plan('connect-refused', 'smtp', { attempts: 100_000 }))).toBe(true);
  });

  it('waits for our own network to settle before it bears out a suspicion', () => {
    expect(plan('suspect dns-failed', 'imap', { settlesAt: NOW + 9_000 })).toBe(9_000);
  });

  it('looks again when the stable time is over', () => {
    const down = health('primary', 'smtp', 'connect-refused');
    const back = applyLook(down, { at: NOW, t: NOW, source: 'probe', isGood: true, code: null });
    expect(nextProbeMs({ health: back, t: NOW + 10_000, stableMs: 60_000, attempts: 0, settlesAt: 0, chance: 0.5 })).toBe(50_000);
  });
});
