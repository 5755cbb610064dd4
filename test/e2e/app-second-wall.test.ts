import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { limitOf } from '../support/this-run.ts';
import { expectAskedNobody, expectNothing } from './support/hostile-reader.ts';
import { startHostileTour, type HostileTour } from './support/hostile-tour.ts';
import { windowWithoutPurifier, withDist } from './support/window-without-purifier.ts';

/** Mails of a sample: each kind of attack in each of its wrappings, and some more; a full run has all. */
const SAMPLE = 30;

describe('hostile mail behind the second wall, with no purifier at all', () => {
  let tour: HostileTour;
  let dist: string | undefined;
  beforeAll(async () => {
    dist = windowWithoutPurifier();
    tour = await withDist(dist, () => startHostileTour(SAMPLE));
  }, 600_000);
  afterAll(async () => {
    await tour?.dispose();
    if (dist !== undefined) rmSync(dist, { recursive: true, force: true });
  });

  it('runs nothing, loads nothing, leads nowhere', { timeout: limitOf(600_000) }, async () => {
    const { views: shown } = await tour.readAll();
    await expectNothing(tour.reader, tour.server);
    const { refused } = tour.reader.seen;
    expect(refused).toBeGreaterThan(shown / 2);
    reportFigure('H4 hostile mail, no purifier', { mails: shown, refused, scripts: 0, requests: 0, lookUps: 0, navigations: 0 });
  });

  it('H5: paints nothing outside of its frame', { timeout: limitOf(300_000) }, async () => {
    const { mails, asText, painting, pixels } = await tour.expectSameAround();
    await expectNothing(tour.reader, tour.server);
    expect(painting).toBeGreaterThan(mails * 0.4);
    reportFigure('H5 styles, no purifier', { mails, asText, painting, pixels, differing: 0, requests: 0 });
  });

  it('asked nobody, says the browser’s own log', () => expectAskedNobody(tour.reader, tour.server));
});
