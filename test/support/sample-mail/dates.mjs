// @ts-check

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTHS_DE = ['Januar', 'Februar', 'März', 'April', 'Mai', 'Juni', 'Juli', 'August', 'September', 'Oktober', 'November', 'Dezember'];

/**
 * Minutes that clocks in Berlin are ahead of UTC: EU summer time from the last Sunday of March to that of October, 01:00 UTC.
 * Computed here so that the sample does not depend on the time-zone data of the machine.
 * @param {number} time Milliseconds since 1970.
 */
export function berlinOffset(time) {
  const year = new Date(time).getUTCFullYear();
  return time >= lastSunday(year, 2) && time < lastSunday(year, 9) ? 120 : 60;
}

/**
 * @param {number} year
 * @param {number} month
 */
function lastSunday(year, month) {
  const lastDay = new Date(Date.UTC(year, month + 1, 0, 1));
  return lastDay.getTime() - lastDay.getUTCDay() * DAY;
}

/**
 * The wall clock in Berlin, as a Date whose UTC fields carry it.
 * @param {number} time
 */
export function berlinClock(time) {
  return new Date(time + berlinOffset(time) * MINUTE);
}

/**
 * Milliseconds since 1970 of a Berlin wall-clock time.
 * @param {number} year
 * @param {number} month 0 to 11
 * @param {number} day
 * @param {number} hour
 * @param {number} minute
 */
export function fromBerlin(year, month, day, hour, minute) {
  const local = Date.UTC(year, month, day, hour, minute);
  return local - berlinOffset(local - 60 * MINUTE) * MINUTE;
}

/** @param {number} value */
export const two = (value) => String(value).padStart(2, '0');

/**
 * RFC 5322 3.3 date-time.
 * @param {number} time
 * @param {number} [offsetMinutes] Default: Berlin.
 */
export function formatMailDate(time, offsetMinutes = berlinOffset(time)) {
  const clock = new Date(time + offsetMinutes * MINUTE);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const ahead = Math.abs(offsetMinutes);
  const date = `${WEEKDAYS[clock.getUTCDay()]}, ${clock.getUTCDate()} ${MONTHS[clock.getUTCMonth()]} ${clock.getUTCFullYear()}`;
  const hours = `${two(clock.getUTCHours())}:${two(clock.getUTCMinutes())}:${two(clock.getUTCSeconds())}`;
  return `${date} ${hours} ${sign}${two(Math.floor(ahead / 60))}${two(ahead % 60)}`;
}

/** `14.11.2025` @param {number} time */
export function shortDateDe(time) {
  const clock = berlinClock(time);
  return `${two(clock.getUTCDate())}.${two(clock.getUTCMonth() + 1)}.${clock.getUTCFullYear()}`;
}

/** `14. November 2025` @param {number} time */
export function longDateDe(time) {
  const clock = berlinClock(time);
  return `${clock.getUTCDate()}. ${MONTHS_DE[clock.getUTCMonth()]} ${clock.getUTCFullYear()}`;
}

/** `14 Nov 2025` @param {number} time */
export function shortDateEn(time) {
  const clock = berlinClock(time);
  return `${clock.getUTCDate()} ${MONTHS[clock.getUTCMonth()]} ${clock.getUTCFullYear()}`;
}

/** `09:41` @param {number} time */
export function clockTime(time) {
  const clock = berlinClock(time);
  return `${two(clock.getUTCHours())}:${two(clock.getUTCMinutes())}`;
}

/** `20251114T084100Z` @param {number} time */
export function icsTime(time) {
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** ISO 8601 week number in Berlin. @param {number} time */
export function isoWeek(time) {
  const clock = berlinClock(time);
  const thursday = new Date(clock.getTime() + (4 - (clock.getUTCDay() || 7)) * DAY);
  const newYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - newYear) / (7 * DAY)) + 1;
}

/** Saturday or Sunday in Berlin. @param {number} time */
export function isWeekend(time) {
  return [0, 6].includes(berlinClock(time).getUTCDay());
}
