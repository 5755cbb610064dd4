import type { Invitation, InvitationTime, Recurrence } from '../../shared/model/invitation.ts';
import { visibleLine } from '../../shared/visible-text.ts';
import type { ReadingWords } from '../text/reading.ts';

/** When something takes place: on the clock of the reader, and beside it what differs on that of the organiser. */
export interface When {
  readonly here: string;
  /** Time on the organiser's clock, or that the zone is not known; null where there is nothing to add. */
  readonly there: string | null;
}

const two = (value: number): string => String(value).padStart(2, '0');
/** As a moment on a clock that is taken for UTC, so that no zone of this computer changes what is written. */
const asWritten = (local: string): number => Date.parse(local.length === 10 ? `${local}T12:00Z` : `${local}Z`);

/** What the clock of this computer shows at a moment, in the form of InvitationTime.local. */
function clockHere(at: number): string {
  const date = new Date(at);
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function spanOf(format: Intl.DateTimeFormat, start: number, end: number | null): string {
  if (!Number.isFinite(start)) return '';
  return end !== null && Number.isFinite(end) && end > start ? format.formatRange(start, end) : format.format(start);
}

/** Puts the time of an event into words. */
export function whenOf({ start, end }: Pick<Invitation, 'start' | 'end'>, locale: string, words: ReadingWords['invitation']): When {
  if (start === null) return { here: words.noTime, there: null };
  const last = end === null ? null : asWritten(end.local);
  if (start.local.length === 10) {
    const days = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' });
    return { here: `${spanOf(days, asWritten(start.local), last)}, ${words.allDay}`, there: null };
  }
  const style = { dateStyle: 'full', timeStyle: 'short' } as const;
  const written = spanOf(new Intl.DateTimeFormat(locale, { ...style, timeZone: 'UTC' }), asWritten(start.local), last);
  const zone = visibleLine(start.zone);
  if (start.at === null) return { here: written || words.noTime, there: zone === '' ? null : words.unknownZone(zone) };
  const here = spanOf(new Intl.DateTimeFormat(locale, style), start.at, end?.at ?? null);
  const isSame = zone === '' || clockHere(start.at) === start.local;
  return { here, there: isSame ? null : words.atOrganiser(written, zone) };
}

const WEEK = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY = 86_400_000;

function untilDay(until: InvitationTime, locale: string): string {
  const isExact = until.at !== null;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', ...(isExact ? {} : { timeZone: 'UTC' }) });
  return spanOf(format, until.at ?? asWritten(until.local), null);
}

/** Puts a rule of repetition into words. */
export function repeatsOf(rule: Recurrence, locale: string, words: ReadingWords['invitation']): string {
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' });
  const days = WEEK.flatMap((day, n) => (rule.weekdays.some((one) => one === day) ? [weekday.format(MONDAY + n * DAY)] : []));
  const list = new Intl.ListFormat(locale, { type: 'conjunction' }).format(days);
  const isWorkdays = rule.interval === 1 && rule.nth === null && rule.weekdays.length === 5 && !rule.weekdays.some((day) => day[0] === 'S');
  const every = isWorkdays ? words.workdays : words.every(rule.every, rule.interval);
  const on = isWorkdays || days.length === 0 ? '' : rule.nth === null ? words.onDays(list) : words.onNth(rule.nth, list);
  const until = rule.until ? untilDay(rule.until, locale) : '';
  const end = rule.count !== null ? words.times(rule.count) : until === '' ? '' : words.until(until);
  return [[every, on].filter(Boolean).join(' '), end].filter(Boolean).join(', ');
}
