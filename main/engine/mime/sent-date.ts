const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE =
  /(\d{1,2})[\s-]{1,5}([a-z]{3})[a-z]{0,6}[\s,-]{1,5}(\d{2,4})(?:[\s,]{1,5}(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?\s{0,5}([+-]\d{4}|[a-z]{1,5})?/i;
/** Obsolete zones (RFC 5322, 4.3) in minutes; any other name counts as UTC. */
const ZONES: Readonly<Record<string, number>> = {
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  cet: 60,
  mez: 60,
  cest: 120,
  mesz: 120,
  bst: 60,
  msk: 180,
};

/** Milliseconds since 1970 of a Date field (RFC 5322, 3.3 and 4.3, leniently); null when it cannot be read. */
export function parseSentDate(body: string): number | null {
  const text = body.slice(0, 200).replace(/\([^()]*\)/g, ' ');
  const match = DATE.exec(text);
  if (!match) return parseOther(text);
  const month = MONTHS.indexOf((match[2] as string).toLowerCase());
  if (month < 0) return parseOther(text);
  const year = fullYear(match[3] as string);
  const at = new Date(0);
  at.setUTCFullYear(year, month, Number(match[1]));
  at.setUTCHours(Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0));
  const time = at.getTime() - zoneMinutes(match[7] ?? '') * 60_000;
  return Number.isNaN(time) ? null : time;
}

/** Two and three digits as in RFC 5322, 4.3. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

function zoneMinutes(zone: string): number {
  const match = /^([+-])(\d{2})(\d{2})$/.exec(zone);
  if (match) return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
  return ZONES[zone.toLowerCase()] ?? 0;
}

/** ISO and other forms that some senders write. */
function parseOther(text: string): number | null {
  const time = Date.parse(text.trim());
  return Number.isNaN(time) ? null : time;
}
