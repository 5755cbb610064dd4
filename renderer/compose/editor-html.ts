import type { Config } from 'dompurify';
import { purify, trustCleaned } from '../mail/purifier.ts';
import { keptStyle, linkTarget, tagsOfStyle, undoesBold } from './rich-text.ts';

const TAGS = [
  ...['a', 'b', 'blockquote', 'br', 'code', 'dd', 'del', 'div', 'dl', 'dt', 'em', 'font', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i'],
  ...['img', 'ins', 'li', 'ol', 'p', 'pre', 's', 'small', 'span', 'strike', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'tfoot'],
  ...['th', 'thead', 'tr', 'u', 'ul', 'caption', 'col', 'colgroup', 'center', 'big', 'tt', 'cite', 'q'],
];
const ATTRIBUTES = [
  ...['href', 'src', 'alt', 'title', 'width', 'height', 'colspan', 'rowspan', 'align', 'valign', 'dir', 'lang', 'style', 'type', 'start'],
  ...['border', 'cellpadding', 'cellspacing', 'bgcolor', 'color', 'face', 'size', 'class'],
];
const CONFIG: Config = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ADD_URI_SAFE_ATTR: [
    'width',
    'height',
    'colspan',
    'rowspan',
    'align',
    'valign',
    'dir',
    'lang',
    'type',
    'start',
    'border',
    'cellpadding',
  ].concat(['cellspacing', 'bgcolor', 'color', 'face', 'size', 'class']),
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|cid:|blob:|data:image\/(?:png|jpe?g|gif|webp);)/iu,
};
/** Class names that mean something to mail programs and to us; all others came with a page and mean nothing here. */
const KEPT_CLASSES = /^(?:gmail_quote|gmail_attr|moz-cite-prefix|holdover-[a-z-]+)$/u;

/** An image of the draft: what the editor shows for its content id. */
export interface InlineImages {
  /** Address to show, of a content id. */
  urlOf(contentId: string): string | null;
  /** Content id, of an address that is shown. */
  contentIdOf(url: string): string | null;
}

let images: InlineImages | null = null;

purify.addHook('afterSanitizeAttributes', (node) => {
  if (images === null) return;
  if (node.hasAttribute('style')) setOrRemove(node, 'style', keptStyle(node.getAttribute('style') ?? ''));
  if (node.hasAttribute('class')) setOrRemove(node, 'class', [...node.classList].filter((one) => KEPT_CLASSES.test(one)).join(' '));
  if (node.tagName === 'A') setOrRemove(node, 'href', linkTarget(node.getAttribute('href') ?? '') ?? '');
  else node.removeAttribute('href');
  if (node.tagName === 'IMG') cleanImage(node as HTMLImageElement, images);
  else node.removeAttribute('src');
});

function setOrRemove(node: Element, name: string, value: string): void {
  if (value === '') node.removeAttribute(name);
  else node.setAttribute(name, value);
}

/** Images of the draft itself stay, and data that a paste brought; all others would be fetched from somewhere. */
function cleanImage(image: HTMLImageElement, known: InlineImages): void {
  const source = image.getAttribute('src') ?? '';
  if (source.startsWith('data:') || known.contentIdOf(source) !== null) return;
  const url = source.startsWith('cid:') ? known.urlOf(source.slice(4)) : null;
  if (url === null) image.remove();
  else image.setAttribute('src', url);
}

function cleaned(html: string, known: InlineImages): DocumentFragment {
  images = known;
  try {
    return purify.sanitize(html, { ...CONFIG, RETURN_DOM_FRAGMENT: true });
  } finally {
    images = null;
  }
}

/** A stored draft's HTML as nodes for the editor: looks are kept, nothing runs, loads or covers anything. */
export function editorContent(html: string, known: InlineImages): DocumentFragment {
  return cleaned(html, known);
}

/** Shows a stored draft's HTML in the editor, with a line to write in at its top. */
export function fillEditor(editor: HTMLElement, html: string, known: InlineImages): void {
  editor.replaceChildren(editorContent(html, known));
  const first = editor.firstElementChild?.tagName;
  if (first !== undefined && first !== 'BLOCKQUOTE' && first !== 'TABLE' && first !== 'IMG') return;
  const line = document.createElement('div');
  line.append(document.createElement('br'));
  editor.prepend(line);
}

/** Pasted HTML: structure, tables, links and basic formatting; fonts, colours and sizes of the place it came from are left there. */
export function pastedContent(html: string, known: InlineImages): DocumentFragment {
  const fragment = cleaned(html, known);
  for (const element of [...fragment.querySelectorAll('*')]) simplify(element);
  return fragment;
}

const UNWRAPPED = new Set(['FONT', 'SPAN', 'CENTER', 'BIG', 'SMALL', 'TT', 'CITE', 'Q', 'INS']);

function simplify(element: Element): void {
  const style = element.getAttribute('style') ?? '';
  for (const { name } of [...element.attributes]) if (!PASTED_ATTRIBUTES.has(name)) element.removeAttribute(name);
  if (element.tagName === 'TABLE') element.setAttribute('border', '1');
  const isPlainBold = element.tagName === 'B' && undoesBold(style);
  const isText = element.children.length === 0 || UNWRAPPED.has(element.tagName);
  if (isText && !/^(?:B|I|U|S|STRONG|EM)$/u.test(element.tagName)) wrapChildren(element, tagsOfStyle(style));
  if (isPlainBold || UNWRAPPED.has(element.tagName)) element.replaceWith(...element.childNodes);
}

const PASTED_ATTRIBUTES = new Set(['href', 'src', 'alt', 'title', 'colspan', 'rowspan', 'align', 'width', 'height', 'start', 'dir']);

function wrapChildren(element: Element, tags: readonly string[]): void {
  if (element.tagName === 'IMG' || element.tagName === 'BR' || element.textContent.trim() === '') return;
  for (const tag of tags) {
    const wrapper = element.ownerDocument.createElement(tag);
    wrapper.append(...element.childNodes);
    element.append(wrapper);
  }
}

/** Nodes as HTML that may be given to the editor's own insert command, which keeps the undo history. */
export function insertable(fragment: DocumentFragment, known: InlineImages): TrustedHTML {
  const holder = document.createElement('div');
  holder.append(cleaned(htmlIn(fragment), known));
  return trustCleaned(holder.innerHTML);
}

function htmlIn(fragment: DocumentFragment): string {
  const holder = document.createElement('div');
  holder.append(fragment);
  return holder.innerHTML;
}

/** A document that shows nothing, so that nothing in it is loaded. */
const inert = document.implementation.createHTMLDocument('');

/** The editor's content as it is stored: images by content id, and nothing of the looks of this window in it. */
export function storedHtml(editor: HTMLElement, known: InlineImages): string {
  const copy = inert.importNode(editor, true);
  for (const image of copy.querySelectorAll('img')) {
    const contentId = known.contentIdOf(image.getAttribute('src') ?? '');
    if (contentId === null) image.remove();
    else image.setAttribute('src', `cid:${contentId}`);
  }
  const looks = getComputedStyle(editor);
  for (const element of copy.querySelectorAll('[style]')) {
    setOrRemove(element, 'style', keptStyle(withoutLooks(element.getAttribute('style') ?? '', looks)));
    if (element.tagName === 'SPAN' && element.attributes.length === 0) element.replaceWith(...element.childNodes);
  }
  const isEmpty = copy.textContent.trim() === '' && copy.querySelector('img, table, hr') === null;
  return isEmpty ? '' : copy.innerHTML;
}

/**
 * Chromium writes the editor's own colour and font on text that it moves from block to block. In a mail that would be the colour of a
 * dark window on somebody's white paper.
 */
function withoutLooks(style: string, looks: CSSStyleDeclaration): string {
  const isOurs = (one: string): boolean => {
    const [name = '', ...rest] = one.split(':');
    const value = rest.join(':').trim();
    return /^\s*(?:color|font-(?:size|family)|line-height)\s*$/iu.test(name) && looks.getPropertyValue(name.trim()) === value;
  };
  return style
    .split(';')
    .filter((one) => !isOurs(one))
    .join(';');
}

const BLOCKS = new Set('ADDRESS BLOCKQUOTE CENTER DIV DL DD DT H1 H2 H3 H4 H5 H6 HR LI OL P PRE TABLE TR UL'.split(' '));

/** HTML as the text one would have typed: lines, `> ` for quotations, `-` for lists, tabs between the cells of a table. */
export function textOfNodes(root: Node): string {
  const lines: string[] = [''];
  walk(root, '', lines);
  return lines
    .map((line) => line.replace(/[ \u00a0]+$/u, (end) => (line.startsWith('-- ') && line.trim() === '--' ? end.slice(0, 1) : '')))
    .join('\n')
    .replaceAll(/\n{3,}/gu, '\n\n')
    .replace(/^\n+|\s+$/gu, '');
}

function walk(node: Node, mark: string, lines: string[]): void {
  if (node.nodeType === Node.TEXT_NODE) {
    const text = (node.nodeValue ?? '').replaceAll(/[ \t\r\n]+/gu, ' ').replaceAll('\u00a0', ' ');
    const at = lines.length - 1;
    const line = lines[at] ?? '';
    lines[at] = line + (line === mark || line === '' ? text.replace(/^ /u, '') : text);
    return;
  }
  if (!(node instanceof Element) && !(node instanceof DocumentFragment)) return;
  const tag = node instanceof Element ? node.tagName : '';
  if (tag === 'BR') return void lines.push(mark);
  const isBlock = BLOCKS.has(tag);
  const inner = tag === 'BLOCKQUOTE' ? `${mark}> ` : mark;
  if (isBlock) startLine(lines, inner);
  if (tag === 'LI') lines[lines.length - 1] += bulletOf(node as Element);
  if ((tag === 'TD' || tag === 'TH') && node !== node.parentNode?.firstChild) lines[lines.length - 1] += '\t';
  for (const child of node.childNodes) if (!isFillingBreak(child, isBlock)) walk(child, inner, lines);
  if (tag === 'P' && lines.at(-1) !== inner) lines.push(inner);
  if (isBlock) startLine(lines, mark, node.childNodes.length === 1 && node.firstChild?.nodeName === 'BR');
}

/** A break that only keeps an empty line open is the line itself. */
function isFillingBreak(node: Node, isInBlock: boolean): boolean {
  return isInBlock && node.nodeName === 'BR' && node.nextSibling === null;
}

function startLine(lines: string[], mark: string, isForced = false): void {
  const last = lines.at(-1) ?? '';
  const isBlank = last.replaceAll('>', '').trim() === '';
  if (isBlank && !isForced) lines[lines.length - 1] = mark;
  else lines.push(mark);
}

function bulletOf(item: Element): string {
  const list = item.parentElement;
  if (list?.tagName !== 'OL') return '- ';
  return `${[...list.children].indexOf(item) + (Number(list.getAttribute('start')) || 1)}. `;
}
