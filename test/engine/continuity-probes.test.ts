import { afterEach, describe, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { isFull, seed } from '../support/this-run.ts';
import { WeatherRig, type Knock } from '../support/weather-rig.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const rigs: WeatherRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function started(...of: ConstructorParameters<typeof WeatherRig>): Promise<WeatherRig> {
  const rig = new WeatherRig(...of);
  rigs.push(rig);
  return rig.start();
}

const ENDPOINTS = ['primary/imap', 'primary/smtp', 'relay/imap', 'relay/smtp'] as const;

function byEndpoint(knocks: readonly Knock[]): Record<string, Knock[]> {
  return Object.fromEntries(ENDPOINTS.map((name) => [name, knocks.filter((one) => `${one.side}/${one.service}` === name)]));
}

/** Most of them within any span of this length. */
function mostWithin(knocks: readonly Knock[], spanMs: number): number {
  return Math.max(0, ...knocks.map(({ at }) => knocks.filter((one) => one.at >= at && one.at < at + spanMs).length));
}

describe('probes', () => {
  it('fall at most once a minute on an endpoint through a calm day', async () => {
    const rig = await started({ seed });
    await rig.clock.advance(24 * HOUR);
    const probes = byEndpoint(rig.knocks.filter((one) => one.by === 'probe'));
    const counts = Object.fromEntries(ENDPOINTS.map((name) => [name, probes[name]!.length]));
    const mostAMinute = Math.max(...ENDPOINTS.map((name) => mostWithin(probes[name]!, MINUTE)));
    reportFigure('calm day of probes', { ...counts, mostAMinute, seed });
    expect(mostAMinute).toBeLessThanOrEqual(1);
    expect(rig.changes).toEqual([]);
    expect([counts['primary/imap'], counts['relay/imap']]).toEqual([0, 0]);
    for (const side of ['primary', 'relay'] as const) {
      const { length } = probes[`${side}/smtp`]!;
      expect(length).toBeGreaterThan(70);
      expect(length).toBeLessThan(130);
    }
  });

  it('ask a calm relay at most once a minute, however often the primary flaps', async () => {
    const rig = await started({ seed });
    await rig.clock.advance(2 * MINUTE);
    rig.knocks.length = 0;
    // The primary's connection breaks every ten seconds: the relay is calm and is asked to tell each time.
    for (let n = 0; n < 60; n += 1) {
      rig.mirror('primary')?.drop();
      await rig.clock.advance(10 * SECOND);
    }
    const probes = byEndpoint(rig.knocks.filter((one) => one.by === 'probe'));
    const most = Object.fromEntries(ENDPOINTS.map((name) => [name, mostWithin(probes[name]!, MINUTE)]));
    reportFigure('probes in a minute while the primary flaps', { ...most, seed });
    expect(most['relay/imap']).toBeLessThanOrEqual(1);
    expect(most['relay/smtp']).toBeLessThanOrEqual(1);
  });

  it('come ever more seldom in an outage: no more than 12 attempts at mailboxes, ours and the mirror’s, in ten minutes', async () => {
    const figures: Record<string, number> = {};
    for (const weather of ['refused', 'silent', 'login-refused'] as const) {
      const rig = await started({ seed });
      await rig.clock.advance(6 * MINUTE);
      rig.knocks.length = 0;
      rig.set('primary', weather);
      if (weather === 'login-refused') rig.mirror('primary')?.drop();
      await rig.clock.advance(10 * MINUTE);
      const knocks = byEndpoint(rig.knocks);
      figures[`${weather} imap`] = knocks['primary/imap']!.length;
      figures[`${weather} smtp`] = knocks['primary/smtp']!.length;
      expect(rig.mode).toBe('continuity');
    }
    reportFigure('attempts in ten minutes of an outage', { ...figures, atMost: 12 });
    for (const count of Object.values(figures)) expect(count).toBeLessThanOrEqual(12);
    expect(figures['login-refused imap']).toBeLessThanOrEqual(5);
  });

  it('of many clients do not come in step', async () => {
    const first: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      const rig = await started({ seed: seed + n, hasRelay: false });
      await rig.clock.advance(HOUR);
      first.push(rig.knocks.filter((one) => one.by === 'probe')[1]!.at);
    }
    expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(2 * MINUTE);
  });
});

describe('a primary that comes and goes', () => {
  const RUNS = isFull ? 300 : 5;
  const FLAPS = 30;
  const STABLE_MS = 60 * SECOND;

  it(`makes no more than two changes of the mode for each stable time it is given (${RUNS} courses)`, async () => {
    const total = { flaps: 0, changes: 0, returns: 0 };
    for (let run = 0; run < RUNS; run += 1) {
      const random = seededRandom(seed + run);
      const rig = await started({ seed: seed + run, continuity: { stableSeconds: STABLE_MS / SECOND } });
      await rig.clock.advance(2 * MINUTE);
      const changes: { at: number; kind: 'away' | 'return' | 'carried-over' }[] = [];
      rig.monitor.onChange(({ mode }, before) => {
        if (mode === before.mode) return;
        const isCarriedOver = before.mode === 'recovering' && mode === 'normal';
        const isReturn = mode === 'recovering' || mode === 'normal';
        changes.push({ at: rig.clock.monotonic(), kind: isCarriedOver ? 'carried-over' : isReturn ? 'return' : 'away' });
        // Nothing was done in the outage: what is carried back is done at once.
        if (mode === 'recovering') queueMicrotask(() => rig.monitor.reconciled(rig.accountId, false));
      });
      const startedAt = rig.clock.monotonic();
      for (let n = 0; n < FLAPS; n += 1) {
        const weather = random.pick(['refused', 'refused', 'silent', 'login-refused', 'drop'] as const);
        if (weather !== 'drop') rig.set('primary', weather);
        if (weather === 'drop' || weather === 'login-refused') rig.mirror('primary')?.drop();
        await rig.clock.advance(random.int(1, 90) * SECOND);
        rig.set('primary', 'up');
        await rig.clock.advance(random.bool(0.8) ? random.int(1, 50) * SECOND : random.int(7, 15) * MINUTE);
      }
      const elapsedMs = rig.clock.monotonic() - startedAt;
      const returns = changes.filter((one) => one.kind === 'return');
      for (const [n, one] of returns.entries()) {
        const from = returns[n - 1]?.at ?? -Infinity;
        expect(one.at - from, `run ${run}: two returns`).toBeGreaterThanOrEqual(STABLE_MS);
        expect(
          changes.filter(({ at, kind }) => kind === 'away' && at > from && at < one.at).length,
          `run ${run}: away`,
        ).toBeLessThanOrEqual(2);
      }
      expect(changes.length).toBeLessThanOrEqual(2 + (4 * elapsedMs) / STABLE_MS);
      expect(changes.length).toBeLessThanOrEqual(2 + 4 * returns.length);
      total.flaps += FLAPS;
      total.changes += changes.length;
      total.returns += returns.length;
      await rigs.pop()?.close();
    }
    reportFigure('flapping primary', { courses: RUNS, ...total, seed });
  });

  it('that never stays for the stable time is left once, and not gone back to', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const random = seededRandom(seed - run);
      const rig = await started({ seed: seed + run, continuity: { stableSeconds: STABLE_MS / SECOND } });
      await rig.clock.advance(2 * MINUTE);
      for (let n = 0; n < FLAPS; n += 1) {
        if (random.bool()) rig.set('primary', 'refused');
        else rig.mirror('primary')?.drop();
        await rig.clock.advance(random.int(1, 20) * SECOND);
        rig.set('primary', 'up');
        rig.mirror('primary')?.look();
        await rig.clock.advance(random.int(1, 40) * SECOND);
      }
      expect(rig.changes).toEqual(['normal>degraded', 'degraded>continuity']);
      await rigs.pop()?.close();
    }
  });
});
