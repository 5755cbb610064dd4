/** Text for HTML: nothing in it is markup any more. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A plain text as the editor's HTML: a block a line, quoted lines (RFC 3676 4.5) as quotations. */
export function htmlOfText(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').replace(/\n+$/u, '').split('\n');
  let level = 0;
  let html = '';
  for (const line of lines) {
    const marks = /^(?:> ?)+/u.exec(line)?.[0] ?? '';
    const own = marks.replaceAll(' ', '').length;
    html += own > level ? '<blockquote>'.repeat(own - level) : '</blockquote>'.repeat(level - own);
    level = own;
    const rest = line.slice(marks.length);
    html += `<div>${rest.trim() === '' ? '<br>' : escapeHtml(rest).replaceAll('  ', ' &nbsp;')}</div>`;
  }
  return html + '</blockquote>'.repeat(level);
}

/** What of a style is kept as a tag when text is pasted. */
export type InlineTag = 'b' | 'i' | 'u' | 's';

/** Formatting that a style attribute expresses (word processors write `font-weight:700` where a tag would do). */
export function tagsOfStyle(style: string): InlineTag[] {
  const values = new Map(
    style.split(';').map((one) => {
      const colon = one.indexOf(':');
      return [
        one.slice(0, colon).trim().toLowerCase(),
        one
          .slice(colon + 1)
          .trim()
          .toLowerCase(),
      ] as const;
    }),
  );
  const tags: InlineTag[] = [];
  const weight = values.get('font-weight') ?? '';
  if (weight.startsWith('bold') || Number(weight) >= 600) tags.push('b');
  if (/^(?:italic|oblique)/u.test(values.get('font-style') ?? '')) tags.push('i');
  const line = `${values.get('text-decoration') ?? ''} ${values.get('text-decoration-line') ?? ''}`;
  if (line.includes('underline')) tags.push('u');
  if (line.includes('line-through')) tags.push('s');
  return tags;
}

/** True where a style says that the tag's own weight does not hold: Google Docs wraps everything in `<b style="font-weight:normal">`. */
export function undoesBold(style: string): boolean {
  return /font-weight\s*:\s*(?:normal|[1-5]00)\b/iu.test(style);
}

const KEPT_STYLES = new Set([
  ...['color', 'background-color', 'font-weight', 'font-style', 'font-size', 'font-family', 'text-decoration', 'text-align'],
  ...['vertical-align', 'width', 'height', 'border', 'border-collapse', 'border-left', 'padding', 'padding-left', 'margin', 'margin-left'],
  'white-space',
]);
const STYLE_DANGER = /[\\@<>]|url|expression|image|var\s*\(|env\s*\(|calc|attr/iu;

/** Declarations that may stay in a mail being written: looks, but nothing that loads, moves or covers. */
export function keptStyle(style: string): string {
  return style
    .split(';')
    .map((one) => one.trim())
    .filter((one) => KEPT_STYLES.has((one.split(':')[0] ?? '').trim().toLowerCase()) && !STYLE_DANGER.test(one) && !/:\s*-/u.test(one))
    .join('; ');
}

/** A web or mail address that may be linked, completed where the scheme is missing; null for anything else. */
export function linkTarget(typed: string): string | null {
  const text = typed.trim();
  if (text === '' || /[\s<>"\\]/u.test(text)) return null;
  if (/^mailto:[^@\s]+@[^@\s]+$/iu.test(text)) return text;
  if (/^[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+$/u.test(text)) return `mailto:${text}`;
  const whole = /^[a-z][a-z0-9+.-]*:/iu.test(text) && !/^[\w.-]+:\d+(?:\/|$)/u.test(text) ? text : `https://${text}`;
  if (!/^https?:\/\//iu.test(whole) || !URL.canParse(whole)) return null;
  const { hostname, username, password } = new URL(whole);
  return username === '' && password === '' && (hostname.includes('.') || hostname === 'localhost') ? whole : null;
}
