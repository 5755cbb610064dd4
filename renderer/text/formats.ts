import { startOfDay } from '../list/date-groups.ts';
import { lazily } from './lazily.ts';

const KIB = 1024;
const UNITS = ['kilobyte', 'megabyte', 'gigabyte'] as const;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Written alike in every region; the first formatter of a process takes its time. */
export const isPlain = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 1000;

/** Chooses the regional form: that of the computer where it speaks the language of the window. */
export function regionalLocale(language: 'de' | 'en', systemLocale: string): string {
  if (systemLocale.toLowerCase().startsWith(language)) return systemLocale;
  return language === 'de' ? 'de-DE' : 'en-GB';
}

/** Dates, times, sizes and counts in local form. Times are milliseconds since 1970, sizes bytes. */
export class Formats {
  readonly locale: string;
  readonly #time: () => Intl.DateTimeFormat;
  readonly #clock: () => Intl.DateTimeFormat;
  readonly #dayMonth: () => Intl.DateTimeFormat;
  readonly #dayMonthYear: () => Intl.DateTimeFormat;
  readonly #weekdayTime: () => Intl.DateTimeFormat;
  readonly #full: () => Intl.DateTimeFormat;
  readonly #count: () => Intl.NumberFormat;
  readonly #decimal: () => Intl.NumberFormat;
  readonly #percent: () => Intl.NumberFormat;
  readonly #relative: () => Intl.RelativeTimeFormat;

  constructor(locale: string) {
    this.locale = locale;
    this.#time = lazily(() => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }));
    this.#clock = lazily(() => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' }));
    this.#dayMonth = lazily(() => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }));
    this.#dayMonthYear = lazily(() => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }));
    this.#weekdayTime = lazily(() => new Intl.DateTimeFormat(locale, { weekday: 'short', hour: '2-digit', minute: '2-digit' }));
    this.#full = lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' }));
    this.#count = lazily(() => new Intl.NumberFormat(locale));
    this.#decimal = lazily(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }));
    this.#percent = lazily(() => new Intl.NumberFormat(locale, { style: 'percent' }));
    this.#relative = lazily(() => new Intl.RelativeTimeFormat(locale, { numeric: 'always' }));
  }

  count(value: number): string {
    return isPlain(value) ? String(value) : this.#count().format(value);
  }

  /** With at most one digit after the point. */
  decimal(value: number): string {
    return this.#decimal().format(value);
  }

  /** A share of 0 to 1. */
  percent(share: number): string {
    return this.#percent().format(share);
  }

  time(at: number): string {
    return this.#time().format(at);
  }

  /** Time of day with seconds. */
  clock(at: number): string {
    return this.#clock().format(at);
  }

  /** A point in time, as short as it is clear: time today, weekday and time within a week, else day and time. */
  moment(at: number, now: number): string {
    if (at >= startOfDay(now, 0)) return this.#time().format(at);
    return at >= startOfDay(now, -6) ? this.#weekdayTime().format(at) : `${this.day(at, now)}, ${this.#time().format(at)}`;
  }

  /** "10 Nov", with the year when it is not the present one. */
  day(at: number, now: number): string {
    const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return (isThisYear ? this.#dayMonth : this.#dayMonthYear)().format(at);
  }

  /** Shortest form that is clear below its date heading: time within a week, else day. */
  inList(at: number, now: number): string {
    return at >= startOfDay(now, -6) && at < startOfDay(now, 2) ? this.#time().format(at) : this.day(at, now);
  }

  /** Day and time, written out, for the header of a message. */
  full(at: number): string {
    return this.#full().format(at);
  }

  /** How long ago, for the status: minutes up to an hour, time today, else weekday or day. */
  ago(at: number, now: number): string {
    const passed = now - at;
    if (passed < HOUR) return this.#relative().format(-Math.max(0, Math.floor(passed / MINUTE)), 'minute');
    if (at >= startOfDay(now, 0)) return this.#time().format(at);
    return at >= startOfDay(now, -6) ? this.#weekdayTime().format(at) : this.day(at, now);
  }

  /** Size in the unit that gives one to three digits, binary thousands. */
  bytes(size: number): string {
    let value = size / KIB;
    let unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= KIB;
      unit += 1;
    }
    const digits = value < 10 && unit > 0 ? 1 : 0;
    const style = { style: 'unit', unit: UNITS[unit] ?? 'kilobyte', unitDisplay: 'short', maximumFractionDigits: digits } as const;
    return new Intl.NumberFormat(this.locale, style).format(value < 1 ? Math.ceil(value) : value);
  }
}
