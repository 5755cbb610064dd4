const SHOWN = new Set(['summary', 'description', 'location', 'comment', 'organizer', 'attendee']);
const MAX_CHARS = 20_000;

/** What is worth finding of an iCalendar text (RFC 5545): summary, description, place and people. */
export function calendarWords(text: string): string {
  const out: string[] = [];
  let chars = 0;
  for (const line of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    const value = shownValue(line);
    out.push(value);
    chars += value.length;
    if (chars > MAX_CHARS) break;
  }
  return out.filter(Boolean).join(' ').slice(0, MAX_CHARS);
}

/** Value of a content line that people read, with the name of a person (CN); empty for any other line. */
function shownValue(line: string): string {
  const nameEnd = /[;:]/.exec(line)?.index ?? -1;
  if (nameEnd < 0 || !SHOWN.has(line.slice(0, nameEnd).toLowerCase())) return '';
  const valueStart = parametersEnd(line, nameEnd);
  const person = /;CN=(?:"([^"]*)"|([^;:"]*))/i.exec(line.slice(nameEnd, valueStart));
  const value = line
    .slice(valueStart + 1)
    .replace(/\\[nN]/g, ' ')
    .replace(/\\([,;\\])/g, '$1');
  return person ? `${person[1] ?? person[2] ?? ''} ${value}` : value;
}

/** The colon that ends the parameters: the first one outside quotes. */
function parametersEnd(line: string, from: number): number {
  let isQuoted = false;
  for (let at = from; at < line.length; at++) {
    if (line[at] === '"') isQuoted = !isQuoted;
    else if (line[at] === ':' && !isQuoted) return at;
  }
  return line.length;
}
