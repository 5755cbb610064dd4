// @ts-check

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A quoted string, or a literal where quoting cannot carry the text.
 * @param {string} text Latin-1: one character a byte.
 */
export function quote(text) {
  if (/[\0\r\n]|[^\x00-\x7f]/.test(text) || text.length > 1000) return `{${text.length}}\r\n${text}`;
  return `"${text.replace(/(["\\])/g, '\\$1')}"`;
}

/** @param {string | null | undefined} text */
export const nstring = (text) => (text === null || text === undefined ? 'NIL' : quote(text));

/**
 * @param {string} set For example `1:3,7,9:*`.
 * @param {number} largest What `*` stands for.
 * @returns {(value: number) => boolean}
 * @throws {SyntaxError} when it is no sequence set
 */
export function sequenceSet(set, largest) {
  if (!/^(\d+|\*)(:(\d+|\*))?(,(\d+|\*)(:(\d+|\*))?)*$/.test(set)) throw new SyntaxError('invalid sequence set');
  const ranges = set.split(',').map((part) => {
    const ends = part.split(':').map((end) => (end === '*' ? largest : Number(end)));
    return { from: Math.min(...ends), to: Math.max(...ends) };
  });
  return (value) => ranges.some((range) => value >= range.from && value <= range.to);
}

/**
 * Ascending numbers as a sequence set.
 * @param {readonly number[]} numbers
 */
export function toSequenceSet(numbers) {
  /** @type {string[]} */
  const parts = [];
  for (let i = 0; i < numbers.length;) {
    let last = i;
    while (numbers[last + 1] === (numbers[last] ?? 0) + 1) last += 1;
    parts.push(last > i ? `${numbers[i]}:${numbers[last]}` : `${numbers[i]}`);
    i = last + 1;
  }
  return parts.join(',');
}

/** `24-Nov-2025 10:00:00 +0000` @param {number} time Milliseconds since 1970. */
export function formatInternalDate(time) {
  const date = new Date(time);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${day}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`;
}

/**
 * @param {string} text
 * @returns {number} Milliseconds since 1970.
 * @throws {SyntaxError} when it is no date-time
 */
export function parseInternalDate(text) {
  const match = /^\s?(\d{1,2})-(\w{3})-(\d{4}) (\d\d:\d\d:\d\d) ([+-]\d{4})$/.exec(text);
  if (match === null) throw new SyntaxError('invalid date-time');
  return Date.parse(`${match[1]} ${match[2]} ${match[3]} ${match[4]} ${match[5]}`);
}

/**
 * @param {string} text `24-Nov-2025`
 * @returns {number} Start of that day in UTC.
 * @throws {SyntaxError} when it is no date
 */
export function parseSearchDate(text) {
  const time = Date.parse(`${text.replace(/-/g, ' ')} 00:00:00 +0000`);
  if (Number.isNaN(time)) throw new SyntaxError('invalid date');
  return time;
}
