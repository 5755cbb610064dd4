import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { care } from '../../renderer/text/en/care.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { isMirrored, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const HOUR = 3_600_000;
/** The window is to answer within this time while a mail is opened. */
const MAX_TASK_MS = 200;
const MAX_GROWTH_BYTES = 300 * 1024 * 1024;

const row =
  '<tr><td style="padding:4px;color:#333"><p><b>Quarter</b> <a href="https://shop.example/a">Report</a> and text</p></td></tr>\r\n';
const base64Lines = (bytes: Buffer): string => bytes.toString('base64').replaceAll(/.{76}/gu, '$&\r\n');

function pngChunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, Buffer.from(type), content, Buffer.alloc(4)]);
}
/** A picture that asks for 3.6 gigabytes when it is drawn. Its checksums are wrong; what counts is that nobody tries. */
function bombPng(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(30_000, 0);
  header.writeUInt32BE(30_000, 4);
  header.set([8, 6], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(4_000_000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}
const SMALL_PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const html = (id: string, body: string): string =>
  `From: Anna <anna@example.com>\r\nTo: b@example.com\r\nSubject: ${id}\r\nMessage-ID: <${id}@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${body}`;

/** What each is shown as: laid out, or as its text with the reason. */
const HEAVY: readonly (readonly [id: string, raw: string, shown: 'layout' | 'text'])[] = [
  ['letter', html('letter', '<p>what could be read</p>'), 'layout'],
  ['long-thread', html('long-thread', `<p>what could be read</p><table>${row.repeat(1_000)}</table>`), 'layout'],
  ['html-5mb', html('html-5mb', `<p>what could be read</p><table>${row.repeat(40_000)}</table>`), 'text'],
  ['nested-100k', html('nested-100k', `<p>what could be read</p>${'<b>\r\n'.repeat(100_000)}`), 'text'],
  ['cells-50k', html('cells-50k', `<p>what could be read</p><table>${`<tr>${'<td>1'.repeat(100)}\r\n`.repeat(500)}</table>`), 'text'],
  [
    'attributes',
    html('attributes', `<p>what could be read</p><p ${Array.from({ length: 100_000 }, (_, n) => `a${n}`).join('\r\n')}>x</p>`),
    'text',
  ],
  [
    'many-attributes',
    html(
      'many-attributes',
      `<p>what could be read</p>${`<p ${Array.from({ length: 190 }, (_, n) => `a${n}`).join('\r\n')}>x</p>\r\n`.repeat(1_000)}`,
    ),
    'layout',
  ],
  [
    'pictures',
    html(
      'pictures',
      `<p>what could be read</p><img alt="bomb" src="data:image/png;base64,${base64Lines(bombPng())}"><img alt="small" src="data:image/png;base64,${SMALL_PNG}">`,
    ),
    'layout',
  ],
  [
    'data-image',
    html('data-image', `<p>what could be read</p><img src="data:image/png;base64,${base64Lines(Buffer.alloc(10_000_000))}">`),
    'layout',
  ],
];

/** A few kilobytes that are read and cleaned at once, and for which no layout ever ends. */
const ENDLESS = html(
  'endless',
  `<p>what could be read</p>${'<div style="columns:2;height:90px">\r\n'.repeat(25)}${'x '.repeat(500)}${'</div>\r\n'.repeat(25)}`,
);
/** As much as is laid out at all, where a computer is this much slower. */
const LARGEST = html('largest', `<p>what could be read</p><table>${row.repeat(5_500)}</table>`);
const SLOWER = 20;
/** A mail is given up after this time, and shown as text within so much more. */
const GIVEN_UP = { afterMs: 4_500, withinMs: 9_000 };

let imap: ImapScript;
let app: RunningApp;
beforeAll(async () => {
  imap = await startImapScript();
  [...HEAVY.map(([, raw]) => raw), ENDLESS, LARGEST].forEach((raw, n) =>
    imap.store.get('INBOX').add({ raw, internalDate: Date.now() - (n + 1) * HOUR, flags: ['\\Seen'] }),
  );
  app = await startApp({ locale: 'en-GB' });
  const endpoint = { host: '127.0.0.1', port: imap.port, security: 'plain' as const, user: 'alice' };
  const secret = { imap: { type: 'password' as const, password: 'pw-alice' } };
  const config = { email: 'alice@example.com', primary: { imap: endpoint, smtp: null }, relay: null };
  await value(app.call('accounts.enrol', { config, secrets: { primary: secret, relay: null } }));
});
afterAll(async () => {
  await app?.dispose();
  await imap?.close();
});

/** Processes of pages: the window and, where there is one, the frame of a mail. */
const pageProcesses = () =>
  app.electron.evaluate(({ app: { getAppMetrics } }) =>
    getAppMetrics()
      .filter(({ type }) => type === 'Tab')
      .map(({ pid }) => pid),
  );

/** Makes the computer slower for the window and what is in it. */
const slowDown = (rate: number) =>
  app.electron.evaluate(async ({ webContents }, times) => {
    const { debugger: inspector } = webContents.getAllWebContents()[0] ?? {};
    if (!inspector) throw new Error('no window');
    if (!inspector.isAttached()) inspector.attach();
    await inspector.sendCommand('Emulation.setCPUThrottlingRate', { rate: times });
  }, rate);

/** Opens a mail and waits until it is given up; gives the milliseconds until its text is there, and the longest task. */
async function openGivenUp(id: string): Promise<{ ms: number; longestTaskMs: number }> {
  await app.window.evaluate('long.length = 0');
  const from = performance.now();
  await app.window
    .getByRole('option', { name: new RegExp(id, 'u') })
    .first()
    .click();
  await app.window.getByRole('heading', { name: id, exact: true }).first().waitFor();
  await app.window.locator('.reader .plain').getByText(care.textInstead).waitFor({ timeout: 60_000 });
  const ms = Math.round(performance.now() - from);
  expect(await app.window.locator('.reader .plain').innerText()).toContain('what could be read');
  expect(await app.window.locator('.reader iframe').count()).toBe(0);
  return { ms, longestTaskMs: await app.window.evaluate<number>('Math.max(0, ...long)') };
}

const mainBytes = () =>
  app.electron.evaluate(
    ({ app: { getAppMetrics } }) => (getAppMetrics().find(({ type }) => type === 'Browser')?.memory.workingSetSize ?? 0) * 1024,
  );

/** Opens a mail and waits until it is drawn; gives the longest time for which the window could not answer. */
async function open(id: string): Promise<number> {
  await app.window.evaluate('long.length = 0');
  await app.window
    .getByRole('option', { name: new RegExp(id, 'u') })
    .first()
    .click();
  await app.window.getByRole('heading', { name: id, exact: true }).first().waitFor();
  await app.window.locator('.reader iframe, .reader .plain').first().waitFor({ timeout: 20_000 });
  return app.window.evaluate<number>('new Promise((done) => setTimeout(() => done(Math.max(0, ...long)), 300))');
}

it('H11: the window answers whatever a mail costs, and shows the text of one that costs too much', { timeout: 180_000 }, async () => {
  await expect.poll(() => isMirrored(app, 1), { timeout: 60_000, interval: 200 }).toBe(true);
  await app.window.evaluate(
    `globalThis.long = []; new PerformanceObserver((list) => { for (const one of list.getEntries()) long.push(Math.round(one.duration)); }).observe({ type: 'longtask' })`,
  );
  await open('letter');
  const before = await mainBytes();
  const tasks: Record<string, number> = {};
  for (const [id, , shown] of HEAVY) {
    // Neighbours on the machine only add to it: what the code itself takes is the least of several.
    let least = Infinity;
    for (let n = 0; n < 5 && least > MAX_TASK_MS; n += 1) {
      if (n > 0) await open('letter');
      least = Math.min(least, await open(id));
      const notice = app.window.locator('.reader .plain').getByText(care.textInstead);
      if (shown === 'text') expect(await app.window.locator('.reader .plain').innerText(), id).toContain('what could be read');
      expect(await notice.count(), id).toBe(shown === 'text' ? 1 : 0);
    }
    tasks[id] = least;
  }
  const growth = (await mainBytes()) - before;
  expect(growth).toBeLessThanOrEqual(MAX_GROWTH_BYTES);
  reportFigure('H11 cost', {
    mails: HEAVY.length,
    longestTaskMs: Math.max(...Object.values(tasks)),
    mainGrowthMiB: Math.round(growth / 1024 / 1024),
  });
  expect(Object.entries(tasks).filter(([, ms]) => ms > MAX_TASK_MS)).toEqual([]);
});

it('H11: pictures that would take the memory of the machine are left out, small ones are drawn', async () => {
  await open('pictures');
  const frame = app.window.frameLocator('.reader iframe');
  await frame.locator('img[alt=small][src]').waitFor();
  expect(await frame.locator('img[alt=bomb][src]').count()).toBe(0);
});

it('H11: a frame that is never drawn is taken away with its process after five seconds, and the text is shown', async () => {
  await open('letter');
  const before = await pageProcesses();
  const { ms, longestTaskMs } = await openGivenUp('endless');
  expect(ms).toBeGreaterThan(GIVEN_UP.afterMs - 1_000);
  expect(ms).toBeLessThan(GIVEN_UP.withinMs);
  await expect.poll(async () => (await pageProcesses()).length, { timeout: 10_000, interval: 100 }).toBe(1);
  expect(before.length).toBe(2);
  reportFigure('H11 frame that is never drawn', { textAfterMs: ms, longestTaskMs });
  expect(longestTaskMs).toBeLessThanOrEqual(MAX_TASK_MS);
  // The next one is drawn as ever, in a process of its own.
  await open('letter');
  await app.window.frameLocator('.reader iframe').getByText('what could be read').waitFor();
});

it('H11: cleaning that takes too long is given up after five seconds, and the text is shown', async () => {
  await open('letter');
  await slowDown(SLOWER);
  const { ms, longestTaskMs } = await openGivenUp('largest').finally(() => slowDown(1));
  expect(ms).toBeGreaterThan(GIVEN_UP.afterMs);
  reportFigure('H11 cleaning given up', { slower: SLOWER, textAfterMs: ms, longestTaskMs: Math.round(longestTaskMs / SLOWER) });
  expect(longestTaskMs / SLOWER).toBeLessThanOrEqual(MAX_TASK_MS);
});
