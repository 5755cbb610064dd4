import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { replyRecipients } from '../../main/engine/compose/reply-recipients.ts';
import { en } from '../../renderer/text/en.ts';
import * as reading from '../../renderer/text/en/reading.ts';
import { reportFigure } from '../support/figures.ts';
import { visibleLine } from '../../shared/visible-text.ts';
import { FORGED, NAMES, word } from '../support/hostile-mail/forged-senders.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { seededRandom } from '../support/random.ts';
import { isFull, seed } from '../support/this-run.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import type { RunningApp } from './support/start-app.ts';

const HOUR = 3_600_000;
/** What would make an element, run, or mean something to a template. Each that made an element would leave `h7` in the page. */
const PAYLOADS = [
  '<img src=x onerror="globalThis.hit=1" id=h7>',
  '<svg id=h7 onload="globalThis.hit=1">',
  '"><script id=h7>globalThis.hit=1<\\/script>',
  '<iframe id=h7 srcdoc="<script>parent.hit=1<\\/script>">',
  "{{constructor.constructor('globalThis.hit=1')()}}",
  "{@html '<b id=h7>x</b>'}",
  '<a id=h7 href="javascript:globalThis.hit=1">x</a>',
  '&lt;b id=h7&gt;x&#60;b id=h7&#62;',
  '</h2></dd><form id=h7><input autofocus onfocus="globalThis.hit=1">',
  '<style id=h7>*{display:none}</style>',
  '<math id=h7><mi xlink:href="data:x,<script>globalThis.hit=1</script>">',
  "' onmouseover='globalThis.hit=1' id='h7",
];

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The payload in every place beside the body's own markup, and in the body as text. */
function mail(payload: string, n: number): string {
  const name = `filename*=utf-8''${encodeURIComponent(`${payload}.bin`)}`;
  return [
    `From: ${word(payload)} <from${n}@x.test>, "${payload.replaceAll(/["\\]/gu, '')}@y" <second${n}@y.test>`,
    `Sender: ${word(payload)} <sender@z.test>`,
    `Reply-To: ${word(payload)} <answers@z.test>`,
    `To: ${word(payload)} <alice@example.com>`,
    `Cc: ${word(payload)}: ${word(payload)} <group@x.test>;`,
    `Subject: ${word(payload)}`,
    `Message-ID: <${n}${payload.replaceAll(/[\s<>]/gu, '')}@x.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    `Content-Type: text/${n % 2 === 0 ? 'html' : 'plain'}; charset=utf-8`,
    '',
    n % 2 === 0
      ? `<p>${escaped(payload)} <a href="https://x.test/?q=${encodeURIComponent(payload)}">${escaped(payload)}</a></p>`
      : `${payload} https://x.test/${n}`,
    '--b',
    `Content-Type: application/x-${n}; name="${payload.replaceAll(/["\\]/gu, '')}"`,
    `Content-Disposition: attachment; ${name}`,
    '',
    'x',
    '--b--',
    '',
  ].join('\r\n');
}

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

let imap: ImapScript;
let app: RunningApp;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-places-'));
  imap = await startImapScript();
  PAYLOADS.forEach((payload, n) => {
    imap.store.get('INBOX').add({ raw: mail(payload, n), internalDate: Date.now() - (n + 1) * HOUR, flags: ['\\Seen'] });
    imap.store.create(`${n} ${payload.replaceAll('/', '')}`);
  });
  imap.store.create(FORGERIES);
  SENDERS.forEach(([, lines], n) => {
    const raw = `${lines.join('\r\n')}\r\nTo: alice@example.com\r\nSubject: forged ${n}\r\nMessage-ID: <forged-${n}@t>\r\n\r\nx\r\n`;
    imap.store.get(FORGERIES).add({ raw, internalDate: Date.now() - (n + 1) * HOUR, flags: ['\\Seen'] });
  });
  const endpoint = { host: '127.0.0.1', port: imap.port, security: 'plain', user: 'alice' };
  const secret = { type: 'password', password: 'pw-alice' };
  const config = { email: 'alice@example.com', displayName: PAYLOADS[0], primary: { imap: endpoint, smtp: { ...endpoint, port: 1 } } };
  const enrolment = JSON.stringify({ accounts: [{ config, secrets: { primary: { imap: secret, smtp: secret } } }] });
  app = await startEnrolled(enrolment, folder, { locale: 'en-GB' });
});
afterAll(async () => {
  await app?.quit();
  await imap?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Elements that only a mail could have made, in the page and its title. */
const foreign = () =>
  app.window.evaluate<number>(
    `[...document.querySelectorAll('#h7, math, form, [onerror], [onload], [onfocus], [onmouseover], [src=x], iframe[src]')].length`,
  );

it('shows text of mail as text, in every place', async () => {
  await expect.poll(() => isMirrored(app, 1), { timeout: 60_000, interval: 200 }).toBe(true);
  const { window } = app;
  const places: Record<string, number> = {};
  let elements = 0;
  const seen = async (place: string, text: string, payload: string) => {
    expect(text.replaceAll(/\s+/gu, ' '), place).toContain(payload);
    places[place] = (places[place] ?? 0) + 1;
  };
  await window
    .getByRole('option')
    .nth(PAYLOADS.length - 1)
    .waitFor();
  const rows = await window.getByRole('option').allInnerTexts();
  for (const [n, payload] of PAYLOADS.entries()) await seen('subject in the list', rows[n] ?? '', payload);
  elements += await foreign();
  for (const n of opened) {
    const payload = PAYLOADS[n]!;
    await window.getByRole('option').nth(n).click();
    await window.locator('.reader h2', { hasText: payload }).waitFor();
    await seen('subject in the reader', await window.locator('.reader h2').innerText(), payload);
    await seen('name of the sender', await window.locator('.reader dl').innerText(), payload);
    await window.getByRole('button', { name: en.reader.showDetails, exact: true }).click();
    await window.getByText(en.reader.messageId, { exact: true }).waitFor();
    const details = await window.locator('.reader dl').innerText();
    await seen('names of recipients and groups', details, `${payload} <group@x.test>`);
    await seen('name of the other sender', details, `${payload} <sender@z.test>`);
    await seen('name for answers', details, `${payload} <answers@z.test>`);
    await seen('Message-ID', details, payload.replaceAll(/[\s<>]/gu, ''));
    await window.locator('.reader section li .name').first().waitFor();
    await seen(
      'name of a file',
      await window.locator('.reader section li .name').first().innerText(),
      payload
        .replaceAll(/[/\\:*?"<>|]+/gu, '_')
        .trim()
        .slice(0, 5),
    );
    const links = window.getByRole('button', { name: en.reader.links(1) });
    await links.click();
    await seen('text of a link', await window.locator('.links li').innerText(), n % 2 === 0 ? payload : 'x.test');
    elements += await foreign();
    await window.getByRole('button', { name: reading.more.label, exact: true }).click();
    await window.getByRole('menuitem', { name: en.reader.showSource }).click();
    await seen('source', await window.locator('pre.source').innerText(), 'MIME-Version');
    elements += await foreign();
  }
  const folders = (await window.locator('nav').innerText()).replaceAll(/\s+/gu, ' ');
  for (const payload of PAYLOADS) await seen('name of a folder', folders, payload.replaceAll('/', '').replaceAll(/\s+/gu, ' '));
  await window.locator('.search input').first().fill('h7');
  await window.getByText(en.search.results).first().waitFor();
  await expect.poll(() => window.locator('#pane-list [role=option]').count()).toBeGreaterThan(5);
  for (const one of await window.locator('#pane-list [role=option]').allInnerTexts()) {
    const text = one.replaceAll(/\s+/gu, ' ');
    await seen('search result', text, PAYLOADS.find((payload) => text.includes(payload)) ?? 'a payload');
  }
  elements += await foreign();
  expect(await window.evaluate('globalThis.hit')).toBeUndefined();
  expect(await window.title()).not.toContain('<');
  const checks = Object.values(places).reduce((sum, one) => sum + one, 0);
  reportFigure('H7 text of mail', {
    payloads: PAYLOADS.length,
    opened: opened.length,
    places: Object.keys(places).length,
    checks,
    elements,
  });
  expect(elements).toBe(0);
});

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
