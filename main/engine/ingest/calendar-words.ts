const SHOWN = new Set(['summary', 'description', 'location', 'comment', 'organizer', 'attendee']);
const MAX_CHARS = 20_000;

/** What is worth finding of an iCalendar text (RFC 5545): summary, description, place and people. */
export function calendarWords(text: string): string {
  const out: string[] = [];
  let chars = 0;
  for (const line of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    const end = /[;:]/.exec(line)?.index ?? -1;
    if (end < 0 || !SHOWN.has(line.slice(0, end).toLowerCase())) continue;
    const value = line
      .slice(end + 1)
      .replace(/\\[nN]/g, ' ')
      .replace(/\\([,;\\])/g, '$1');
    out.push(value);
    chars += value.length;
    if (chars > MAX_CHARS) break;
  }
  return out.join(' ').slice(0, MAX_CHARS);
}
