import { htmlParts } from '../../../shared/model/html-parts.ts';
import { htmlTokens, type HtmlToken } from '../mime/html-tokens.ts';
import { cleanStyle, isHidden, paintsBackground } from './style-rules.ts';

export interface CleanHtmlOptions {
  /** New address of an image that refers to a part of the mail (`cid:` left off); null leaves the image out. */
  readonly image: (contentId: string) => string | null;
  /** Leaves out what its sender hid from the reader; for quotations. */
  readonly dropHidden?: boolean;
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));
const VOID = set('br hr img wbr col');
const KEPT = set(
  `a abbr address b bdi bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr`,
);
/** Kept as plain blocks: mail programs do not know them all. */
const AS_DIV = set(
  'article aside center details dialog dir fieldset figcaption figure footer header hgroup legend main menu nav section summary',
);
/** Left out with all that is in them. */
const DROPPED = set('applet audio canvas datalist embed frameset head math object optgroup option picture select svg template video');
const ATTRIBUTES = set(
  'align alt bgcolor border cellpadding cellspacing color colspan dir face height lang rowspan size start title type valign width',
);
const PLAIN_VALUE = /^[^\u0000-\u001f\u007f-\u009f]{0,500}$/u;
const LINK = /^(?:https?:\/\/|mailto:|tel:)/i;
/** Deeper elements lose their tags, not their text. */
const MAX_DEPTH = 200;
/** Deeper ones are not followed any more, so that the time taken stays in proportion to the length. */
const MAX_FOLLOWED = 1_000;

const BLOCKS = set(
  'address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section table ul',
);
/** What a start tag closes by itself (WHATWG HTML 13.1.2.4), and what keeps it from looking further out. */
const IMPLIED: Readonly<Record<string, readonly [ends: ReadonlySet<string>, within: ReadonlySet<string>]>> = {
  li: [set('li'), set('ul ol table')],
  dt: [set('dt dd'), set('dl table')],
  dd: [set('dt dd'), set('dl table')],
  td: [set('td th'), set('tr table')],
  th: [set('td th'), set('tr table')],
  tr: [set('tr'), set('table')],
  tbody: [set('thead tbody tfoot tr td th'), set('table')],
  thead: [set('thead tbody tfoot tr td th'), set('table')],
  tfoot: [set('thead tbody tfoot tr td th'), set('table')],
};
const PARAGRAPH: readonly [ReadonlySet<string>, ReadonlySet<string>] = [set('p'), set('table td th button blockquote div li')];

interface Frame {
  readonly name: string;
  /** As it was written; null when its tag was left out. */
  readonly written: string | null;
  readonly isDropped: boolean;
  readonly hasBackground: boolean;
}

/**
 * HTML reduced to what mail programs show alike: a list of elements, attributes and style properties, every tag closed, all text
 * escaped again. No script, form, remote image, style sheet or unknown address comes through. Linear in the length.
 */
export function cleanHtml(html: string, options: CleanHtmlOptions): string {
  const cleaned = htmlParts(html).map((part) => {
    const writer = new CleanWriter(options);
    for (const token of htmlTokens(part)) writer.take(token);
    return writer.end();
  });
  return cleaned.join('<br>');
}

export const escapeText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
export const escapeAttribute = (text: string): string => escapeText(text).replaceAll('"', '&quot;');

class CleanWriter {
  readonly #options: CleanHtmlOptions;
  readonly #out: string[] = [];
  readonly #stack: Frame[] = [];

  constructor(options: CleanHtmlOptions) {
    this.#options = options;
  }

  take(token: HtmlToken): void {
    if (token.type === 'close') this.#close(token.name);
    else if (token.type === 'open') this.#open(token.name, token.attributes);
    else if (!this.#isDropped) this.#out.push(escapeText(token.text));
  }

  end(): string {
    this.#popTo(0);
    return this.#out.join('');
  }

  get #isDropped(): boolean {
    return this.#stack.at(-1)?.isDropped ?? false;
  }

  #open(name: string, attributes: ReadonlyMap<string, string>): void {
    const implied = IMPLIED[name] ?? (BLOCKS.has(name) ? PARAGRAPH : null);
    if (implied) this.#closeImplied(...implied);
    const written = KEPT.has(name) ? name : AS_DIV.has(name) ? 'div' : null;
    const style = attributes.get('style') ?? '';
    const outer = this.#stack.at(-1)?.hasBackground ?? false;
    const isHere = written !== null && this.#options.dropHidden === true && this.#isConcealed(style, attributes, outer);
    const isDropped = this.#isDropped || DROPPED.has(name) || isHere;
    const isWritten = !isDropped && written !== null && this.#stack.length < MAX_DEPTH;
    if (isWritten) this.#write(written, attributes);
    if (VOID.has(name) || name === 'input' || name === 'source' || name === 'meta' || name === 'link' || name === 'base') return;
    if (this.#stack.length >= MAX_FOLLOWED) return;
    const hasBackground = outer || attributes.has('bgcolor') || (style !== '' && paintsBackground(style));
    this.#stack.push({ name, written: isWritten ? written : null, isDropped, hasBackground });
  }

  #isConcealed(style: string, attributes: ReadonlyMap<string, string>, outer: boolean): boolean {
    return attributes.has('hidden') || (style !== '' && isHidden(style, outer || attributes.has('bgcolor')));
  }

  #write(name: string, attributes: ReadonlyMap<string, string>): void {
    if (name === 'img') return this.#image(attributes);
    this.#out.push(`<${name}${this.#attributes(name, attributes)}>`);
  }

  #attributes(name: string, attributes: ReadonlyMap<string, string>): string {
    let out = '';
    for (const [key, value] of attributes) {
      if (ATTRIBUTES.has(key) && PLAIN_VALUE.test(value)) out += ` ${key}="${escapeAttribute(value)}"`;
      else if (key === 'style') {
        const style = cleanStyle(value);
        if (style !== '') out += ` style="${escapeAttribute(style)}"`;
      } else if (key === 'href' && name === 'a') {
        const address = value.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/gu, '');
        if (LINK.test(address)) out += ` href="${escapeAttribute(address)}"`;
      }
    }
    return out;
  }

  #image(attributes: ReadonlyMap<string, string>): void {
    const source = (attributes.get('src') ?? '').trim();
    const to = /^cid:/i.test(source) ? this.#options.image(decoded(source.slice(4))) : null;
    const alternative = attributes.get('alt') ?? '';
    // A picture that cannot come along leaves its words.
    if (to === null) this.#out.push(escapeText(alternative));
    else this.#out.push(`<img src="${escapeAttribute(to)}"${this.#attributes('img', attributes)}>`);
  }

  #close(name: string): void {
    if (name === 'br') this.#open('br', new Map());
    const at = this.#stack.findLastIndex((one) => one.name === name);
    if (at >= 0) this.#popTo(at);
  }

  #closeImplied(ends: ReadonlySet<string>, within: ReadonlySet<string>): void {
    let lowest = -1;
    for (let at = this.#stack.length - 1; at >= 0; at -= 1) {
      const { name } = this.#stack[at]!;
      if (ends.has(name)) lowest = at;
      else if (within.has(name)) break;
    }
    if (lowest >= 0) this.#popTo(lowest);
  }

  #popTo(length: number): void {
    while (this.#stack.length > length) {
      const { written } = this.#stack.pop()!;
      if (written !== null) this.#out.push(`</${written}>`);
    }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded after all: the id is taken as it stands
  }
}
