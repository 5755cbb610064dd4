import { htmlTokens } from '../mime/html-tokens.ts';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));
/** One blank line around. */
const PARAGRAPHS = set('p blockquote pre h1 h2 h3 h4 h5 h6 ul ol dl table');
/** A line of their own. */
const LINES = set('div address li dt dd tr caption thead tbody tfoot hr');
const CELLS = set('td th');

/** The text of HTML that cleanHtml() has written, for the plain part of a mail: quotations as `> `, lists and links readable. */
export function textFromHtml(html: string): string {
  const writer = new TextWriter();
  for (const token of htmlTokens(html)) {
    if (token.type === 'text') writer.text(token.text);
    else if (token.type === 'open') writer.open(token.name, token.attributes);
    else writer.close(token.name);
  }
  return writer.end();
}

interface List {
  /** Number of the next item; null for bullets. */
  next: number | null;
}

class TextWriter {
  readonly #lines: string[] = [];
  #line = '';
  #depth = 0;
  #pre = 0;
  #lists: List[] = [];
  #links: { address: string; at: number; line: number }[] = [];
  /** A blank line is owed before the next words. */
  #isGapOwed = false;
  /** Depth of quotation that the blank line belongs to: the outer one. */
  #gapDepth = 0;
  #isCellOwed = false;

  text(raw: string): void {
    if (this.#pre > 0) {
      const [first = '', ...rest] = raw.split(/\r\n|[\r\n]/);
      this.#words(first);
      for (const line of rest) {
        this.#break(true);
        this.#words(line);
      }
      return;
    }
    const words = raw.replace(/[ \t\r\n\f]+/g, ' ');
    this.#words(this.#line === '' || this.#line.endsWith(' ') ? words.replace(/^ /, '') : words);
  }

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (PARAGRAPHS.has(name)) this.#gap();
    else if (LINES.has(name)) this.#break(false);
    if (name === 'br') this.#break(true);
    else if (name === 'hr') this.#rule();
    else if (name === 'blockquote') this.#depth += 1;
    else if (name === 'pre') this.#pre += 1;
    else if (name === 'ul' || name === 'ol') this.#lists.push({ next: name === 'ol' ? Number(attributes.get('start') ?? 1) || 1 : null });
    else if (name === 'li') this.#item();
    else if (CELLS.has(name)) this.#isCellOwed = this.#line !== '';
    else if (name === 'img') this.#words(attributes.get('alt') ? `[${attributes.get('alt')}]` : '');
    else if (name === 'a') this.#links.push({ address: attributes.get('href') ?? '', at: this.#line.length, line: this.#lines.length });
  }

  close(name: string): void {
    if (name === 'a') this.#link();
    if (PARAGRAPHS.has(name)) this.#gap();
    else if (LINES.has(name)) this.#break(false);
    if (name === 'blockquote') this.#depth = Math.max(0, this.#depth - 1);
    else if (name === 'pre') this.#pre = Math.max(0, this.#pre - 1);
    else if (name === 'ul' || name === 'ol') this.#lists.pop();
  }

  end(): string {
    this.#break(false);
    return this.#lines.join('\n').replace(/^\n+|\s+$/g, '');
  }

  #words(words: string): void {
    if (words === '') return;
    if (this.#isGapOwed) {
      this.#isGapOwed = false;
      if (this.#lines.length > 0) this.#lines.push('> '.repeat(Math.min(this.#gapDepth, this.#depth)).trimEnd());
    }
    if (this.#isCellOwed && words.trim() !== '') {
      this.#isCellOwed = false;
      this.#line = `${this.#line.trimEnd()}\t`;
      words = words.trimStart();
    }
    this.#line += words;
  }

  /** Ends a line; an empty one counts only where it was asked for. */
  #break(isForced: boolean): void {
    this.#isCellOwed = false;
    const line = this.#pre > 0 ? this.#line : this.#line.trimEnd();
    this.#line = '';
    if (line === '' && !isForced) return;
    if (line === '' && this.#isGapOwed) return;
    // The line that parts a signature has its space at the end (RFC 3676 4.3).
    this.#lines.push(line === '--' ? `${this.#prefix()}-- ` : line === '' ? this.#prefix().trimEnd() : this.#prefix() + line);
  }

  #gap(): void {
    this.#break(false);
    this.#gapDepth = this.#isGapOwed ? Math.min(this.#gapDepth, this.#depth) : this.#depth;
    this.#isGapOwed = this.#lines.length > 0;
  }

  #rule(): void {
    this.#words('-'.repeat(20));
    this.#break(false);
  }

  #item(): void {
    const list = this.#lists.at(-1);
    const indent = '  '.repeat(Math.max(0, this.#lists.length - 1));
    if (!list || list.next === null) return this.#words(`${indent}- `);
    this.#words(`${indent}${list.next}. `);
    list.next += 1;
  }

  #link(): void {
    const link = this.#links.pop();
    if (!link || !/^https?:/i.test(link.address)) return;
    const shown = link.line === this.#lines.length ? this.#line.slice(link.at).trim() : '';
    const isSame =
      shown !== '' &&
      (link.address === shown || link.address.replace(/^https?:\/\/|\/$/gi, '') === shown.replace(/^https?:\/\/|\/$/gi, ''));
    if (!isSame) this.#words(shown === '' ? link.address : ` <${link.address}>`);
  }

  #prefix(): string {
    return '> '.repeat(this.#depth);
  }
}
