import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { faultsInBothThemes } from './support/accessibility.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const LIMIT_MS = 30_000;
const PLAIN = 'Ihr Postfach ist zu 95 % voll. Canary-83';
/** What would make an element, run, turn text round, or mean something to a template. */
const HOSTILE = [
  '<img src=x onerror="globalThis.hit=1" id=h7>',
  '"><script id=h7>globalThis.hit=1</script>',
  "{@html '<b id=h7>x</b>'}",
  '<a id=h7 href="https://evil.test">Log in here</a>',
  '&lt;b id=h7&gt;x&#60;b id=h7&#62;',
];

let imap: ImapScript;
let app: RunningApp;
let folder: string;
/** Ends what the server says at each look. */
let lift: () => void;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-alerts-'));
  imap = await startImapScript();
  imap.store.get('INBOX').add({ raw: 'Subject: one\r\n\r\nx\r\n', internalDate: Date.now() - 3_600_000 });
  const garbage = [PLAIN, ...HOSTILE].map((text) => `* OK [ALERT] ${text}\r\n`).join('');
  lift = imap.fault({ command: 'LIST', nth: 'every', action: { garbage, then: 'pass' } });
  const endpoint = { host: '127.0.0.1', port: imap.port, security: 'plain', user: 'alice' };
  const secret = { type: 'password', password: 'pw-alice' };
  const config = { email: 'alice@example.com', displayName: 'Alice', primary: { imap: endpoint, smtp: { ...endpoint, port: 1 } } };
  const enrolment = JSON.stringify({ accounts: [{ config, secrets: { primary: { imap: secret, smtp: secret } } }] });
  app = await startEnrolled(enrolment, folder, { locale: 'en-GB' });
});
afterAll(async () => {
  await app?.quit();
  await imap?.close();
  rmSync(folder, { recursive: true, force: true });
});

const banners = () =>
  app.window.locator('section.notices .banner', { hasText: /Message from the mail server|Mitteilung des Mailservers/u });
const shown = async () => (await banners().locator('p').allInnerTexts()).map((text) => text.replaceAll(/[\u2068\u2069]/gu, ''));
/** Elements that only these words could have made. */
const foreign = () => app.window.evaluate<number>(`document.querySelectorAll('#h7, [onerror], [src=x]').length`);

describe('what the mail server wants a person to be told', () => {
  it('is shown in its words, two at a time, in both languages', async () => {
    await expect.poll(() => isMirrored(app, 1), { timeout: 60_000, interval: 200 }).toBe(true);
    await expect
      .poll(shown, { timeout: LIMIT_MS })
      .toEqual([`Message from the mail server: ${PLAIN}`, `Message from the mail server: ${HOSTILE[0]}`]);
    // Read aloud, too: the place is one that says what comes into it.
    expect(await banners().first().locator('xpath=ancestor::*[@role="status"]').count()).toBe(1);
    await value(app.call('settings.set', { language: 'de', theme: 'dark' }));
    await expect.poll(shown, { timeout: LIMIT_MS }).toContain(`Mitteilung des Mailservers: ${PLAIN}`);
    expect(await faultsInBothThemes(app)).toEqual([]);
    await value(app.call('settings.set', { language: 'en', theme: 'light' }));
  });

  it('is text and nothing else, whatever is in it, and goes when it is put away', async () => {
    for (const text of [PLAIN, ...HOSTILE]) {
      await expect.poll(async () => (await shown())[0], { timeout: LIMIT_MS }).toBe(`Message from the mail server: ${text}`);
      expect(await banners().first().locator('p a, p img, p b, p script').count()).toBe(0);
      expect(await foreign()).toBe(0);
      await banners().first().getByRole('button', { name: 'Dismiss' }).click();
    }
    await expect.poll(shown, { timeout: LIMIT_MS }).toEqual([]);
    expect(await app.window.evaluate('globalThis.hit')).toBeUndefined();
  });

  it('is not told again, not after a restart either, and is in no log', async () => {
    await app.quit();
    const from = imap.commands.length;
    app = await startApp({ profile: path.join(folder, 'profile'), locale: 'en-GB' });
    await expect.poll(() => imap.commands.slice(from).some(({ name }) => name === 'IDLE'), { timeout: LIMIT_MS }).toBe(true);
    lift();
    imap.fault({ command: 'LIST', action: { garbage: '* OK [ALERT] Another one\r\n', then: 'pass' } });
    await value(app.call('sync.now'));
    await expect.poll(shown, { timeout: LIMIT_MS }).toEqual(['Message from the mail server: Another one']);
    expect(JSON.stringify(app.log())).toContain('imap.alert');
    expect(JSON.stringify(app.log())).not.toMatch(/canary-83|another one|h7/iu);
  });
});
