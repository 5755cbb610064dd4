import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { reportFigure } from '../support/figures.ts';
import { buildCssMails } from '../support/hostile-mail/css-mails.ts';
import { buildHostileMails, type HostileMail } from '../support/hostile-mail/index.ts';
import { seededRandom } from '../support/random.ts';
import { amongInnocent, ChromeWatch, type CssResult } from './support/chrome-watch.ts';
import { expectAskedNobody, expectNothing, startReader, type HostileReader } from './support/hostile-reader.ts';
import { startHostileServer, type HostileServer } from './support/hostile-server.ts';
import { callOf } from './support/page-script.ts';
import type { RunningApp } from './support/start-app.ts';
import { buildWithoutPurifier, withDist } from './support/window-without-purifier.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';
/** The set of the cleaned reader, and of the one whose purifier lets everything through. */
const SAMPLE = { cleaned: isFull ? Infinity : 300, identity: isFull ? Infinity : 100 };

let server: HostileServer;
let dovecot: Dovecot;
let folder: string;
beforeAll(async () => {
  server = await startHostileServer();
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-hostile-'));
  dovecot = await startDovecot({ users: { alice: 'pw', bob: 'pw' } });
});
afterAll(async () => {
  await server?.close();
  await dovecot?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens every mail in turn as a person does, and touches what it shows: pointer, click, middle click, keys. */
async function readAll({ window }: RunningApp, mails: readonly HostileMail[], touched: (at: number) => boolean): Promise<number> {
  await window.locator('#pane-list [role=option]').first().click();
  let shown = 0;
  for (const [at, { id }] of mails.entries()) {
    if (at > 0) {
      await window.evaluate("document.querySelector('#pane-list [data-focus]').focus()");
      await window.keyboard.press('ArrowDown');
    }
    await window.waitForFunction(isShown, id, { timeout: 30_000, polling: 10 });
    shown += 1;
    if (touched(at)) await touch(window);
  }
  return shown;
}

/** Whether the mail with this subject is in the reader, its frame drawn; runs in the page. */
function isShown(id: string): boolean {
  const { document } = globalThis as unknown as { document: { querySelector(selector: string): { innerText: string } | null } };
  if (document.querySelector('.reader h2')?.innerText !== id) return false;
  return document.querySelector('.reader iframe[aria-busy=false], .reader .plain') !== null;
}

async function touch(window: Page): Promise<void> {
  const frame = window.locator('.reader iframe');
  const box = (await frame.count()) === 0 ? null : await frame.boundingBox();
  if (box === null) return;
  for (const [x, y] of [
    [20, 22],
    [40, 60],
  ] as const) {
    await window.mouse.move(box.x + x, box.y + y);
    await window.mouse.click(box.x + x, box.y + y);
    await window.mouse.click(box.x + x, box.y + y, { button: 'middle' });
  }
  await window.keyboard.press('Tab');
  // Beyond the frame the keys are the app's own.
  if (await window.evaluate("document.activeElement?.tagName === 'IFRAME'")) await window.keyboard.press('Enter');
}

/** A seeded choice that keeps each attack at least once before any comes in a second wrapping. */
function chosen(count: number): HostileMail[] {
  const random = seededRandom(Number(process.env['HOLDOVER_SEED'] ?? '20261124'));
  const all = random.shuffle(buildHostileMails(server.origin));
  const first = [...new Map(all.map((mail) => [mail.vector, mail])).values()];
  return [...first, ...all.filter((mail) => !first.includes(mail))].slice(0, Math.min(count, all.length));
}

/** The reader of one user with the attacks of markup and of styles. */
async function readerOf(user: string, mails: readonly HostileMail[]): Promise<HostileReader> {
  return startReader(dovecot, folder, user, { INBOX: mails, Styles: amongInnocent(buildCssMails(server.origin)) });
}

/** What would catch a mail that reached beyond its frame: the frame over the window, and something of the app's own over its list. */
const BROKEN = [
  '.reader iframe { position: fixed; inset: 0; z-index: 9 }',
  '#pane-list::after { content: ""; position: fixed; top: 90px; left: 300px; width: 3px; height: 3px; background: rgb(255, 0, 238) }',
];

/** Opens all attacks of styles and asserts that the window around the mail stays the same, to the pixel. */
async function expectSameAround({ app }: HostileReader): Promise<CssResult> {
  const around = new ChromeWatch(app);
  await around.begin('Styles');
  for (const css of BROKEN) expect(await around.control(css)).toBeGreaterThan(0);
  const result = await around.readAll(buildCssMails(server.origin));
  expect(result).toMatchObject({ differing: {}, asText: 1 });
  return result;
}

describe('hostile mail in the reader', () => {
  const mails = () => chosen(SAMPLE.cleaned);
  let reader: HostileReader;
  beforeAll(async () => void (reader = await readerOf('alice', mails())));
  afterAll(() => reader?.app.quit());

  it('runs nothing, loads nothing, leads nowhere', { timeout: 600_000 }, async () => {
    await reader.app.window.evaluate(callOf('frame-writes'));
    const shown = await readAll(reader.app, mails(), (at) => isFull || at % 5 === 0);
    const writes = await reader.app.window.evaluate<{ wrong: string[]; count: number }>('frameWrites()');
    expect(writes.wrong).toEqual([]);
    expect(writes.count).toBeGreaterThan(shown * 0.9);
    reportFigure('H3 one text from the cleaner to the frame', { mails: shown, writes: writes.count, others: 0 });
    expect(reader.seen.refusedFrames).toBe(0);
    // What the purifier left has nothing that the guards would have had to stop.
    expect(reader.app.log().filter(({ ev }) => String(ev).startsWith('guard.') && ev !== 'guard.contents')).toEqual([]);
    await expectNothing(reader, server);
    reportFigure('H1 hostile mail', { mails: shown, scripts: 0, requests: 0, lookUps: 0, navigations: 0, dialogs: 0, downloads: 0 });
  });

  it('H5: paints nothing outside of its frame', { timeout: 300_000 }, async () => {
    const { mails: read, asText, painting, pixels } = await expectSameAround(reader);
    await expectNothing(reader, server);
    expect(painting).toBeGreaterThan(10);
    reportFigure('H5 styles', { mails: read, asText, painting, pixels, differing: 0, requests: 0 });
  });

  it('asked nobody, says the browser’s own log', () => expectAskedNobody(reader, server));
});

describe('hostile mail behind the second wall', () => {
  const mails = () => chosen(SAMPLE.identity);
  let reader: HostileReader;
  let dist: string | undefined;
  beforeAll(async () => {
    dist = await buildWithoutPurifier();
    reader = await withDist(dist, () => readerOf('bob', mails()));
  }, 600_000);
  afterAll(async () => {
    await reader?.app.quit();
    if (dist !== undefined) rmSync(dist, { recursive: true, force: true });
  });

  it('runs nothing, loads nothing, leads nowhere, with no purifier at all', { timeout: 600_000 }, async () => {
    const shown = await readAll(reader.app, mails(), (at) => isFull || at % 5 === 0);
    await expectNothing(reader, server);
    const { refused } = reader.seen;
    expect(refused).toBeGreaterThan(shown / 2);
    reportFigure('H4 hostile mail, no purifier', { mails: shown, refused, scripts: 0, requests: 0, lookUps: 0, navigations: 0 });
  });

  it('H5: paints nothing outside of its frame, with no purifier at all', { timeout: 300_000 }, async () => {
    const { mails: read, asText, painting, pixels } = await expectSameAround(reader);
    await expectNothing(reader, server);
    expect(painting).toBeGreaterThan(20);
    reportFigure('H5 styles, no purifier', { mails: read, asText, painting, pixels, differing: 0, requests: 0 });
  });

  it('asked nobody, says the browser’s own log', () => expectAskedNobody(reader, server));
});
