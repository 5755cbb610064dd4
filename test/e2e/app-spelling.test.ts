import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { buildMail } from '../support/mail-builder.ts';
import { formsOf, hitsBelow } from '../support/plain-marks.ts';
import { faultsInBothThemes } from './support/accessibility.ts';
import { startEnrolled, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

/** No word of any language. */
const OWN = 'Qwertzmannhof';
const RIGHT = ['Rechnungsprüfung', 'Häuser', 'colour', 'color', "don't", 'HTML', 'ISO9001'];
const WRONG = ['Rechnugn', 'recieve', 'Strase', 'definately'];

let imap: ImapScript;
let folder: string;
let app: RunningApp;

beforeAll(async () => {
  imap = await startImapScript();
  imap.store.get('INBOX').add({ raw: buildMail({ subject: 'Guten Tag' }) });
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-spelling-'));
  const endpoint = { host: '127.0.0.1', port: imap.port, security: 'plain', user: 'alice' };
  const config = { email: 'alice@example.com', primary: { imap: endpoint, smtp: { ...endpoint, port: 1 } } };
  const secret = { type: 'password', password: 'pw-alice' };
  const enrolment = JSON.stringify({ accounts: [{ config, secrets: { primary: { imap: secret, smtp: secret } } }] });
  app = await startEnrolled(enrolment, folder, { locale: 'en-GB' });
  await app.electron.evaluate(({ session }) => {
    const requests: string[] = [];
    (globalThis as { requests?: string[] }).requests = requests;
    for (const one of [session.defaultSession, session.fromPartition('holdover')])
      one.webRequest.onBeforeRequest(({ url }, go) => (requests.push(url), go({})));
  });
  await app.window.locator('#pane-list [role=option]').first().waitFor({ timeout: 40_000 });
});
afterAll(async () => {
  await app?.quit();
  await imap?.close();
  rmSync(folder, { recursive: true, force: true });
});

const editor = () => app.window.locator('#compose-text');
const items = () => app.window.getByRole('menuitem');
const press = (key: string) => app.window.keyboard.press(key);
const text = async (): Promise<string> => (await editor().innerText()).trim();

async function write(what: string): Promise<void> {
  await editor().focus();
  await press('Control+a');
  await press('Delete');
  await app.window.keyboard.type(`${what} `);
}

/** The words that are underlined, in the order of the page. */
const marked = () => app.window.evaluate<string[]>(`[...(CSS.highlights.get('spelling') ?? [])].map(String)`);
async function rightClick(word: string): Promise<void> {
  const box = await app.window.evaluate<{ x: number; y: number }>(`(() => {
    const range = [...CSS.highlights.get('spelling')].find((one) => String(one) === ${JSON.stringify(word)});
    const { x, y, width, height } = range.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  })()`);
  await app.window.mouse.click(box.x, box.y, { button: 'right' });
}

describe('spelling', () => {
  it('marks German and English words that are wrong, and none that is right', { timeout: 60_000 }, async () => {
    await app.window.locator('#pane-list [role=option]').first().click();
    await press('c');
    await app.window.locator('#compose-to').waitFor();
    await write([...WRONG, ...RIGHT].join(' '));
    await expect.poll(marked, { timeout: 20_000 }).toEqual(WRONG);
    await rightClick('Rechnugn');
    await expect.poll(() => items().first().innerText()).toBe('Rechnung');
    await press('Escape');
    await expect.poll(() => items().count()).toBe(0);
    expect(await editor().count()).toBe(1);
  });

  it('puts a suggestion in place of the word by keys, and undo brings the word back', async () => {
    await write('We recieve it');
    for (let n = 0; n < 5; n += 1) await press('ArrowLeft');
    await expect.poll(marked).toEqual(['recieve']);
    await press('Control+.');
    await expect.poll(() => items().allInnerTexts()).toEqual(expect.arrayContaining(['receive', 'Add to my words']));
    expect(await app.window.evaluate('document.activeElement.textContent')).toBe('receive');
    expect(await faultsInBothThemes(app)).toEqual([]);
    await press('ArrowDown');
    await press('ArrowUp');
    await press('Enter');
    await expect.poll(text).toBe('We receive it');
    await expect.poll(marked).toEqual([]);
    await press('Control+z');
    await expect.poll(text).toBe('We recieve it');
  });

  it('does so in the subject, too', async () => {
    await app.window.locator('#compose-subject').fill('Die Rechnugn');
    await expect.poll(marked).toContain('Rechnugn');
    await press('End');
    await press('Control+.');
    await items().filter({ hasText: 'Rechnung' }).first().click();
    await expect.poll(() => app.window.locator('#compose-subject').inputValue()).toBe('Die Rechnung');
    await press('Control+z');
    await expect.poll(() => app.window.locator('#compose-subject').inputValue()).toBe('Die Rechnugn');
  });

  it('takes a word that is partly bold for one, and words of two lines for two', async () => {
    await write('Rech');
    await press('Backspace');
    await press('Control+b');
    await app.window.keyboard.type('nugn');
    await press('Control+b');
    await press('Enter');
    await app.window.keyboard.type('Haus ');
    await expect.poll(marked).toEqual(['Rechnugn', 'Rechnugn']);
    await app.window.locator('#compose-subject').fill('');
    await expect.poll(marked).toEqual(['Rechnugn']);
  });

  it('checks plain text, and nothing once it is switched off', async () => {
    const plain = app.window.locator('[data-composer] textarea');
    const format = app.window.getByLabel('Format', { exact: true });
    await write('Wir recieve');
    await format.selectOption('plain');
    await plain.waitFor();
    await expect.poll(marked).toEqual(['recieve']);
    await plain.press('Control+Home');
    for (let n = 0; n < 6; n += 1) await press('ArrowRight');
    await press('Control+.');
    await items().filter({ hasText: 'receive' }).first().click();
    await expect.poll(() => plain.inputValue()).toContain('Wir receive');
    await press('Control+z');
    await expect.poll(marked).toEqual(['recieve']);
    await value(app.call('settings.set', { spelling: 'off' }));
    await expect.poll(marked).toEqual([]);
    await value(app.call('settings.set', { spelling: 'en' }));
    await expect.poll(marked).toEqual(['Wir', 'recieve']);
    await value(app.call('settings.set', { spelling: 'both' }));
    await expect.poll(marked).toEqual(['recieve']);
    await format.selectOption('rich');
    await editor().waitFor();
  });

  it(
    'keeps a word that is added: no mark from then on, after a restart neither, and readable in no file',
    { timeout: 60_000 },
    async () => {
      await write(OWN);
      await expect.poll(marked).toContain(OWN);
      await rightClick(OWN);
      await items().filter({ hasText: 'Add to my words' }).click();
      await expect.poll(marked).not.toContain(OWN);
      expect(await value(app.call('spelling.check', { words: [OWN, 'Rechnugn'] }))).toEqual(['Rechnugn']);
      // Nothing but the app's own files, which never leave the computer.
      const requests = await app.electron.evaluate(() => (globalThis as unknown as { requests: string[] }).requests);
      expect(requests.filter((url) => !/^(?:app|blob:app|data):/u.test(url))).toEqual([]);
      await app.window.locator('[data-composer]').getByRole('button', { name: 'Discard' }).click();
      await app.quit();
      expect(hitsBelow(path.join(folder, 'profile'), formsOf(OWN)).found).toEqual([]);
      app = await startApp({ profile: path.join(folder, 'profile'), locale: 'en-GB' });
      await expect.poll(async () => value(app.call('spelling.ownWords')).catch(() => []), { timeout: 20_000 }).toEqual([OWN]);
    },
  );
});
