import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { desktopWords } from '../../main/app/desktop/words.ts';
import { replyRecipients } from '../../main/engine/compose/reply-recipients.ts';
import { en } from '../../renderer/text/en.ts';
import * as reading from '../../renderer/text/en/reading.ts';
import { reportFigure } from '../support/figures.ts';
import { visibleLine } from '../../shared/visible-text.ts';
import { FORGED, NAMES, word } from '../support/hostile-mail/forged-senders.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { seededRandom } from '../support/random.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { isFull, seed } from '../support/this-run.ts';
import { DesktopBus } from './support/desktop-bus.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import { payloadMail, PAYLOADS, unquoted } from './support/payload-mails.ts';
import { printed, takePrints } from './support/printed.ts';
import type { RunningApp } from './support/start-app.ts';
import { TextPlaces } from './support/text-places.ts';

const HOUR = 3_600_000;
/** Of the mails with a payload and of the forged ones, so many are opened in a sampled run. */
const OPENED = { mails: 4, forged: 8, names: 6 };
/** Of so many, a seeded choice in their order; all of them in a full run. */
const chosenOf = (count: number, most: number): readonly number[] => {
  const all = Array.from({ length: count }, (_, n) => n);
  return isFull ? all : seededRandom(seed).shuffle([...all]).slice(0, most).sort((a, b) => a - b); // prettier-ignore
};

const FORGERIES = 'Forgeries';
type Sender = (typeof FORGED)[number];
const hidingName = ([name]: (typeof NAMES)[number]): Sender => [
  JSON.stringify(name),
  [`From: ${word(name)} <second@evil.test>`, `Reply-To: ${word(name)} <third@evil.test>`],
];
const forged = chosenOf(FORGED.length, OPENED.forged).map((n) => FORGED[n]!);
const names = chosenOf(NAMES.length, OPENED.names).map((n) => hidingName(NAMES[n]!));
/** Forged senders, and names that hide or turn round what stands beside them. */
const SENDERS = [...forged, ...names];

/** As many of each body. */
const half = chosenOf(PAYLOADS.length / 2, OPENED.mails / 2);
const opened = [...half.map((n) => 2 * n), ...half.map((n) => 2 * n + 1)].sort((a, b) => a - b);

/** Of so many payloads each notification of its own is waited for: after each the app pauses. */
const told = chosenOf(PAYLOADS.length, 2);
/** As many as a notification lists. */
const TOGETHER = 3;

let imap: ImapScript;
let smtp: SmtpScript;
let bus: DesktopBus;
let app: RunningApp;
let places: TextPlaces;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-places-'));
  [imap, bus] = await Promise.all([startImapScript(), DesktopBus.start()]);
  smtp = await startSmtpScript({
    reply: ({ name, args }) => (name === 'RCPT' ? `550 5.1.1 ${PAYLOADS[Number(/nobody(\d+)@/u.exec(args)?.[1])]}` : undefined),
  });
  PAYLOADS.forEach((payload, n) => {
    imap.store.get('INBOX').add({ raw: payloadMail(payload, n), internalDate: Date.now() - (n + 1) * HOUR, flags: ['\\Seen'] });
    imap.store.create(`${n} ${payload.replaceAll('/', '')}`);
  });
  imap.store.create(FORGERIES);
  SENDERS.forEach(([, lines], n) => {
    const raw = `${lines.join('\r\n')}\r\nTo: alice@example.com\r\nSubject: forged ${n}\r\nMessage-ID: <forged-${n}@t>\r\n\r\nx\r\n`;
    imap.store.get(FORGERIES).add({ raw, internalDate: Date.now() - (n + 1) * HOUR, flags: ['\\Seen'] });
  });
  const endpoint = { host: '127.0.0.1', port: imap.port, security: 'plain', user: 'alice' };
  const secret = { type: 'password', password: 'pw-alice' };
  const primary = { imap: endpoint, smtp: { ...endpoint, port: smtp.port } };
  const config = { email: 'alice@example.com', displayName: PAYLOADS[0], primary, continuity: { undoSendSeconds: 0 } };
  const enrolment = JSON.stringify({ accounts: [{ config, secrets: { primary: { imap: secret, smtp: secret } } }] });
  app = await startEnrolled(enrolment, folder, { locale: 'en-GB', env: bus.env });
  places = new TextPlaces(app);
});
afterAll(async () => {
  await app?.quit();
  await Promise.all([imap?.close(), smtp?.close(), bus?.dispose()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Writes to somebody whom the server refuses in the payload's own words. */
async function sendRefused(n: number): Promise<void> {
  const mailto = `mailto:nobody${n}@refused.test?subject=${encodeURIComponent(PAYLOADS[n]!)}`;
  const { id, version } = await value(app.call('compose.start', { kind: 'new', accountId: null, mailto }));
  await value(app.call('drafts.send', { draftId: id, version }));
}
const refusedCount = async () => (await value(app.call('outbox.list'))).filter(({ state }) => state === 'rejected').length;
const hide = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().forEach((window) => window.hide()));
const show = () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().forEach((window) => window.show()));
/** Notifications may hold markup: none of it, and every letter and digit of the payload. */
const letters = (text: string): string => text.replaceAll(/[^a-z0-9]/giu, '');
function expectPlainNotice(text: string, payload: string): void {
  expect(text).not.toMatch(/[<>]|&[#\w]/u);
  places.says('notification', letters(text), payload, letters(payload));
}

describe('H7: text of others is shown as text', () => {
  it('in the list and the reader, on paper, and in the title of the window', async () => {
    await expect.poll(() => isMirrored(app, 1), { timeout: 60_000, interval: 200 }).toBe(true);
    const { window } = app;
    await takePrints(app);
    await window
      .getByRole('option')
      .nth(PAYLOADS.length - 1)
      .waitFor();
    const rows = await window.getByRole('option').allInnerTexts();
    for (const [n, payload] of PAYLOADS.entries()) places.says('subject', rows[n] ?? '', payload);
    await places.lookForElements();
    for (const n of opened) await readOne(n);
    const folders = await window.locator('nav').innerText();
    for (const payload of PAYLOADS) places.says('folder name', folders, payload, payload.replaceAll('/', ''));
  });

  it('in what is found', async () => {
    const { window } = app;
    // No word is in all of them.
    for (const [term, least] of [
      ['h7', PAYLOADS.length - 1],
      ['constructor', 1],
    ] as const) {
      await window.locator('.search input').first().fill(term);
      await window.getByText(en.search.results).first().waitFor();
      const found = async () => {
        const texts = await window.locator('#pane-list [role=option]').allInnerTexts();
        return texts.map((text) => PAYLOADS.find((payload) => text.replaceAll(/\s+/gu, ' ').includes(payload)));
      };
      await expect.poll(async () => (await found()).filter((one) => one?.includes(term)).length).toBe(least);
      for (const payload of await found()) places.says('search snippet', payload ?? '', payload ?? 'a payload');
    }
    await places.lookForElements();
    await window.keyboard.press('Escape');
  });

  it('in what the mail server wants a person to be told', async () => {
    const { window } = app;
    const first = window.locator('section.notices .banner', { hasText: /Message from the mail server/u }).first();
    // A server is listened to for ten of them on each connection.
    for (const some of [PAYLOADS.slice(0, 6), PAYLOADS.slice(6)]) {
      const garbage = some.map((text) => `* OK [ALERT] ${text}\r\n`).join('');
      const lift = imap.fault({ command: 'LIST', nth: 'every', action: { garbage, then: 'pass' } });
      imap.dropConnections();
      await value(app.call('sync.now'));
      for (const payload of some) {
        await expect.poll(async () => (await first.count()) > 0 && (await first.locator('p').innerText())).toContain(payload);
        places.says('IMAP server words', await first.locator('p').innerText(), payload);
        await places.lookForElements();
        await first.getByRole('button', { name: 'Dismiss' }).click();
      }
      await expect.poll(() => first.count()).toBe(0);
      lift();
    }
  });

  it('in notifications and in the panel, while nobody looks', async () => {
    await value(app.call('settings.set', { notifyMail: 'content' }));
    await hide();
    for (const [at, n] of told.entries()) {
      await sendRefused(n);
      await expect.poll(refusedCount).toBe(at + 1);
      const mine = async () => (await bus.notices()).findLast(({ body }) => letters(body).startsWith(letters(PAYLOADS[n]!)));
      await expect.poll(mine).toBeDefined();
      expectPlainNotice((await mine())!.body, PAYLOADS[n]!);
    }
    for (let n = 0; n < PAYLOADS.length; n += TOGETHER) await tellArrivals(PAYLOADS.slice(n, n + TOGETHER), n);
  });

  it('in the outbox: the subject, and why the server refused it', async () => {
    for (const n of PAYLOADS.keys()) if (!told.includes(n)) await sendRefused(n);
    await expect.poll(refusedCount).toBe(PAYLOADS.length);
    await show();
    await app.window.locator('#pane-folders .place button').click();
    for (const [n, payload] of PAYLOADS.entries()) {
      const card = app.window.getByRole('article').filter({ hasText: `nobody${n}@refused.test` });
      await card.waitFor();
      places.says('subject', await card.locator('h3').innerText(), payload);
      places.says('SMTP server words', await card.locator('q').first().innerText(), payload);
    }
    await places.lookForElements();
  });

  it('in the icon’s menu and tooltip not at all: they count', async () => {
    const lines = async () => (await bus.tray())?.menu.map(({ label }) => label) ?? [];
    await expect.poll(lines).toContain(desktopWords.en.troubled(PAYLOADS.length));
    const text = [(await bus.tray())!.tooltip, ...(await lines())].join('\n');
    for (const payload of PAYLOADS) places.keepsOut('tray', text, payload);
  });

  it('and nothing came of it', async () => {
    expect(await app.window.evaluate('globalThis.hit')).toBeUndefined();
    const figure = places.figure();
    reportFigure('H7 text of mail', { payloads: PAYLOADS.length, opened: opened.length, ...figure });
    expect(figure).toMatchObject({ places: 16, elements: 0 });
    expect(figure.leastPayloads).toBeGreaterThanOrEqual(isFull ? PAYLOADS.length : opened.length);
  });
});

/** Opens a mail with a payload, all that can be shown of it, and its print view. */
async function readOne(n: number): Promise<void> {
  const { window } = app;
  const payload = PAYLOADS[n]!;
  const inReader = window.locator('.reader');
  await window.getByRole('option').nth(n).click();
  await inReader.locator('h2', { hasText: payload }).waitFor();
  places.says('subject', await inReader.locator('h2').innerText(), payload);
  places.says('display name', await inReader.locator('dl').first().innerText(), payload);
  places.keepsOut('window title', await window.title(), payload);
  await window.getByRole('button', { name: en.reader.showDetails, exact: true }).click();
  await window.getByText(en.reader.messageId, { exact: true }).waitFor();
  const details = await inReader.locator('dl').first().innerText();
  places.says('group name', details, payload, `${payload} <group@x.test>`);
  for (const address of ['sender@z.test', 'answers@z.test']) places.says('display name', details, payload, `${payload} <${address}>`);
  places.says('address', details, payload, unquoted(payload));
  places.says('Message-ID', details, payload, payload.replaceAll(/[\s<>]/gu, ''));
  const file = inReader.locator('section li .name').first();
  await file.waitFor();
  const safe = payload.replaceAll(/[/\\:*?"<>|]+/gu, '_').trim();
  places.says('file name', await file.innerText(), payload, safe.slice(0, 5));
  const card = await inReader.locator('.invitation').innerText();
  for (const part of [payload, `${payload.replaceAll('"', "'")} <boss@x.test>`, `${payload.replaceAll('"', "'")} <guest@x.test>`])
    places.says('ICS fields', card, payload, part);
  await window.getByRole('button', { name: en.reader.links(1) }).click();
  expect(await window.locator('.links li').innerText()).toContain(n % 2 === 0 ? payload : 'x.test');
  await places.lookForElements();
  await printOne(payload);
  await window.getByRole('button', { name: reading.more.label, exact: true }).click();
  await window.getByRole('menuitem', { name: en.reader.showSource }).click();
  const source = await window.locator('pre.source').innerText();
  places.says('Content-Type', source, payload, `Content-Type: application/x-${n}; name="${unquoted(payload)}"`);
  await places.lookForElements();
}

async function printOne(payload: string): Promise<void> {
  const before = (await printed(app)).length;
  await app.window.getByRole('button', { name: reading.more.label, exact: true }).click();
  await app.window.getByRole('menuitem', { name: reading.more.print }).click();
  await expect.poll(async () => (await printed(app)).length).toBe(before + 1);
  const { text, elements } = (await printed(app)).at(-1)!;
  places.says('print view', text, payload, `${payload} <from`);
  expect(elements).toContain('H1');
  places.addElements(elements.filter((one) => /#h7|^(?:IMG|SVG|SCRIPT|IFRAME|FORM|INPUT|MATH)/iu.test(one)).length);
}

/** Mails that come together are told in one notification. */
async function tellArrivals(payloads: readonly string[], from: number): Promise<void> {
  if (from > 0 && !isFull) return;
  payloads.forEach((payload, n) => imap.store.get('INBOX').add({ raw: payloadMail(payload, 100 + from + n), internalDate: Date.now() }));
  const mine = async () =>
    (await bus.notices()).find(
      ({ summary, body }) => summary === desktopWords.en.newMails(payloads.length) && letters(body).includes(letters(payloads[0]!)),
    );
  await expect.poll(mine).toBeDefined();
  for (const payload of payloads) expectPlainNotice((await mine())!.body, payload);
}

it('H8: the address that an answer goes to is always to be read, whatever the sender’s name is', { timeout: 180_000 }, async () => {
  await expect.poll(() => isMirrored(app, 1), { timeout: 60_000, interval: 200 }).toBe(true);
  const { window } = app;
  await window.keyboard.press('Escape');
  await window.locator('#pane-folders .mailbox', { hasText: FORGERIES }).click();
  const key = (await value(app.call('mailboxes.list'))).find(({ path }) => path === FORGERIES)?.key ?? '';
  const { rows } = await value(app.call('messages.list', { mailboxKey: key, filter: 'all', offset: 0, limit: 100 }));
  expect(rows).toHaveLength(SENDERS.length);
  await window.locator('#pane-list [role=option]', { hasText: 'forged 0' }).click();
  let [addresses, controls] = [0, 0];
  for (const [n, [what]] of SENDERS.entries()) {
    if (n > 0) await window.keyboard.press('ArrowDown');
    await window.locator('.reader h2', { hasText: new RegExp(`forged ${n}$`, 'u') }).waitFor();
    const view = await value(app.call('messages.open', { entryId: rows[n]?.id ?? 0 }));
    const head = window.locator('.reader dl');
    for (const { address } of replyRecipients(view, false, new Set()).to) {
      await expect
        .poll(async () => (await head.innerText()).toLowerCase(), { message: what, timeout: 5_000 })
        .toContain(visibleLine(address).toLowerCase());
      addresses += 1;
    }
    if (/[\p{Cc}\p{Bidi_Control}\u200B-\u200D\u2060\uFEFF]/u.test((await head.innerText()).replaceAll(/[\n\t]/gu, ''))) controls += 1;
  }
  reportFigure('H8 address of an answer, in the reader', { forged: forged.length, names: names.length, addresses, controls });
  expect(controls).toBe(0);
  expect(addresses).toBeGreaterThan(SENDERS.length - 2);
});
