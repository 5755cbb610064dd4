import { quotationClass } from '../../shared/model/compose.ts';

const OPENING = new RegExp(`<div\\b[^>]*\\bclass="?${quotationClass}\\b[^>]*>`, 'iu');
const DIV_TAG = /<(\/?)div\b[^>]*>/giu;

/** A rich draft in two: what the person writes, and the quotation of the original, which nobody need touch. */
export interface SplitHtml {
  readonly own: string;
  readonly quotation: string;
}

/** Finds the quotation at the end. Where something follows it, the person writes between the lines: then it is all their own. */
export function splitQuotation(html: string): SplitHtml {
  const start = OPENING.exec(html)?.index;
  if (start === undefined) return { own: html, quotation: '' };
  const quotation = html.slice(start);
  const end = endOfDiv(quotation);
  if (end === null || quotation.slice(end).replaceAll(/<br\b[^>]*>|&nbsp;|<\/body>|<\/html>|\s/giu, '') !== '')
    return { own: html, quotation: '' };
  return { own: html.slice(0, start), quotation: quotation.slice(0, end) };
}

function endOfDiv(html: string): number | null {
  let depth = 0;
  for (const match of html.matchAll(DIV_TAG)) {
    depth += match[1] === '/' ? -1 : 1;
    if (depth === 0) return match.index + match[0].length;
  }
  return null;
}

/** The quotation as part of the text: without its mark, so that it is not folded away again. */
export function unmarked(quotation: string): string {
  return quotation.replace(OPENING, '<div>');
}
