import { readLink, type MailLink } from './link.ts';

/** A piece of a line: text, or a link within it. */
export type TextPiece = { readonly text: string; readonly link: MailLink | null };

/** Neighbouring lines of the same quoting level. */
export interface TextBlock {
  /** 0 for the sender's own words; each `>` adds one. */
  readonly level: number;
  readonly pieces: readonly TextPiece[];
}

const MAX_LEVEL = 9;
const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"\u201c\u201d\u201e]+|\bmailto:[^\s<>"]+|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/giu;
const TRAILING = /[.,;:!?'\u2019)\]}\u2026]+$/u;

/** Cuts a plain text into blocks by quoting level (RFC 3676 4.5) and finds the links in them. */
export function readPlainText(text: string): TextBlock[] {
  const blocks: { level: number; lines: string[] }[] = [];
  for (const line of text.replace(/\s+$/u, '').split('\n')) {
    const { level, rest } = quoteOf(line);
    const last = blocks.at(-1);
    if (last && last.level === level) last.lines.push(rest);
    else blocks.push({ level, lines: [rest] });
  }
  return blocks.map(({ level, lines }) => ({ level, pieces: findLinks(lines.join('\n')) }));
}

function quoteOf(line: string): { level: number; rest: string } {
  const marks = /^(?:> ?)+/u.exec(line)?.[0];
  // "From" at the start of a line is escaped as ">From" by mailbox files; that is no quotation.
  if (marks === undefined || /^>From /u.test(line)) return { level: 0, rest: line };
  const level = Math.min(MAX_LEVEL, marks.replaceAll(' ', '').length);
  return { level, rest: line.slice(marks.length) };
}

/** Links of a text in their places. Brackets and full stops after an address belong to the sentence. */
export function findLinks(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = trimmed(match[0]);
    const link = readLink(addressOf(shown), shown);
    if (!link) continue;
    if (match.index > done) pieces.push({ text: text.slice(done, match.index), link: null });
    pieces.push({ text: shown, link });
    done = match.index + shown.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), link: null });
  return pieces;
}

function trimmed(address: string): string {
  const end = TRAILING.exec(address)?.[0] ?? '';
  const opens = address.split('(').length - 1;
  // A closing bracket is part of the address when the address itself opened it.
  const keep = opens > 0 && end.startsWith(')') ? opens : 0;
  return address.slice(0, address.length - end.length + Math.min(keep, end.length));
}

function addressOf(shown: string): string {
  if (/^(?:https?:\/\/|mailto:)/iu.test(shown)) return shown;
  return /^www\./iu.test(shown) ? `https://${shown}` : `mailto:${shown}`;
}

/** All links of the blocks, each address once. */
export function linksOf(blocks: readonly TextBlock[]): MailLink[] {
  const byUrl = new Map<string, MailLink>();
  for (const { pieces } of blocks) for (const { link } of pieces) if (link && !byUrl.has(link.url)) byUrl.set(link.url, link);
  return [...byUrl.values()];
}
