/** How the value of an attribute begins that is a picture. */
const PICTURE = /=\s*["']data:image\/[a-z+.-]{1,20};base64,/giu;
/** Up to the first of these, whichever quotation mark opened it, no reader sees anything but a part of that value. */
const END = /["'<>]/gu;

/**
 * The same HTML without its encoded pictures, which are no markup, whatever their size. They are looked for from end to end: one pattern for
 * the whole picture would remember each of its characters.
 */
export function withoutPictures(html: string): string {
  if (!html.includes(';base64,')) return html;
  let [rest, from] = ['', 0];
  for (const { 0: start, index } of html.matchAll(PICTURE)) {
    const begin = index + start.length;
    if (begin < from) continue;
    END.lastIndex = begin;
    const end = END.exec(html)?.index ?? html.length;
    rest += html.slice(from, begin);
    from = end;
  }
  return rest + html.slice(from);
}

const MAX_CHARS = 1_500_000;
const MAX_TAGS = 40_000;
/** The parser of the browser looks at all open elements for each new one. */
const MAX_OPEN = 1_000;
/** A longer piece from one `<` to the next begins with a clear tag of so many characters at most. */
const MAX_TAG_CHARS = 10_000;
const PLAIN_PIECE_CHARS = 20_000;
/** Never open for long: they have no end, or the next one ends them. */
const NOT_OPEN = new Set(
  'area base br col embed hr img input link meta source track wbr p li td th tr tbody thead tfoot dt dd o:p'.split(' '),
);
const TAG = /^(\/?)([a-z][a-z0-9:]*)/iu;

/** A tag that every reader ends at the same place, quotation marks and all. */
const CLEAR_TAG = /^<\/?[a-z][a-z0-9:]*(?:\s+[a-z][\w:.-]*(?:=(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*\/?>/iu;

/**
 * Whether HTML is so large or so deep that even parsing it would keep the window from answering. Linear, without a parser;
 * takes rather too much for a tag than too little.
 */
export function isTooMuchMarkup(html: string): boolean {
  const text = withoutPictures(html);
  if (text.length > MAX_CHARS) return true;
  const open = new Map<string, number>();
  let [tags, depth] = [0, 0];
  for (let at = text.indexOf('<'); at >= 0;) {
    const next = text.indexOf('<', at + 1);
    const end = next < 0 ? text.length : next;
    const [, slash, name = ''] = TAG.exec(text.slice(at + 1, at + 30)) ?? [];
    if (name !== '') {
      const key = name.toLowerCase();
      const before = open.get(key) ?? 0;
      if (slash === '/' && before > 0) [depth] = [depth - 1, open.set(key, before - 1)];
      else if (slash !== '/' && !NOT_OPEN.has(key)) [depth] = [depth + 1, open.set(key, before + 1)];
      if (slash !== '/') tags += 1;
      if (depth > MAX_OPEN || tags > MAX_TAGS) return true;
      if (end - at > PLAIN_PIECE_CHARS && !CLEAR_TAG.test(text.slice(at, at + MAX_TAG_CHARS))) return true;
    }
    at = next;
  }
  return false;
}
