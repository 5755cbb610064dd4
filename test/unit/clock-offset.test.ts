import { describe, expect, it } from 'vitest';
import { clockOffset, offsetWords, OFFSETS_KEPT, OFFSET_TOLERANCE_MS } from '../../main/engine/core/clock-offset.ts';
import { clockGap } from '../../renderer/text/clock-gap.ts';
import { seededRandom } from '../support/random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const times = (n: number, of: number): number[] => Array.from({ length: n }, () => of);

describe('how far another clock is ahead', () => {
  const cases: [string, number[], number][] = [
    ['nothing was seen', [], 0],
    ['too little was seen', times(4, 3 * HOUR), 0],
    ['enough was seen', times(5, 3 * HOUR), 3 * HOUR],
    ['it is behind', times(5, -3 * HOUR), -3 * HOUR],
    ['it is off by no more than any clock', times(15, OFFSET_TOLERANCE_MS), 0],
    ['it is off by a little more', times(15, OFFSET_TOLERANCE_MS + 1), OFFSET_TOLERANCE_MS + 1],
    ['some were told late', [...times(10, 3 * HOUR), -5 * HOUR, -9 * HOUR, 0, 0, 0], 3 * HOUR],
    ['half were told late', [...times(8, 0), ...times(7, -9 * HOUR)], 0],
    ['they say this and that', [0, 1, 2, 3, 4, 5].map((n) => n * HOUR), 0],
    ['it was set a while ago', [...times(15, 3 * HOUR), ...times(10, 0)], 0],
    ['it went wrong a while ago', [...times(15, 0), ...times(10, 3 * HOUR)], 3 * HOUR],
  ];
  it.each(cases)('%s', (_name, offsets, expected) => {
    expect(clockOffset(offsets)).toBe(expected);
  });

  it('is found to some minutes whatever a third of the sightings say', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = seededRandom(seed);
      const offset = random.pick([-1, 1]) * random.int(10, 600) * MINUTE;
      const n = random.int(6, OFFSETS_KEPT);
      const wild = Math.floor(n / 3);
      const offsets = Array.from({ length: n }, (_, i) => (i < wild ? random.int(-900, 0) * MINUTE : offset - random.int(0, 120) * 1000));
      const found = clockOffset(random.shuffle(offsets));
      expect(Math.abs(found - offset), `seed ${seed}`).toBeLessThanOrEqual(2 * MINUTE);
    }
  });

  it('is told in words', () => {
    expect([3 * HOUR, -90 * MINUTE, 0].map(offsetWords)).toEqual(['180 min ahead', '90 min behind', '']);
    expect(clockGap(3 * HOUR)).toEqual({ isAhead: true, unit: 'hours', count: 3 });
    expect(clockGap(-90 * MINUTE)).toEqual({ isAhead: false, unit: 'minutes', count: 90 });
  });
});
