import type ICAL from 'ical.js';
import type { Recurrence, Weekday } from '../../../../shared/model/invitation.ts';
import { readTime } from './event-time.ts';

const EVERY: Readonly<Record<string, Recurrence['every']>> = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' };
/** Parts of a rule that are put into words; a rule with any other is only said to repeat. */
const SPOKEN = new Set(['BYDAY', 'BYMONTH', 'BYMONTHDAY', 'BYSETPOS']);
const WORKDAYS = 'MO,TU,WE,TH,FR';
const DAYS: ReadonlySet<string> = new Set(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']);

/** What a rule (RFC 5545 3.3.10) says, as far as it is one of the usual ones. Nothing is expanded. */
export function readRecurrence(rule: ICAL.Recur, start: ICAL.Time, tzid: string): Recurrence {
  const { interval, count, until } = rule;
  const isGood = Number.isInteger(interval) && interval > 0 && interval < 1000;
  const end = { count: typeof count === 'number' ? count : null, until: until ? readTime(until, tzid) : null };
  const other: Recurrence = { every: 'other', interval: 1, weekdays: [], nth: null, ...end };
  const every = EVERY[rule.freq];
  const parts = Object.keys(rule.parts);
  if (every === undefined || !isGood || parts.some((name) => !SPOKEN.has(name))) return other;
  const spoken = spokenDays(rule, every, start);
  return spoken === null ? other : { every, interval, ...spoken, ...end };
}

/** The days of a rule, or null where they cannot be said in a few words. */
function spokenDays(rule: ICAL.Recur, every: Recurrence['every'], start: ICAL.Time): Pick<Recurrence, 'weekdays' | 'nth'> | null {
  const values = (name: string): string[] => [(rule.parts as Record<string, unknown>)[name] ?? []].flat().map(String);
  const [byDay, byMonthDay, byPosition, byMonth] = [values('BYDAY'), values('BYMONTHDAY'), values('BYSETPOS'), values('BYMONTH')];
  const isOwn = (list: string[], own: number): boolean => list.length === 0 || (list.length === 1 && list[0] === String(own));
  if (!isOwn(byMonth, start.month) || !isOwn(byMonthDay, start.day)) return null;
  if (byDay.length === 0) return byPosition.length === 0 ? { weekdays: [], nth: null } : null;
  if (byMonthDay.length > 0) return null;
  const days = byDay.map((day) => /^([+-]?\d+)?([A-Z]{2})$/u.exec(day));
  const weekdays = days.map((match) => match?.[2] ?? '').filter((day): day is Weekday => DAYS.has(day));
  if (weekdays.length !== byDay.length) return null;
  const numbers = days.map((match) => match?.[1]).filter((one) => one !== undefined);
  if (every === 'week' || (every === 'day' && byDay.join(',') === WORKDAYS)) {
    return numbers.length + byPosition.length === 0 ? { weekdays, nth: null } : null;
  }
  const position = numbers[0] ?? byPosition[0];
  if (every === 'day' || weekdays.length !== 1 || numbers.length + byPosition.length !== 1 || position === undefined) return null;
  const nth = Number(position);
  return nth === -1 || (nth >= 1 && nth <= 5) ? { weekdays, nth } : null;
}
