const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE_TIME = /^ ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
const DATE = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/;

const two = (n: number): string => String(n).padStart(2, '0');
const monthOf = (name: string): number => MONTHS.findIndex((month) => month.toLowerCase() === name.toLowerCase());

/** A point of time (ms since 1970) as IMAP date-time (RFC 9051) in UTC, with its quotes. */
export function imapDateTime(at: number): string {
  const d = new Date(at);
  const day = `${String(d.getUTCDate()).padStart(2, ' ')}-${MONTHS[d.getUTCMonth()]}-${d.getUTCFullYear()}`;
  return `"${day} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000"`;
}

/** Reads an IMAP date-time (without quotes) into milliseconds since 1970. Throws SyntaxError. */
export function parseImapDateTime(text: string): number {
  const m = DATE_TIME.exec(text);
  if (!m) throw new SyntaxError(`no IMAP date-time: ${text}`);
  const utc = Date.UTC(Number(m[3]), monthOf(m[2] as string), Number(m[1]), Number(m[4]), Number(m[5]), Number(m[6]));
  const offsetMs = (Number(m[8]) * 60 + Number(m[9])) * 60_000;
  return m[7] === '+' ? utc - offsetMs : utc + offsetMs;
}

/** The day of an IMAP date (`1-Feb-2026`) as milliseconds at its start in UTC; NaN when it is none. */
export function parseImapDate(text: string): number {
  const m = DATE.exec(text.trim());
  return m ? Date.UTC(Number(m[3]), monthOf(m[2] as string), Number(m[1])) : Number.NaN;
}
