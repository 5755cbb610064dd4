import { decodeHTML } from 'entities';

/** Elements whose content is not shown. */
const HIDDEN = new Set(['style', 'script', 'title', 'noscript', 'template', 'svg', 'math', 'textarea', 'iframe']);
/** Elements whose content is not markup: only their own end tag ends them. */
const RAW = new Set(['style', 'script', 'title', 'textarea', 'iframe', 'noscript']);
/** Elements that do not break a word. */
const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark o:p q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
);
const MAX_HIDDEN_DEPTH = 100;
/** A longer tag ends at its first `>`. */
const MAX_TAG_CHARS = 20_000;

/**
 * The words of an HTML text for search and preview: tags, comments and hidden elements left out, entities decoded, a space
 * (or `block`) where a block begins. Not a renderer and not a sanitiser. One pass with indexOf, no backtracking: linear in the length.
 */
export function htmlToWords(html: string, maxChars: number, block = ' '): string {
  const out: string[] = [];
  let chars = 0;
  let at = 0;
  let hidden: string[] = [];
  while (at < html.length && chars < maxChars) {
    const open = html.indexOf('<', at);
    const textEnd = open < 0 ? html.length : open;
    if (hidden.length === 0 && textEnd > at) {
      const text = html.slice(at, Math.min(textEnd, at + maxChars));
      out.push(text.includes('&') ? decodeHTML(text) : text);
      chars += text.length;
    }
    if (open < 0) break;
    const tag = readTag(html, open);
    at = tag.end;
    if (tag.name === '') {
      if (tag.isText && hidden.length === 0 && chars++ < maxChars) out.push('<');
      continue;
    }
    if (!INLINE.has(tag.name) && hidden.length === 0 && chars++ < maxChars) out.push(block);
    if (!HIDDEN.has(tag.name)) continue;
    if (tag.isEnd) {
      const opened = hidden.lastIndexOf(tag.name);
      if (opened >= 0) hidden = hidden.slice(0, opened);
    } else if (RAW.has(tag.name)) at = rawEnd(html, tag);
    else if (!tag.isEmpty && hidden.length < MAX_HIDDEN_DEPTH) hidden.push(tag.name);
  }
  return out.join('');
}

interface Tag {
  readonly name: string;
  readonly end: number;
  readonly isEnd: boolean;
  readonly isEmpty: boolean;
  /** The `<` begins no tag and is text. */
  readonly isText: boolean;
}

function readTag(html: string, open: number): Tag {
  const next = html.charCodeAt(open + 1);
  if (next === 33 || next === 63) return { name: '', end: commentEnd(html, open), isEnd: false, isEmpty: false, isText: false };
  const isEnd = next === 47;
  let at = open + (isEnd ? 2 : 1);
  const from = at;
  while (at < html.length && isNameChar(html.charCodeAt(at))) at++;
  if (at === from) return { name: '', end: open + 1, isEnd: false, isEmpty: false, isText: true };
  const end = tagEnd(html, at);
  return { name: html.slice(from, Math.min(at, from + 20)).toLowerCase(), end, isEnd, isEmpty: html[end - 2] === '/', isText: false };
}

function commentEnd(html: string, open: number): number {
  const isComment = html.startsWith('<!--', open);
  const end = html.indexOf(isComment ? '-->' : '>', open + (isComment ? 2 : 1));
  return end < 0 ? html.length : end + (isComment ? 3 : 1);
}

/** End of a tag; a `>` inside quotes does not end it. An open quote that is never closed ends at the first `>`. */
function tagEnd(html: string, from: number): number {
  const plain = html.indexOf('>', from);
  if (plain < 0) return html.length;
  for (let at = from; at < html.length && at < from + MAX_TAG_CHARS; at++) {
    const code = html.charCodeAt(at);
    if (code === 62) return at + 1;
    if ((code !== 34 && code !== 39) || html.charCodeAt(at - 1) !== 61) continue;
    // Values are most of a tag: their end is found in one go.
    at = html.indexOf(code === 34 ? '"' : "'", at + 1);
    if (at < 0) break;
  }
  return plain + 1;
}

function rawEnd(html: string, tag: Tag): number {
  if (tag.isEmpty && tag.name !== 'script' && tag.name !== 'style') return tag.end;
  const close = indexOfEndTag(html, tag.name, tag.end);
  return close < 0 ? html.length : close;
}

function indexOfEndTag(html: string, name: string, from: number): number {
  for (let at = html.indexOf('</', from); at >= 0; at = html.indexOf('</', at + 2)) {
    if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return tagEnd(html, at + 2 + name.length);
  }
  return -1;
}

function isNameChar(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 58) || code === 45;
}
