import { beforeAll, describe, expect, it } from 'vitest';
import { reportFigure } from '../../support/figures.ts';
import { hostileHtml } from '../../support/hostile-mail/index.ts';
import { ordinaryHtml } from '../../support/ordinary-html.ts';
import { seededRandom } from '../../support/random.ts';
import { isFull } from '../../support/this-run.ts';
import { cleanerScript } from '../support/cleaner-script.ts';
import { emptyApp } from '../support/empty-app.ts';
import type { RunningApp } from '../support/start-app.ts';

let app: RunningApp;

interface Census {
  readonly text: string;
  readonly tables: number;
  readonly cells: number;
  readonly links: number;
  readonly images: number;
}
interface Cleaner {
  cleaned(html: string, inlineImages?: Readonly<Record<string, string>>): Promise<{ html: string; links: number } | null>;
  unsettled(html: string): Promise<string | null>;
  census(html: string): Census;
}
const DEEP = ['p', 'svg><p', 'button><p', 'math><mtext', 'form><table', ...(isFull ? ['b', 'div', 'font', 'a href=x', 'ul><li'] : [])];
const nested = (tags: readonly string[], depth: number) =>
  tags.map((tag) => [`${tag} ${depth} deep`, `${`<${tag}>`.repeat(depth)}x`] as const);

/** Shapes on which purifiers failed by reading again what they had written. */
const MUTATING = [
  '<p><button><p>x</p></button></p>',
  '<a><table><td><a><img src=x onerror={js}></table></a>',
  '<form><div></form><form>x</div></form>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={js}&gt;">',
  '<svg></p><style><a id="</style><img src=1 onerror={js}>">',
  '<table><caption><p><table></p></caption>x',
  '<select><p><select>x',
  '<nobr><div><nobr>x</div></nobr>',
  '<b><p><b><p><b><p>x',
  '<h1><button><h1>x</h1></button></h1>',
  '<li><form><li>x',
  '<pre>\n\nx</pre>',
  '<listing>\n\nx</listing>',
  '<p><table><p>x</table>',
  '<dialog><p><dialog><p>x',
  '<option><option><p>x</p>',
  '<ruby><rt><rt><rtc>x',
  '<font><p></font>x<a href=y><p></a>z',
];

describe('the cleaner of mail', () => {
  beforeAll(async () => {
    app = await emptyApp();
    await app.window.reload();
    await app.window.evaluate(await cleanerScript());
  }, 60_000);

  it('H3: what was cleaned is read as it is written, and cleaned again it stays as it is', { timeout: 120_000 }, async () => {
    const given = [
      ...hostileHtml(),
      ...MUTATING.map((html, n) => [`mutation ${n}`, html] as const),
      ...ordinaryHtml(30, seededRandom(5)).map(({ kind, html }) => [kind, html] as const),
      ...nested(DEEP, 600),
      // Beyond what the reader lets near the parser of the window; one of them is enough where time is short.
      ...nested(isFull ? DEEP : ['svg><p'], 10_000),
    ];
    const wrong = await app.window.evaluate(async (mails) => {
      const { cleaner } = globalThis as unknown as { cleaner: Cleaner };
      const found: string[] = [];
      for (const [name, html] of mails) {
        const what = await cleaner.unsettled(html);
        if (what !== null) found.push(`${name}: ${what}`);
      }
      return found;
    }, given);
    expect(wrong).toEqual([]);
    // Tables so deep that the parser takes them apart anew each time never come to rest: their text is shown.
    const tables = nested(['table><tr><td'], 600)[0]![1];
    expect(await app.window.evaluate((html) => (globalThis as unknown as { cleaner: Cleaner }).cleaner.cleaned(html), tables)).toBeNull();
    reportFigure('H3 fixed point', { mails: given.length, deepest: 10_000, unsettled: wrong.length });
  });

  it('H12: ordinary mail keeps its text, tables, links and pictures', { timeout: 60_000 }, async () => {
    const mails = ordinaryHtml(100, seededRandom(12));
    const counted = await app.window.evaluate(async (all) => {
      const { cleaner } = globalThis as unknown as { cleaner: Cleaner };
      const out: { before: Census; after: Census; isThere: boolean }[] = [];
      for (const { html, inlineImages } of all) {
        const clean = await cleaner.cleaned(html, inlineImages);
        out.push({ before: cleaner.census(html), after: cleaner.census(clean?.html ?? ''), isThere: clean !== null });
      }
      return out;
    }, mails);
    const sum = (of: (one: (typeof counted)[number]) => number): number => counted.reduce((all, one) => all + of(one), 0);
    const kept = (key: Exclude<keyof Census, 'text'>): number => sum(({ after }) => after[key]) / sum(({ before }) => before[key]);
    const chars = (text: string): number => text.replaceAll(' ', '').length;
    const same = counted.filter(({ before, after }) => before.text.trim() === after.text.trim()).length;
    const figures = {
      text: sum(({ after }) => chars(after.text)) / sum(({ before }) => chars(before.text)),
      ...{ tables: kept('tables'), cells: kept('cells'), links: kept('links'), images: kept('images') },
    };
    expect(counted.every(({ isThere }) => isThere)).toBe(true);
    expect(sum(({ before }) => before.links)).toBeGreaterThan(mails.length);
    expect(figures.text).toBeGreaterThanOrEqual(0.995);
    for (const share of [figures.tables, figures.cells, figures.links, figures.images]) {
      expect(share).toBeGreaterThanOrEqual(0.98);
      // More than there was would be text that was made up.
      expect(share).toBeLessThanOrEqual(1);
    }
    reportFigure('H12 fidelity', { mails: mails.length, textUnchanged: same, ...figures });
  });
});
