import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { build, type Plugin } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { reportFigure } from '../support/figures.ts';
import { buildHostileMails, HOSTILE_DOMAIN, RAN, type HostileMail } from '../support/hostile-mail/index.ts';
import { seededRandom } from '../support/random.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import { startHostileServer, type HostileServer } from './support/hostile-server.ts';
import { callOf } from './support/page-script.ts';
import type { RunningApp } from './support/start-app.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';
const root = path.join(import.meta.dirname, '../..');
const START = 'app://holdover/index.html';
/** What the browser puts in a frame whose load was refused: a link that was clicked, or a frame in the mail. */
const REFUSED = 'chrome-error://chromewebdata/';
/** The empty page with which a frame in a process of its own begins, as Chromium names it. */
const EMPTY = new Set([':', '', 'about:blank']);
const CONTROL = `control.${HOSTILE_DOMAIN}`;
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

/** Everything that was seen of an attack. */
interface Seen {
  readonly ran: string[];
  readonly dialogs: string[];
  readonly navigations: string[];
  /** Attempts that the policy of the mail frame stopped, as the browser tells them: the attacks are alive. */
  refused: number;
  refusedFrames: number;
}

/** A reader of its own for the mails of one user. */
async function startReader(user: string, mails: readonly HostileMail[]): Promise<{ app: RunningApp; seen: Seen; netLog: string }> {
  const at = Date.now() - 3_600_000;
  const seeds = mails.map(({ raw }, n) => ({ raw, internalDate: at - n * 1_000, flags: ['\\Seen'] }));
  await seedMailbox(dovecot, user, 'INBOX', seeds.toReversed());
  const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain', user });
  const secret = { type: 'password', password: 'pw' };
  const config = {
    email: 'katharina.brandt@nordlicht.example',
    displayName: 'K',
    primary: { imap: endpoint(dovecot.imapPort), smtp: endpoint(1) },
  };
  const enrolment = JSON.stringify({ accounts: [{ config, secrets: { primary: { imap: secret, smtp: secret } } }] });
  const own = path.join(folder, user);
  mkdirSync(own);
  const netLog = path.join(own, 'net.json');
  const app = await startEnrolled(enrolment, own, { args: [`--log-net-log=${netLog}`], locale: 'en-GB' });
  const seen = watch(app.window);
  await expect.poll(() => total(app), { timeout: 60_000, interval: 200 }).toBe(mails.length);
  await expect.poll(() => isMirrored(app, 1), { timeout: 60_000, interval: 200 }).toBe(true);
  return { app, seen, netLog };
}

async function total(app: RunningApp): Promise<number> {
  const key = (await value(app.call('mailboxes.list'))).find(({ role }) => role === 'inbox')?.key;
  if (key === undefined) return 0;
  return (await value(app.call('messages.list', { mailboxKey: key, filter: 'all', offset: 0, limit: 1 }))).total;
}

const isRefusal = (text: string): boolean => /^(?:Refused to|Blocked |Unsafe attempt)/u.test(text);

function watch(window: Page): Seen {
  const seen: Seen = { ran: [], dialogs: [], navigations: [], refused: 0, refusedFrames: 0 };
  window.on('console', (message) => {
    if (message.text().includes(RAN) && !isRefusal(message.text())) seen.ran.push(message.text());
    if (isRefusal(message.text())) seen.refused += 1;
  });
  window.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  window.on('framenavigated', (frame) => {
    const url = frame.url();
    if (url === REFUSED) seen.refusedFrames += 1;
    else if (url !== 'about:srcdoc' && !EMPTY.has(url) && url.split('#')[0] !== START) seen.navigations.push(url);
  });
  return seen;
}

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

/** Counts in the app's own process what the page cannot see. */
const countOutside = (app: RunningApp): Promise<void> =>
  app.electron.evaluate(({ app: electronApp, webContents, shell }) => {
    const counts = { windows: 0, downloads: 0, opened: 0 };
    Object.assign(globalThis, { counts });
    electronApp.on('web-contents-created', () => (counts.windows += 1));
    webContents.getAllWebContents()[0]?.session.on('will-download', (event) => {
      if (!event.defaultPrevented) counts.downloads += 1;
    });
    shell.openExternal = () => ((counts.opened += 1), Promise.resolve());
  });
const outside = (app: RunningApp) =>
  app.electron.evaluate(() => (globalThis as unknown as { counts: { windows: number; downloads: number; opened: number } }).counts);

/** Requests and look-ups of names that Chromium's own log knows of, beyond its own pages. */
function reachedOut(netLog: string): string[] {
  const text = readFileSync(netLog, 'utf8');
  const found = text.match(/"(?:host|hostname|url|location)":"[^"]*"/gu) ?? [];
  return [...new Set(found.filter((one) => one.includes(HOSTILE_DOMAIN) || one.includes(server.origin.slice('http://'.length))))];
}

/** Asserts that nothing came of any of the mails, then quits. */
async function expectNothing({ app, seen, netLog }: Awaited<ReturnType<typeof startReader>>): Promise<void> {
  await app.window.waitForTimeout(1_000);
  expect(seen).toMatchObject({ ran: [], dialogs: [], navigations: [] });
  expect(server.requests).toEqual([]);
  expect(await app.window.evaluate(() => (globalThis as { hit?: unknown }).hit)).toBeUndefined();
  expect(await outside(app)).toEqual({ windows: 0, downloads: 0, opened: 0 });
  expect(app.window.url().split('#')[0]).toBe(START);
  expect(app.electron.windows()).toHaveLength(1);
  expect(app.log().filter(({ ev }) => ev === 'window.left' || ev === 'window.process-gone')).toEqual([]);
  // One request of the app's own process, to see that the browser's log would have told.
  await app.electron.evaluate(async ({ net }, url) => void (await net.fetch(url).catch(() => null)), `http://${CONTROL}/`);
  await app.quit();
  const reached = reachedOut(netLog);
  expect(reached.length).toBeGreaterThan(0);
  expect(reached.filter((one) => !one.includes(CONTROL))).toEqual([]);
}

/** A seeded choice that keeps each attack at least once before any comes in a second wrapping. */
function chosen(count: number): HostileMail[] {
  const random = seededRandom(Number(process.env['HOLDOVER_SEED'] ?? '20261124'));
  const all = random.shuffle(buildHostileMails(server.origin));
  const first = [...new Map(all.map((mail) => [mail.vector, mail])).values()];
  return [...first, ...all.filter((mail) => !first.includes(mail))].slice(0, Math.min(count, all.length));
}

describe('hostile mail in the reader', () => {
  it('runs nothing, loads nothing, leads nowhere', { timeout: 600_000 }, async () => {
    const mails = chosen(SAMPLE.cleaned);
    const reader = await startReader('alice', mails);
    await countOutside(reader.app);
    await reader.app.window.evaluate(callOf('frame-writes'));
    const shown = await readAll(reader.app, mails, (at) => isFull || at % 5 === 0);
    const writes = await reader.app.window.evaluate<{ wrong: string[]; count: number }>('frameWrites()');
    expect(writes.wrong).toEqual([]);
    expect(writes.count).toBeGreaterThan(mails.length * 0.9);
    reportFigure('H3 one text from the cleaner to the frame', { mails: shown, writes: writes.count, others: 0 });
    expect(reader.seen.refusedFrames).toBe(0);
    // What the purifier left has nothing that the guards would have had to stop.
    expect(reader.app.log().filter(({ ev }) => String(ev).startsWith('guard.') && ev !== 'guard.contents')).toEqual([]);
    await expectNothing(reader);
    reportFigure('H1 hostile mail', { mails: shown, scripts: 0, requests: 0, lookUps: 0, navigations: 0, dialogs: 0, downloads: 0 });
  });
});

describe('hostile mail behind the second wall', () => {
  let dist: string | undefined;
  afterAll(() => {
    if (dist !== undefined) rmSync(dist, { recursive: true, force: true });
  });

  /** The window as it is built, but for a purifier that lets everything through. */
  async function buildWithoutPurifier(): Promise<string> {
    // Within the project: the main process finds its modules from there.
    mkdirSync(path.join(root, '.tmp'), { recursive: true });
    dist = mkdtempSync(path.join(root, '.tmp/hostile-'));
    for (const part of ['main', 'preload']) cpSync(path.join(root, 'dist', part), path.join(dist, part), { recursive: true });
    let isReplaced = false;
    const identity: Plugin = {
      name: 'identity-purifier',
      transform(code, id) {
        if (!id.endsWith('/renderer/mail/purifier.ts')) return null;
        isReplaced = true;
        return `${code}\npurify.sanitize = (html) => html;\n`;
      },
    };
    await build({
      configFile: path.join(root, 'vite.renderer.ts'),
      plugins: [identity],
      logLevel: 'error',
      build: { outDir: path.join(dist, 'renderer'), emptyOutDir: true },
    });
    expect(isReplaced).toBe(true);
    return dist;
  }

  it('runs nothing, loads nothing, leads nowhere, with no purifier at all', { timeout: 900_000 }, async () => {
    const before = process.env['HOLDOVER_TEST_DIST'];
    process.env['HOLDOVER_TEST_DIST'] = await buildWithoutPurifier();
    try {
      const mails = chosen(SAMPLE.identity);
      const reader = await startReader('bob', mails);
      await countOutside(reader.app);
      const shown = await readAll(reader.app, mails, (at) => isFull || at % 5 === 0);
      await expectNothing(reader);
      expect(reader.seen.refused).toBeGreaterThan(mails.length / 2);
      reportFigure('H4 hostile mail, no purifier', {
        mails: shown,
        refused: reader.seen.refused,
        scripts: 0,
        requests: 0,
        lookUps: 0,
        navigations: 0,
      });
    } finally {
      if (before === undefined) delete process.env['HOLDOVER_TEST_DIST'];
      else process.env['HOLDOVER_TEST_DIST'] = before;
    }
  });
});
