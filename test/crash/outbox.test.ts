import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportCases, reportFigure } from '../support/figures.ts';
import { seededRandom } from '../support/random.ts';
import { sliceOf } from '../support/slice.ts';
import { isFull, mode, seed } from '../support/this-run.ts';
import { crashAtOf, outboxPlaces, PHASES, type KillPlace } from './outbox-points.ts';
import { OutboxRuns } from './outbox-runs.ts';

const isSliced = process.env['HOLDOVER_SLICE'] !== undefined;
/** Kills at each place. */
const RUNS = Number(process.env['HOLDOVER_KILLS'] ?? (isFull ? 20 : 1));
/** Kills at points of chance, on top. */
const CHANCE = isFull ? 200 : 1;
const SHOWN_WITHIN_MS = 5_000;

const runs = new OutboxRuns();
/** Kills at each place of the bar, with and without copies at the relay. */
const done = new Map<KillPlace, number>();

beforeAll(() => runs.open());
afterAll(async () => {
  await runs.close();
  const points = [...new Set(outboxPlaces.map((one) => one.point))];
  for (const point of points) {
    const counts = PHASES.map((phase) => done.get(outboxPlaces.find((one) => one.point === point && one.phase === phase)!) ?? 0);
    reportFigure(`O1 kills at ${point}`, { before: counts[0]!, during: counts[1]!, after: counts[2]! });
  }
  reportCases('O1 and O2 kills of the outbox', runs.tally, { ...runs.totals, points: runs.places.size, seed, mode });
});

describe.each([
  { name: 'with copies at the relay (O1)', copies: true },
  { name: 'without (O2)', copies: false },
])('a kill, $name', ({ copies }) => {
  it(
    'at any point loses no mail, sends none twice, and leaves uncertain what may have left and nothing else',
    {
      timeout: isFull ? 7_200_000 : 300_000,
    },
    async () => {
      runs.hasCopies = copies;
      const whole = await runs.play(runs.first, 0);
      expect(whole.steps, whole.stderr).toBeGreaterThan(50);
      // In the sample each place once: where mail is left uncertain, without copies, and some of them with.
      const isChosen = ({ isUncertain }: KillPlace, n: number): boolean =>
        isFull || (copies ? isUncertain !== true || n % 3 === 0 : isUncertain === true);
      const cases = outboxPlaces.filter(isChosen).flatMap((place) => Array.from({ length: RUNS }, (_, n) => ({ place, n })));
      await runs.each(sliceOf(cases), async (lane, { place, n }) => {
        const { at } = place;
        const chances = 'name' in at ? (whole.passed[at.name] ?? 0) : at.server === 'rcpt' ? 4 : 2;
        expect(chances, JSON.stringify(at)).toBeGreaterThan(0);
        // What ends an old mail has nothing to do at the first start.
        const nth = place.point.startsWith('C12') ? chances : 1 + (n % chances);
        if ('server' in at) lane.strike(at.server, nth, n % 4 < 2);
        const ended = await runs.play(lane, crashAtOf(place, nth), place.isUncertain);
        expect(ended.signal, `${place.point} ${place.phase} was not reached: ${ended.stderr}`).toBe('SIGKILL');
        done.set(place, (done.get(place) ?? 0) + 1);
      });
      const random = seededRandom(seed + (copies ? 1 : 0));
      const chance = random.shuffle(Array.from({ length: whole.steps }, (_, n) => n + 1)).slice(0, CHANCE);
      await runs.each(sliceOf(chance), (lane, crashAt) => runs.play(lane, crashAt));
      expect(runs.tally).toMatchObject({ lost: 0, duplicated: 0, stuck: 0 });
      expect(runs.totals.slowestShownMs).toBeLessThan(SHOWN_WITHIN_MS);
    },
  );
});

it('was made at every place as often as the bar asks, and every byte was compared', () => {
  const wanted = isFull ? RUNS * 2 : 1;
  if (!isSliced) expect(outboxPlaces.filter((place) => (done.get(place) ?? 0) < wanted)).toEqual([]);
  expect(outboxPlaces).toHaveLength(36);
  expect(runs.totals.compared).toBeGreaterThan(outboxPlaces.length);
  expect(runs.totals.altered).toBe(0);
  expect(runs.totals.bothRoutes).toBeGreaterThan(0);
});
