import { describe, expect, it } from 'vitest';
import { outboxStateSchema, type OutboxState } from '../../shared/model/outbox.ts';
import { limits } from '../../shared/limits.ts';
import { nextOutboxState, outboxEvents, type OutboxEvent } from '../../main/engine/outbox/state.ts';
import { countsAsTry, isLifeOver, retryDelayMs, waitedMs } from '../../main/engine/outbox/retry.ts';
import { decideDeparture, type Waits } from '../../main/engine/outbox/route.ts';
import { seededRandom } from '../support/random.ts';

/** Written out: every allowed step; all others have to be refused. */
const allowed: readonly (readonly [OutboxState, OutboxEvent, OutboxState])[] = [
  ['queued', 'claim', 'submitting'],
  ['queued', 'cancel', 'cancelled'],
  ['queued', 'stop', 'accepted'],
  ['queued', 'withdraw', 'unknown'],
  ['queued', 'give-up', 'rejected'],
  ['queued', 'quarantine', 'quarantined'],
  ['submitting', 'retry', 'queued'],
  ['submitting', 'accept', 'accepted'],
  ['submitting', 'refuse', 'rejected'],
  ['submitting', 'give-up', 'rejected'],
  ['submitting', 'lose', 'unknown'],
  ['submitting', 'cancel', 'cancelled'],
  ['submitting', 'stop', 'accepted'],
  ['submitting', 'withdraw', 'unknown'],
  ['submitting', 'quarantine', 'quarantined'],
  ['accepted', 'file', 'filed'],
  ['unknown', 'find', 'accepted'],
  ['unknown', 'find-part', 'queued'],
  ['unknown', 'mark-sent', 'accepted'],
  ['unknown', 'resend', 'queued'],
  ['rejected', 'resend', 'queued'],
];
const pairs = outboxStateSchema.options.flatMap((state) => outboxEvents.map((event) => [state, event] as const));

describe('the state of a mail', () => {
  it.each(pairs)('%s, %s', (state, event) => {
    const expected = allowed.find((one) => one[0] === state && one[1] === event)?.[2];
    if (expected === undefined) expect(() => nextOutboxState(state, event)).toThrow('operation-unsafe');
    else expect(nextOutboxState(state, event)).toBe(expected);
  });

  it('leaves "unknown" by proof or by a person only (O2)', () => {
    const ways = allowed.filter(([from]) => from === 'unknown').map(([, event]) => event);
    expect(ways).toEqual(['find', 'find-part', 'mark-sent', 'resend']);
  });
});

describe('time between tries (O7)', () => {
  it('begins within 30 s, doubles with jitter, and stays within 30 min', () => {
    const random = seededRandom(7);
    for (let retries = 0; retries < 5_000; retries += 1) {
      for (const chance of [0, random.next(), 1 - 1e-12]) {
        const delay = retryDelayMs(retries, chance);
        expect(delay).toBeLessThanOrEqual(30 * 60_000);
        expect(delay).toBeGreaterThanOrEqual(15_000);
        if (retries === 0) expect(delay).toBeLessThanOrEqual(30_000);
        if (retries > 7) expect(delay).toBeGreaterThanOrEqual(22 * 60_000);
      }
    }
    expect(new Set(Array.from({ length: 20 }, () => retryDelayMs(3, random.next()))).size).toBeGreaterThan(15);
  });

  it('goes on for at least five days, also when the clock jumps by a year in between', () => {
    for (const jumpMs of [0, 365 * 86_400_000, -365 * 86_400_000]) {
      const random = seededRandom(11);
      let wall = Date.UTC(2026, 10, 24);
      let lived = 0;
      let waited = 0;
      let lastTryAt: number | null = null;
      for (let retries = 0; ; retries += 1) {
        waited = waitedMs(waited, lastTryAt, wall);
        lastTryAt = wall;
        if (isLifeOver(waited)) break;
        const delay = retryDelayMs(retries, random.next());
        lived += delay;
        wall += delay + (retries === 40 ? jumpMs : 0);
      }
      expect(lived).toBeGreaterThanOrEqual(limits.submitLifeMs);
      expect(lived).toBeLessThan(limits.submitLifeMs + 2 * 86_400_000);
    }
  });

  it('does not count what was not the mail: log-in, TLS, the way there (O5)', () => {
    for (const code of [
      'auth-rejected',
      'token-refresh-failed',
      'tls-failed',
      'tls-certificate-expired',
      'connect-refused',
      'dns-failed',
    ] as const) {
      expect(countsAsTry({ code, scope: 'connection' }, 'login', 535)).toBe(false);
    }
    expect(countsAsTry({ code: 'connection-lost', scope: 'connection' }, 'login', null)).toBe(false);
    expect(countsAsTry({ code: 'connection-lost', scope: 'connection' }, 'recipients', null)).toBe(true);
    expect(countsAsTry({ code: 'smtp-refused', scope: 'connection' }, 'connect', 421)).toBe(true);
    expect(countsAsTry({ code: 'smtp-refused', scope: 'connection' }, 'mail', 451)).toBe(true);
    // At the log-in, with a code that does not say so.
    expect(countsAsTry({ code: 'smtp-refused', scope: 'account' }, 'login', 454)).toBe(false);
  });
});

describe('departure', () => {
  const none: Waits = { undoMs: 0, retryMs: 0, pauseMs: 0, pauseReason: 'retry' };
  const row = { bodyStarted: false, hold: null };
  const primary = { side: 'primary' as const, hold: null };

  it('goes by the route when nothing is waited for', () => {
    expect(decideDeparture(row, true, none, primary)).toEqual({ type: 'go', side: 'primary' });
    expect(decideDeparture(row, true, none, { side: 'relay', hold: null })).toEqual({ type: 'go', side: 'relay' });
  });

  it.each([
    ['the undo window first', { ...none, undoMs: 5, retryMs: 9 }, primary, { reason: 'undo-window', inMs: 5 }],
    ['no route', { ...none, retryMs: 9 }, { side: null, hold: null }, { reason: 'no-route', inMs: null }],
    ['the reason of the route', none, { side: null, hold: 'offline' as const }, { reason: 'offline', inMs: null }],
    ['the next try', { ...none, retryMs: 9 }, primary, { reason: 'retry', inMs: 9 }],
    ['a server that fails', { ...none, pauseMs: 4, pauseReason: 'login-refused' as const }, primary, { reason: 'login-refused', inMs: 4 }],
  ])('is held by %s', (_name, waits, route, expected) => {
    expect(decideDeparture(row, true, waits, route)).toEqual({ type: 'hold', ...expected });
  });

  it('never happens to a mail whose body has begun elsewhere, nor for another account (O8)', () => {
    for (const side of ['primary', 'relay'] as const) {
      const route = { side, hold: null };
      expect(decideDeparture({ ...row, bodyStarted: true }, true, none, route)).toMatchObject({ reason: 'waiting-for-person' });
      expect(decideDeparture(row, false, none, route)).toMatchObject({ reason: 'waiting-for-person' });
    }
  });
});
