import { expect } from 'vitest';
import { ATTACK_PAINT, innocentCssMail, type CssMail } from '../../support/hostile-mail/css-mails.ts';
import { until } from '../../support/until.ts';
import type { RunningApp } from './start-app.ts';

/** Where it lies in the window, in its own pixels. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One look at the window, compared with the first one. */
interface Look {
  /** Pixels of the window outside of the mail's box, and how many of them are others than at the first look. */
  readonly pixels: number;
  readonly differing: number;
  /** Where the first and the last of them lie. */
  readonly where: string;
  /** Pixels within the mail's box in the paint of the attacks. */
  readonly painted: number;
}

/** What came of the attacks of styles. */
export interface CssResult {
  readonly mails: number;
  /** Mails of which the text alone was shown, with a word on it: of their styles there is nothing left to look for. */
  readonly asText: number;
  /** Mails that were seen to paint in their own box: the attacks are alive. */
  readonly painting: number;
  readonly pixels: number;
  /** Differing pixels by mail; empty when a mail changed nothing around it. */
  readonly differing: Readonly<Record<string, number>>;
}

/** Of 255 steps: letters that are drawn anew at the edge of a tile may differ by one in a channel, which is to be seen with no eye. */
const ROUNDING = 1;
const BEFORE = 3;
const AFTER = 11;
/** Innocent mails around the attacks, so that every one of them can be scrolled to the same place of the list. */
export const amongInnocent = (mails: readonly CssMail[]): CssMail[] => [
  ...Array.from({ length: BEFORE }, (_, n) => innocentCssMail(`before-${n}`)),
  ...mails,
  ...Array.from({ length: AFTER }, (_, n) => innocentCssMail(`after-${n}`)),
];

/** Compares in the app's own process what the window has drawn: bitmaps need not travel. Rows as a whole, and pixel by pixel only those that differ. */
const look = (app: RunningApp, mail: Box): Promise<Look> =>
  app.electron.evaluate(
    async ({ webContents }, { box, rounding, paint: [red, green, blue] }) => {
      const [page] = webContents.getAllWebContents();
      const image = await page?.capturePage();
      if (!image) throw new Error('no window');
      const { width, height } = image.getSize();
      const bitmap = image.toBitmap();
      const kept = globalThis as { firstLook?: Buffer };
      const first = (kept.firstLook ??= bitmap);
      const seen = { pixels: 0, differing: bitmap.length === first.length ? 0 : width * height, where: '', painted: 0 };
      const compare = (y: number, from: number, to: number): void => {
        const [start, end] = [(y * width + from) * 4, (y * width + to) * 4];
        seen.pixels += to - from;
        if (bitmap.compare(first, start, end, start, end) === 0) return;
        for (let at = start; at < end; at += 4) {
          const most = Math.max(...[0, 1, 2].map((c) => Math.abs((bitmap[at + c] ?? 0) - (first[at + c] ?? 0))));
          if (most <= rounding) continue;
          seen.differing += 1;
          const place = `${from + (at - start) / 4},${y}`;
          seen.where = `${seen.where.split(' ')[0] || place} ${place}`;
        }
      };
      const attack = Buffer.from([blue, green, red, 255]);
      const [left, right] = [Math.ceil(box.x), Math.min(width, Math.ceil(box.x + box.width))];
      for (let y = 0; y < height; y += 1) {
        if (y < box.y || y >= box.y + box.height) {
          compare(y, 0, width);
          continue;
        }
        compare(y, 0, left);
        compare(y, right, width);
        const row = bitmap.subarray((y * width + left) * 4, (y * width + right) * 4);
        for (let at = row.indexOf(attack); at !== -1; at = row.indexOf(attack, at + 1)) if (at % 4 === 0) seen.painted += 1;
      }
      return seen;
    },
    { box: mail, rounding: ROUNDING, paint: ATTACK_PAINT },
  );

/** The box of the mail and all words around it, to know when the window is at rest; runs in the page. */
const AROUND = `(() => {
  const body = document.querySelector('.reader .body');
  if (!body) return null;
  const { x, y, width, height } = body.getBoundingClientRect();
  const frame = document.querySelector('.reader iframe')?.getBoundingClientRect();
  const isFilled = !frame || (frame.x === x && frame.y === y && frame.width === width && frame.height === height);
  const words = [...document.querySelectorAll('#pane-folders, .reader > :not(.body)')].map((one) => one.innerText).join(' ');
  return { box: { x, y, width, height }, isFilled, words: words + document.title };
})()`;
/** Whether the mail with this id in its text is drawn; runs in the page. */
const SHOWN = `(id) => {
  const plain = document.querySelector('.reader .plain')?.innerText ?? '';
  const { srcdoc = '' } = document.querySelector('.reader iframe[aria-busy=false]') ?? {};
  return srcdoc.includes('<p>' + id + '</p>') || plain.split(/\\s+/).includes(id);
}`;

/** Opens each mail of a list as a person does, in the same place of the list, and looks at the window around it. */
export class ChromeWatch {
  readonly #app: RunningApp;
  #rest: { readonly box: Box; readonly isFilled: true; readonly words: string } | null = null;
  #heights = { heading: 0, row: 0 };

  constructor(app: RunningApp) {
    this.#app = app;
  }

  /** Goes to the mailbox, of which the first mails are innocent, and takes the first look. */
  async begin(mailbox: string): Promise<void> {
    const { window } = this.#app;
    await window.locator('#pane-folders .mailbox', { hasText: mailbox }).click();
    // Where the list stands, and how long ago the servers were looked at, is no matter of the mail.
    await window.evaluate(`(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('#pane-list [role=listbox] { scrollbar-width: none } footer .hint { visibility: hidden }');
      document.adoptedStyleSheets.push(sheet);
    })()`);
    await window.locator('#pane-list [role=option]', { hasText: 'The quarter' }).first().waitFor();
    const heightOf = (selector: string): Promise<number> =>
      window.evaluate(`document.querySelector('#pane-list ${selector}').getBoundingClientRect().height`);
    this.#heights = { heading: await heightOf('.heading'), row: await heightOf('.slot') };
    await this.#open('before-1', 1);
    // The care for a mail is told a moment after it.
    await window.waitForTimeout(1_000);
    this.#rest = await window.evaluate(AROUND);
    expect(this.#rest?.isFilled).toBe(true);
    expect(await this.#look()).toMatchObject({ differing: 0, painted: 0 });
    await this.#open('before-2', 2);
    await this.#atRest();
    expect(await this.#look()).toMatchObject({ differing: 0, painted: 0 });
  }

  /** Opens all attacks. */
  async readAll(mails: readonly CssMail[]): Promise<CssResult> {
    const differing: Record<string, number> = {};
    let [asText, painting, pixels] = [0, 0, 0];
    for (const [n, { id, name }] of mails.entries()) {
      await this.#open(id, BEFORE + n);
      if ((await this.#app.window.locator('.reader iframe').count()) === 0) {
        asText += 1;
        continue;
      }
      await this.#atRest();
      let seen = await this.#look();
      for (let tries = 0; tries < 3 && seen.painted === 0 && seen.differing === 0; tries += 1) {
        await this.#app.window.waitForTimeout(60);
        seen = await this.#look();
      }
      pixels = seen.pixels;
      if (seen.painted > 0) painting += 1;
      if (seen.differing > 0) differing[name] = seen.differing;
    }
    return { mails: mails.length, asText, painting, pixels, differing };
  }

  /** What would be seen if styles in this window reached beyond the mail's box; they are taken back afterwards. */
  async control(css: string): Promise<number> {
    const { window } = this.#app;
    await window.evaluate(`(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(${JSON.stringify(css)});
      document.adoptedStyleSheets.push(sheet);
    })()`);
    await window.waitForTimeout(300);
    const { differing } = await this.#look();
    await window.evaluate('void document.adoptedStyleSheets.pop()');
    await this.#atRest();
    expect(await this.#look()).toMatchObject({ differing: 0, where: '' });
    return differing;
  }

  async #open(id: string, index: number): Promise<void> {
    const { window } = this.#app;
    const { heading, row } = this.#heights;
    const at = await window.evaluate<{ x: number; y: number }>(`(async () => {
      const list = document.querySelector('#pane-list [role=listbox]');
      list.scrollTop = ${heading + (index - 1) * row};
      const { x, y } = list.getBoundingClientRect();
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return { x: x + 150, y: y + ${row * 1.5} };
    })()`);
    await window.mouse.click(at.x, at.y);
    await until(`${id} is shown`, () => window.evaluate<boolean>(`(${SHOWN})(${JSON.stringify(id)})`), 30_000);
  }

  async #atRest(): Promise<void> {
    const rest = () => this.#app.window.evaluate(AROUND);
    await expect.poll(rest, { timeout: 10_000, interval: 20 }).toEqual(this.#rest);
    await this.#app.window.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  #look(): Promise<Look> {
    if (this.#rest === null) throw new Error('begin first');
    return look(this.#app, this.#rest.box);
  }
}
