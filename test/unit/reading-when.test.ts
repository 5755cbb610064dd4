import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repeatsOf, whenOf } from '../../renderer/reading/when.ts';
import { readingWords } from '../../renderer/text/reading.ts';
import type { Recurrence } from '../../shared/model/invitation.ts';

const zoneBefore = process.env['TZ'];
beforeAll(() => void (process.env['TZ'] = 'Europe/Berlin'));
afterAll(() => {
  if (zoneBefore === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zoneBefore;
});

const { de, en } = { de: readingWords.de.invitation, en: readingWords.en.invitation };
const at = (iso: string, local: string, zone = '') => ({ at: Date.parse(iso), local, zone });
const day = (local: string) => ({ at: null, local, zone: '' });
/** Spaces of a range are thin ones, and a comma follows the day, in some versions of the tables. */
const plain = (text: string | null) =>
  text
    ?.replaceAll(/[\u2009\u202f\u00a0]/gu, ' ')
    .replaceAll(' – ', '–')
    .replace(/(?<=^[A-Z][a-z]+day),/u, '') ?? null;
const said = (event: Parameters<typeof whenOf>[0], locale = 'en-GB') => {
  const { here, there } = whenOf(event, locale, locale.startsWith('de') ? de : en);
  return [plain(here), plain(there)];
};

describe('when an event takes place', () => {
  it('is told on the clock of the reader, with that of the organiser where it differs', () => {
    const start = at('2026-07-15T14:00Z', '2026-07-15T10:00', 'Eastern Standard Time');
    const end = at('2026-07-15T15:30Z', '2026-07-15T11:30', 'Eastern Standard Time');
    expect(said({ start, end })).toEqual([
      'Wednesday 15 July 2026, 16:00–17:30',
      'Wednesday 15 July 2026, 10:00–11:30 in the time zone of the invitation (Eastern Standard Time)',
    ]);
    expect(said({ start: at('2026-07-15T08:00Z', '2026-07-15T10:00', 'W. Europe Standard Time'), end: null }, 'de-DE')).toEqual([
      'Mittwoch, 15. Juli 2026 um 10:00',
      null,
    ]);
  });

  it('is told in days where it takes whole ones, whatever the time zone', () => {
    expect(said({ start: day('2026-07-15'), end: day('2026-07-15') })).toEqual(['Wednesday 15 July 2026, all day', null]);
    expect(said({ start: day('2026-07-15'), end: day('2026-07-17') }, 'de-DE')[0]).toMatch(
      /Mittwoch, 15\.(?: Juli)?–Freitag, 17\. Juli 2026, ganztägig/u,
    );
  });

  it('is told as written where the zone is not known, or none is named', () => {
    const start = { at: null, local: '2026-07-15T10:00', zone: '' };
    expect(said({ start, end: null })).toEqual(['Wednesday 15 July 2026 at 10:00', null]);
    expect(said({ start: { ...start, zone: 'Middle Earth' }, end: null })[1]).toContain('“Middle Earth”, which is not known here');
    expect(said({ start: null, end: null })).toEqual([en.noTime, null]);
  });

  it.each(['2026-99-99', 'nonsense', '0000-00-00T99:99'])('never throws on %s', (local) => {
    expect(() => whenOf({ start: { at: null, local, zone: '' }, end: { at: null, local, zone: '' } }, 'de-DE', de)).not.toThrow();
  });
});

describe('how often it comes again', () => {
  const rule = (fields: Partial<Recurrence>): Recurrence => ({
    every: 'week',
    interval: 1,
    weekdays: [],
    nth: null,
    count: null,
    until: null,
    ...fields,
  });
  it.each<[Partial<Recurrence>, string, string]>([
    [{ every: 'day' }, 'Every day', 'Jeden Tag'],
    [{ weekdays: ['MO', 'WE'] }, 'Every week on Monday and Wednesday', 'Jede Woche am Montag und Mittwoch'],
    [{ interval: 2, weekdays: ['FR'], count: 5 }, 'Every 2 weeks on Friday, 5 times', 'Alle 2 Wochen am Freitag, 5 Mal'],
    [{ every: 'month', weekdays: ['TU'], nth: 2 }, 'Every month on the second Tuesday', 'Jeden Monat am zweiten Dienstag'],
    [{ every: 'month', weekdays: ['FR'], nth: -1 }, 'Every month on the last Friday', 'Jeden Monat am letzten Freitag'],
    [{ weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'] }, 'Every day from Monday to Friday', 'Jeden Tag von Montag bis Freitag'],
    [{ every: 'year', until: day('2030-12-31') }, 'Every year, until 31 December 2030', 'Jedes Jahr, bis 31. Dezember 2030'],
    [{ every: 'other' }, 'Repeats', 'Wiederholt sich'],
  ])('%j', (fields, english, german) => {
    expect([repeatsOf(rule(fields), 'en-GB', en), repeatsOf(rule(fields), 'de-DE', de)]).toEqual([english, german]);
  });
});
