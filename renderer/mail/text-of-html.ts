import { htmlParts } from '../../shared/model/html-parts.ts';
import { withoutPictures } from './markup-cost.ts';
import { parseInert } from './purifier.ts';

/** So much of the HTML is read, and so much text is shown. */
const MAX_HTML_CHARS = 300_000;
const MAX_TEXT_CHARS = 50_000;
const NOT_SHOWN = /^(?:style|script|title|template|noscript|textarea|select|iframe|object|svg|math)$/u;
const BREAKING = /^(?:p|div|br|tr|li|table|ul|ol|dl|dt|dd|h[1-6]|blockquote|pre|hr|section|article|header|footer)$/u;
const NAME = /^\/?[a-z][a-z0-9]*/iu;

/** The text between the tags, entities as they are. */
function textBetween(html: string): string {
  const out: string[] = [];
  let [hidden, isComment] = ['', false];
  for (const [n, piece] of html.split('<').entries()) {
    if (n === 0) out.push(piece);
    isComment ||= piece.startsWith('!--');
    const end = piece.indexOf(isComment ? '-->' : '>');
    if (n === 0 || (isComment && end < 0)) continue;
    const name = isComment ? '' : (NAME.exec(piece)?.[0] ?? '').toLowerCase();
    const text = piece.slice(end + (isComment ? 3 : 1));
    isComment = false;
    if (hidden !== '' && name !== `/${hidden}`) continue;
    hidden = NOT_SHOWN.test(name) ? name : '';
    if (hidden !== '') continue;
    if (BREAKING.test(name.replace('/', ''))) out.push('\n');
    else if (/^\/t[dh]$/u.test(name)) out.push(' ');
    out.push(text.replaceAll(/\s+/gu, ' '));
  }
  return out.join('');
}

/**
 * The beginning of the text of a mail's HTML, as it is shown where its layout cannot be. Linear: only the text goes through a
 * parser, for its entities.
 */
export function textOfHtml(html: string): string {
  const read = htmlParts(withoutPictures(html).slice(0, MAX_HTML_CHARS));
  const text = read.map(textBetween).join('\n').slice(0, MAX_TEXT_CHARS);
  const decoded = parseInert(`<pre>\n${text}`).body.textContent;
  return decoded.replaceAll(/[ \u00a0]*\n\s*/gu, '\n').trim();
}

/** The same bound for text that a mail brings along. */
export const firstOf = (text: string): string => text.slice(0, MAX_TEXT_CHARS);
