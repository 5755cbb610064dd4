const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const INTERNAL_DATE = /^ ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?: ([+-])(\d{2})(\d{2}))?$/;
const DAY_MS = 86_400_000;

/** INTERNALDATE (date-time, RFC 9051 9) in milliseconds since 1970; null when it is none. */
export function parseInternalDate(text: string): number | null {
  const match = INTERNAL_DATE.exec(text);
  if (!match) return null;
  const month = MONTHS.findIndex((name) => name.toLowerCase() === (match[2] as string).toLowerCase());
  if (month < 0) return null;
  const [day, year, hour, minute, second] = [match[1], match[3], match[4], match[5], match[6]].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const zoneMs = (Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0)) * (match[7] === '-' ? -60_000 : 60_000);
  const at = new Date(0);
  at.setUTCFullYear(year, month, day);
  const time = at.setUTCHours(hour, minute, second) - zoneMs;
  return Number.isNaN(time) ? null : time;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** date-time for APPEND, in UTC: ` 1-Jan-2025 09:30:00 +0000`. */
export function formatInternalDate(ms: number): string {
  const at = new Date(ms);
  const day = String(at.getUTCDate()).padStart(2, ' ');
  const date = `${day}-${MONTHS[at.getUTCMonth()]}-${String(at.getUTCFullYear()).padStart(4, '0')}`;
  return `${date} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}

/**
 * Day for SEARCH SINCE that surely begins before `ms` wherever the server's clock stands: its days are in a time zone that
 * it does not tell (RFC 9051 6.4.4), so one day earlier is asked.
 */
export function formatSearchDay(ms: number): string {
  const at = new Date(ms - DAY_MS);
  return `${at.getUTCDate()}-${MONTHS[at.getUTCMonth()]}-${String(at.getUTCFullYear()).padStart(4, '0')}`;
}
