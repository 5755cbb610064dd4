import { describe, expect, it } from 'vitest';
import { errorCodeSchema, type ErrorCode } from '../../shared/errors.ts';
import {
  applyLook,
  CONFIRM_SPAN_MS,
  forgetFailures,
  isStable,
  kindOf,
  settled,
  stableAt,
  unknownHealth,
  type Health,
  type Look,
} from '../../main/engine/continuity/health.ts';
import { seededRandom } from '../support/random.ts';
import { seed } from '../support/this-run.ts';

const START = Date.UTC(2026, 10, 23, 9);
const IMAP = { side: 'primary', service: 'imap' } as const;
const SMTP = { side: 'primary', service: 'smtp' } as const;
const fresh = (endpoint: Health['endpoint'] = IMAP, past = { hasWorked: true, hasFailed: false }): Health =>
  unknownHealth(endpoint, START, past);

const look = (t: number, of: Partial<Look> = {}): Look => ({ at: START + t, t, source: 'probe', isGood: true, code: null, ...of });
const bad = (t: number, code: ErrorCode = 'connect-refused', of: Partial<Look> = {}): Look => look(t, { isGood: false, code, ...of });
const after = (health: Health, ...looks: readonly Look[]): Health => looks.reduce((one, next) => applyLook(one, next), health);

describe('health of an endpoint', () => {
  it('is suspect after one failure and down after a second one of its kind', () => {
    expect(after(fresh(), bad(0)).health).toBe('suspect');
    expect(after(fresh(), bad(0, 'connection-lost'), bad(2_000))).toMatchObject({
      health: 'down',
      confirmed: 'reach',
      lastError: 'connect-refused',
    });
  });

  it('is not down by two failures that are one event', () => {
    expect(after(fresh(), bad(0), bad(CONFIRM_SPAN_MS - 1)).health).toBe('suspect');
    expect(after(fresh(), bad(0), bad(CONFIRM_SPAN_MS - 1), bad(CONFIRM_SPAN_MS)).health).toBe('down');
  });

  it('needs two refusals of the log-in: a lost connection bears none out', () => {
    const once = after(fresh(), bad(0, 'connection-lost'), bad(2_000, 'auth-rejected'));
    expect(once).toMatchObject({ health: 'suspect', confirmed: null });
    expect(after(once, bad(4_000, 'auth-rejected'))).toMatchObject({ health: 'down', confirmed: 'login' });
  });

  it('stays down when the kind changes, and takes the new kind once borne out', () => {
    const down = after(fresh(), bad(0), bad(2_000));
    const mixed = after(down, bad(4_000, 'auth-rejected'));
    expect(mixed).toMatchObject({ health: 'down', confirmed: 'reach' });
    expect(after(mixed, bad(8_000, 'auth-rejected'))).toMatchObject({ health: 'down', confirmed: 'login' });
  });

  it('is up after one good look, and stable only after the time', () => {
    const up = after(fresh(), bad(0), bad(2_000), look(10_000));
    expect(up).toMatchObject({ health: 'up', lastError: null, hasFailed: true });
    expect(isStable({ ...up, isLive: true }, 69_999, 60_000)).toBe(false);
    expect(isStable({ ...up, isLive: true }, 70_000, 60_000)).toBe(true);
    expect(isStable(up, 70_000, 60_000)).toBe(false);
    expect(stableAt(up, 60_000)).toBe(70_000);
  });

  it('of what is only looked at now and then is stable by two looks that far apart', () => {
    const up = after(fresh(SMTP), bad(0), bad(2_000), look(10_000));
    expect(isStable(up, 200_000, 60_000)).toBe(false);
    expect(isStable(after(up, look(70_000)), 70_000, 60_000)).toBe(true);
  });

  it('begins its stable time anew at each failure', () => {
    const flapped = after(fresh(), bad(0), look(1_000), bad(50_000), look(51_000));
    expect(stableAt(flapped, 60_000)).toBe(111_000);
  });

  it('is stable while it has never failed', () => {
    expect(isStable(fresh(), 0, 60_000)).toBe(true);
    expect(isStable(after(fresh(), look(0)), 0, 60_000)).toBe(true);
    expect(isStable(fresh(IMAP, { hasWorked: true, hasFailed: true }), 1e9, 60_000)).toBe(false);
  });

  it('is down when it flaps four times in a minute, good looks or not', () => {
    const looks = [0, 10, 20, 30].flatMap((s) => [bad(s * 1_000, 'connection-lost'), look(s * 1_000 + 500)]);
    expect(after(fresh(), ...looks.slice(0, 6)).health).toBe('up');
    expect(after(fresh(), ...looks.slice(0, 7)).health).toBe('down');
    const slow = [0, 21, 42, 63].flatMap((s) => [bad(s * 1_000, 'connection-lost'), look(s * 1_000 + 500)]);
    expect(after(fresh(), ...slow.slice(0, 7)).health).toBe('suspect');
  });

  it('never goes down by a server that has enough of us', () => {
    const many = Array.from({ length: 20 }, (_, n) => bad(n * 2_000, 'too-many-connections'));
    expect(after(fresh(), ...many)).toMatchObject({ health: 'suspect', confirmed: null });
  });

  it('does not take our own failures for the server’s', () => {
    for (const code of ['keyring-locked', 'secret-missing', 'store-full', 'config-invalid', 'cancelled', 'internal'] as const)
      expect(after(fresh(), bad(0, code), bad(5_000, code)).health).toBe('unknown');
  });

  it('only suspects while our own network settles', () => {
    const settling = [0, 2_000, 4_000, 6_000].reduce((one, t) => applyLook(one, bad(t, 'dns-failed'), true), fresh());
    expect(settling).toMatchObject({ health: 'suspect', failures: 1 });
    expect(after(settling, bad(8_000, 'dns-failed')).health).toBe('down');
    const refused = [0, 2_000].reduce((one, t) => applyLook(one, bad(t, 'auth-rejected'), true), fresh());
    expect(refused.health).toBe('down');
  });

  it('of a submission that takes no mail is not mended by log-ins, but by mail', () => {
    const refused = bad(0, 'smtp-refused', { source: 'submission' });
    const down = after(fresh(SMTP), refused, { ...refused, t: 20_000 });
    expect(down.health).toBe('down');
    expect(after(down, look(60_000)).health).toBe('down');
    expect(after(down, look(60_000, { source: 'submission' })).health).toBe('up');
    expect(after(down, look(20_000 + 10 * 60_000)).health).toBe('up');
  });

  it('forgets failures but not that it has to prove itself', () => {
    const down = after(fresh(), bad(0), bad(2_000));
    expect(forgetFailures(down, START)).toMatchObject({
      health: 'unknown',
      failures: 0,
      confirmed: null,
      hasFailed: true,
      troubleAt: START,
    });
    const up = after(fresh(), look(0));
    expect(forgetFailures(up, START)).toBe(up);
    expect(settled(down)).toMatchObject({ hasFailed: false, troubleAt: null });
  });

  it('gives every error code one meaning', () => {
    const kinds = errorCodeSchema.options.map((code) => kindOf(code));
    expect(kinds.filter((kind) => kind === 'login')).toHaveLength(5);
    expect(kinds.filter((kind) => kind === 'limit')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === null).length).toBeGreaterThan(30);
  });
});

describe('health under random looks', () => {
  const CODES = ['connect-refused', 'connection-lost', 'auth-rejected', 'too-many-connections', 'server-timeout', 'store-full'] as const;

  it('keeps its promises', () => {
    const random = seededRandom(seed);
    const broken: string[] = [];
    for (let run = 0; run < 500; run += 1) {
      let health = fresh(random.bool() ? IMAP : SMTP);
      let t = 0;
      for (let n = 0; n < 60; n += 1) {
        t += random.int(1, 20_000);
        const before = health;
        const next = random.bool(0.4) ? look(t) : bad(t, random.pick(CODES));
        health = applyLook(health, next);
        const isDown = health.health === 'down';
        const promises = {
          'one look confirms nothing': !(isDown && before.health !== 'down' && before.health !== 'suspect' && health.recent.length < 4),
          'a good look makes it up': !next.isGood || (health.health === 'up' && health.failures === 0 && health.lastError === null),
          'down has a kind': isDown === (health.confirmed !== null),
          'only what is up can become stable': health.health === 'up' || stableAt(health, 0) === null,
          'nothing is good since a time to come': health.goodSince === null || health.goodSince <= t,
          'it remembers little': health.recent.length <= 4,
        };
        for (const [name, isKept] of Object.entries(promises)) if (!isKept) broken.push(`run ${run}, look ${n}: ${name}`);
      }
    }
    expect(broken).toEqual([]);
  });
});
