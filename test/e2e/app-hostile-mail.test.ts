import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { limitOf } from '../support/this-run.ts';
import { expectAskedNobody, expectNothing } from './support/hostile-reader.ts';
import { startHostileTour, type HostileTour } from './support/hostile-tour.ts';
import { callOf } from './support/page-script.ts';
import { expectCalledNobody, readCallHome } from './support/read-call-home.ts';

/** Attacks of a sample, and how many of those that are only looked at come in one mail; a full run has every attack in all of its wrappings, alone. */
const [SAMPLE, TOGETHER] = [310, 8];
/** Attacks of styles in a sample; with no purifier before them more are tried, in app-second-wall. */
const STYLES = 12;

/** As the bar names them. */
const NAMED = [
  ...['message/external-body', 'Content-Base', 'Content-Location', 'Disposition-Notification-To', 'Return-Receipt-To'],
  ...['List-Unsubscribe', 'List-Unsubscribe-Post', 'BIMI', 'Face', 'X-Face and X-Image-URL', 'S/MIME AIA and OCSP', 'favicon of links'],
];

describe('hostile mail in the reader', () => {
  let tour: HostileTour;
  beforeAll(async () => void (tour = await startHostileTour(SAMPLE, TOGETHER, STYLES)));
  afterAll(() => tour?.dispose());

  it('runs nothing, loads nothing, leads nowhere', { timeout: limitOf(600_000) }, async () => {
    const { app, seen } = tour.reader;
    await app.window.evaluate(callOf('frame-writes'));
    const { views, attacks, asMarkup } = await tour.readAll();
    const writes = await app.window.evaluate<{ wrong: string[]; count: number }>('frameWrites()');
    expect(writes.wrong).toEqual([]);
    expect(attacks).toBeGreaterThanOrEqual(SAMPLE);
    expect(asMarkup).toBeGreaterThan(attacks * 0.9);
    expect(writes.count).toBeGreaterThan(views * 0.9);
    reportFigure('H3 one text from the cleaner to the frame', { mails: views, writes: writes.count, others: 0 });
    expect(seen.refusedFrames).toBe(0);
    // What the purifier left has nothing that the guards would have had to stop.
    expect(app.log().filter(({ ev }) => String(ev).startsWith('guard.') && ev !== 'guard.contents')).toEqual([]);
    await expectNothing(tour.reader, tour.server);
    reportFigure('H1 hostile mail', {
      attacks,
      mails: views,
      scripts: 0,
      requests: 0,
      lookUps: 0,
      navigations: 0,
      dialogs: 0,
      downloads: 0,
    });
  });

  it('H5: paints nothing outside of its frame', { timeout: limitOf(300_000) }, async () => {
    const { mails, asText, painting, pixels } = await tour.expectSameAround();
    await expectNothing(tour.reader, tour.server);
    expect(painting).toBeGreaterThan(mails * 0.2);
    reportFigure('H5 styles', { mails, asText, painting, pixels, differing: 0, requests: 0 });
  });

  it('H2: whatever a mail asks for beside its markup, nobody is called and nothing is sent', { timeout: limitOf(300_000) }, async () => {
    const techniques = await readCallHome(tour);
    await expectNothing(tour.reader, tour.server);
    await expectCalledNobody(tour);
    for (const name of NAMED) expect(techniques.filter((one) => one.startsWith(name)).length, name).toBeGreaterThan(0);
    reportFigure('H2 calls beside the markup', { techniques: techniques.length, requests: 0, lookUps: 0, receipts: 0, mails: 0 });
  });

  it('asked nobody, says the browser’s own log', () => expectAskedNobody(tour.reader, tour.server));
});
