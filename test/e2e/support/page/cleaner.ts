// The window's own cleaner of mail, for tests: put on the global object of a page.
import { htmlParts } from '../../../../shared/model/html-parts.ts';
import { parseInert } from '../../../../renderer/mail/purifier.ts';
import { cleanMail } from '../../../../renderer/mail/sanitize.ts';
import { Turns } from '../../../../renderer/mail/slices.ts';

const MINUTE = 60_000;

/** The document that the frame would be given, in writing; null where the text would be shown instead. */
async function cleaned(html: string, inlineImages: Readonly<Record<string, string>> = {}): Promise<{ html: string; links: number } | null> {
  try {
    const turns = new Turns(new AbortController().signal, performance.now() + MINUTE);
    const clean = await cleanMail(html, inlineImages, {}, turns);
    return { html: String(clean.html), links: clean.links.length };
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/** Clean, written, read and cleaned once more: what is wrong with it; null where nothing is. */
async function unsettled(html: string): Promise<string | null> {
  const first = await cleaned(html);
  if (first === null) return 'given up';
  const read = parseInert(first.html);
  if (read.documentElement.outerHTML !== first.html) return `read otherwise: ${first.html.slice(-300)}`;
  const second = await cleaned(first.html);
  return second?.html === first.html ? null : `cleaned otherwise: ${first.html.slice(-300)} / ${second?.html.slice(-300)}`;
}

/** What a reader has of HTML: letters that are shown, tables, links, pictures. */
function census(html: string): { text: string; tables: number; cells: number; links: number; images: number } {
  const all = htmlParts(html).map((part) => parseInert(part).body);
  const count = (selector: string): number => all.reduce((sum, body) => sum + body.querySelectorAll(selector).length, 0);
  for (const body of all) for (const one of body.querySelectorAll('style, script, title, template, noscript')) one.remove();
  return {
    text: all.map((body) => body.textContent.replaceAll(/\s+/gu, ' ')).join(' '),
    ...{
      tables: count('table'),
      cells: count('td, th'),
      links: count('a[href], a[title]'),
      images: count('img[src^="data:"], img[src^="cid:"]'),
    },
  };
}

Object.assign(globalThis, { cleaner: { cleaned, unsettled, census } });
