import { decodeHTML, decodeHTMLAttribute } from 'entities';

/** A piece of HTML: text with entities decoded, or a tag with lower-case names and decoded attribute values. */
export type HtmlToken =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'open'; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly type: 'close'; readonly name: string };

/** Elements whose content is text up to their own end tag (WHATWG HTML 13.2.5); none of it is shown in a mail. */
const RAW = new Set('script style title textarea iframe noscript xmp noembed noframes'.split(' '));
const MAX_ATTRIBUTES = 60;
const NAME = /[a-z][^\s/>]*/iy;
const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?/y;
const TAG_END = /[\s/]*>/y;

/**
 * Splits HTML into tokens as browsers do; comments, declarations and the content of raw elements (script, style, title, …) are
 * left out. Every `<` that begins no tag is text. Never throws; linear but for tags without end, which end the text.
 */
export function* htmlTokens(html: string): Generator<HtmlToken> {
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    if (open > at) yield textOf(html.slice(at, open));
    const next = html[open + 1] ?? '';
    if (next === '!' || next === '?') at = declarationEnd(html, open);
    else if (next === '/') {
      const close = closeTag(html, open);
      if (close.name !== '') yield { type: 'close', name: close.name };
      at = close.end;
    } else {
      NAME.lastIndex = open + 1;
      const name = NAME.exec(html)?.[0].toLowerCase();
      if (name === undefined) {
        yield { type: 'text', text: '<' };
        at = open + 1;
        continue;
      }
      const { attributes, end } = readAttributes(html, NAME.lastIndex);
      if (end < 0) return;
      at = end;
      if (RAW.has(name)) at = rawEnd(html, name, end);
      else yield { type: 'open', name, attributes };
    }
  }
  if (at < html.length) yield textOf(html.slice(at));
}

const textOf = (raw: string): HtmlToken => ({ type: 'text', text: (raw.includes('&') ? decodeHTML(raw) : raw).replaceAll('\0', '') });

function readAttributes(html: string, from: number): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>();
  let at = from;
  for (;;) {
    TAG_END.lastIndex = at;
    if (TAG_END.test(html)) return { attributes, end: TAG_END.lastIndex };
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(html);
    if (match === null) return { attributes, end: -1 };
    at = ATTRIBUTE.lastIndex;
    const name = match[1]!.toLowerCase();
    const value = match[2] ?? match[3] ?? match[4] ?? '';
    // The first of two equal names counts, as in browsers.
    if (attributes.size < MAX_ATTRIBUTES && !attributes.has(name)) {
      attributes.set(name, value.includes('&') ? decodeHTMLAttribute(value) : value);
    }
  }
}

function declarationEnd(html: string, open: number): number {
  const isComment = html.startsWith('<!--', open);
  const end = html.indexOf(isComment ? '-->' : '>', open + (isComment ? 2 : 1));
  return end < 0 ? html.length : end + (isComment ? 3 : 1);
}

function closeTag(html: string, open: number): { name: string; end: number } {
  NAME.lastIndex = open + 2;
  const name = NAME.exec(html)?.[0].toLowerCase() ?? '';
  const end = html.indexOf('>', open + 2);
  return { name, end: end < 0 ? html.length : end + 1 };
}

function rawEnd(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}[\\s/>]`, 'gi');
  end.lastIndex = from;
  const found = end.exec(html);
  return found === null ? html.length : found.index;
}
