import type { ComposeKind } from '../../../shared/model/compose.ts';
import type { Address } from '../../../shared/model/message.ts';
import { cleanHtml, escapeText } from './html.ts';
import { textFromHtml } from './text-from-html.ts';

/** What a quotation shows of the mail it repeats. */
export interface QuotedMail {
  readonly from: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly date: number;
  /** As it came, not cleaned; null for a mail of plain text only. */
  readonly html: string | null;
  readonly text: string | null;
}

export interface QuoteOptions {
  readonly kind: Exclude<ComposeKind, 'new'>;
  /** BCP 47; German or English words, dates in its form. */
  readonly locale: string;
  /** IANA name; the machine's own when left out. */
  readonly timeZone?: string;
  /** New content id of a picture that comes along; null leaves it out. */
  readonly image: (contentId: string) => string | null;
}

/** Longer text is cut, and says so: the quotation has to leave room for the answer. */
const MAX_TEXT_CHARS = 500_000;
const MAX_HTML_CHARS = 2_000_000;

const WORDS = {
  de: {
    wrote: (date: string, who: string) => `Am ${date} schrieb ${who}:`,
    forwarded: 'Weitergeleitete Nachricht',
    from: 'Von',
    date: 'Datum',
    subject: 'Betreff',
    to: 'An',
    cc: 'Kopie',
  },
  en: {
    wrote: (date: string, who: string) => `On ${date}, ${who} wrote:`,
    forwarded: 'Forwarded message',
    from: 'From',
    date: 'Date',
    subject: 'Subject',
    to: 'To',
    cc: 'Cc',
  },
} as const;

const languageOf = (locale: string): keyof typeof WORDS => (/^de\b/i.test(locale) ? 'de' : 'en');

function dateText(date: number, { locale, timeZone }: QuoteOptions): string {
  const form = (tag: string) =>
    new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeStyle: 'short', ...(timeZone ? { timeZone } : {}) }).format(date);
  const isOurs = /^(?:de|en)(?:-[a-z0-9]{2,8})*$/i.test(locale);
  return form(isOurs ? locale : 'en-GB');
}

const person = ({ name, address }: Address): string => (name === '' ? address : address === '' ? name : `${name} <${address}>`);
const persons = (list: readonly Address[]): string => list.slice(0, 50).map(person).join(', ');

/** The lines above the repeated mail: who wrote it and when; for a forward a small header. */
function introduction(mail: QuotedMail, options: QuoteOptions): string[] {
  const words = WORDS[languageOf(options.locale)];
  const date = dateText(mail.date, options);
  const who = mail.from[0] ? person(mail.from[0]) : '';
  if (options.kind !== 'forward') return [words.wrote(date, who)];
  const lines = [
    `---------- ${words.forwarded} ----------`,
    `${words.from}: ${persons(mail.from)}`,
    `${words.date}: ${date}`,
    `${words.subject}: ${mail.subject}`,
  ];
  if (mail.to.length > 0) lines.push(`${words.to}: ${persons(mail.to)}`);
  if (mail.cc.length > 0) lines.push(`${words.cc}: ${persons(mail.cc)}`);
  return lines;
}

const cut = (text: string): string => (text.length <= MAX_TEXT_CHARS ? text : `${text.slice(0, MAX_TEXT_CHARS)}\n[...]`);

/** What a reader saw of the mail: HTML without what was hidden in it, without remote pictures. */
function seenHtml(mail: QuotedMail, image: QuoteOptions['image']): string | null {
  if (mail.html === null) return null;
  const clean = cleanHtml(mail.html, { image, dropHidden: true });
  return clean.length <= MAX_HTML_CHARS ? clean : null;
}

function seenText(mail: QuotedMail): string {
  const text = mail.html === null ? (mail.text ?? '') : textFromHtml(cleanHtml(mail.html, { image: () => null, dropHidden: true }));
  return cut(text.replace(/\r\n|\r/g, '\n').replace(/\s+$/, ''));
}

/** Text as HTML, line by line, spaces and quotation marks kept. */
export function htmlFromText(text: string): string {
  const lines = text.split(/\r\n|[\r\n]/).map((line) => escapeText(line).replace(/^ | (?= )/g, '\u00a0'));
  return lines.map((line) => (line === '' ? '<div><br></div>' : `<div>${line}</div>`)).join('');
}

/** The repeated mail as plain text: `> ` before every line of an answer. */
export function quoteText(mail: QuotedMail, options: QuoteOptions): string {
  const body = seenText(mail);
  const intro = introduction(mail, options).join('\n');
  if (options.kind === 'forward') return `${intro}\n\n${body}`;
  const quoted = body.split('\n').map((line) => (line === '' || line.startsWith('>') ? `>${line}` : `> ${line}`));
  return body === '' ? intro : `${intro}\n${quoted.join('\n')}`;
}

/** The repeated mail as HTML. */
export function quoteHtml(mail: QuotedMail, options: QuoteOptions): string {
  const body = seenHtml(mail, options.image) ?? htmlFromText(seenText(mail));
  const intro = introduction(mail, options).map((line) => `<div>${escapeText(line)}</div>`);
  if (options.kind === 'forward') return `${intro.join('')}<div><br></div>${body}`;
  return `${intro.join('')}<blockquote type="cite" style="margin: 0 0 0 8px; padding-left: 12px; border-left: 2px solid #c6ccd6">${body}</blockquote>`;
}
