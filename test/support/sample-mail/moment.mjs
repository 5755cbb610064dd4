// @ts-check
import { DAY, MINUTE, berlinClock, fromBerlin, isWeekend } from './dates.mjs';

/**
 * Turns "so many days ago, at this hour in Berlin" into times, relative to the moment the sample is made for.
 * @typedef {object} Moments
 * @property {number} now
 * @property {number} days
 * @property {(age: number, hour: number, minute?: number) => number} at On that day; never in the future.
 * @property {(age: number, hour: number, minute?: number) => number} atWork As `at`, moved back to Friday from a weekend.
 * @property {() => number[]} workdays Ages in whole days of all working days, oldest first.
 */

/**
 * @param {number} now Milliseconds since 1970.
 * @param {number} days
 * @returns {Moments}
 */
export function momentsBefore(now, days) {
  /** @param {number} age @param {number} hour @param {number} minute */
  const raw = (age, hour, minute) => {
    const clock = berlinClock(now - Math.floor(age) * DAY);
    return fromBerlin(clock.getUTCFullYear(), clock.getUTCMonth(), clock.getUTCDate(), hour, minute);
  };
  /** @param {number} age @param {number} hour @param {number} [minute] */
  const at = (age, hour, minute = 7) => {
    const time = raw(age, hour, minute);
    return time <= now - 5 * MINUTE ? time : raw(age + 1, hour, minute);
  };
  return {
    now,
    days,
    at,
    atWork: (age, hour, minute) => {
      let time = at(age, hour, minute);
      while (isWeekend(time)) time -= DAY;
      return time;
    },
    workdays: () =>
      Array.from({ length: days }, (_, index) => days - 1 - index).filter(
        (age) => !isWeekend(raw(age, 12, 0)) && (age > 0 || raw(0, 9, 0) < now),
      ),
  };
}
