import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft } from '../../shared/model/compose.ts';
import type { OutboxItem } from '../../shared/model/outbox.ts';
import { en } from '../../renderer/text/en.ts';
import { reportFigure } from '../support/figures.ts';
import { until } from '../support/until.ts';
import { accessibilityFaults, faultsInBothThemes } from './support/accessibility.ts';
import { startDemoAccount, type DemoAccount } from './support/demo-account.ts';
import { callOf } from './support/page-script.ts';
import { isMirrored, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const UNDO_SECONDS = 8;
let account: DemoAccount;
let folder: string;
let app: RunningApp;

beforeAll(async () => {
  account = await startDemoAccount({ undoSendSeconds: UNDO_SECONDS });
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-compose-'));
  const file = path.join(folder, 'enrol.json');
  writeFileSync(file, account.enrolment, { mode: 0o600 });
  app = await start({ HOLDOVER_ENROL_FILE: file });
  await until('the mirror is complete', () => isMirrored(app), 40_000);
});
afterAll(async () => {
  await app?.quit();
  await account?.servers.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(env: Record<string, string> = {}): Promise<RunningApp> {
  const started = await startApp({ profile: path.join(folder, 'profile'), env, locale: 'en-GB' });
  await started.window.locator('#pane-list [role=option]').first().waitFor({ timeout: 40_000 });
  return started;
}
const drafts = () => value<Draft[]>(app.call('drafts.list'));
const items = () => value<OutboxItem[]>(app.call('outbox.list'));
const press = (key: string) => app.window.keyboard.press(key);
const type = (text: string) => app.window.keyboard.type(text);
const rows = () => app.window.locator('#pane-list [role=option]');
const composer = () => app.window.locator('[data-composer]');
const chips = () => composer().locator('.chip').allInnerTexts();
const toast = () => app.window.locator('.toasts .toast');
const tab = (name: string) => app.window.locator('nav.drafts .tab', { hasText: name });

async function begin(): Promise<void> {
  await rows().first().click();
  await press('c');
  await composer().locator('#compose-to').waitFor();
  await expect.poll(() => app.window.evaluate('document.activeElement.id')).toBe('compose-to');
}
async function sendNow(subject: string): Promise<void> {
  const { id } = (await items()).find((one) => one.subject === subject && one.state === 'queued') ?? {};
  await value(app.call('outbox.sendNow', { outboxId: id! }));
}
const arrived = (subject: string) => account.servers.delivered.filter(({ raw }) => raw.includes(`Subject: ${subject}`));

describe('a new mail', () => {
  const subject = 'Flansche fuer Los 2';

  it('takes a pasted list of people, and marks what is no address', async () => {
    await begin();
    await app.window.evaluate(callOf('paste', { 'text/plain': 'Berg, Anna <anna@kunde.example>; einkauf@kunde.example' }));
    await type('niemand,');
    await type(' x@');
    await press('Tab');
    await expect.poll(chips).toEqual(['Berg, Anna', 'einkauf@kunde.example', '!niemand', '!x@']);
    await press('Shift+Tab');
    // To the last one, and away with it and the one before.
    for (const key of ['Backspace', 'Backspace', 'Backspace']) await press(key);
    await expect.poll(chips).toEqual(['Berg, Anna', 'einkauf@kunde.example']);
  });

  it('completes a person from the mirrored mail, by keys', async () => {
    await composer().locator('#compose-to').focus();
    await type('thomas.a');
    await expect.poll(() => composer().locator('[role=option]').allInnerTexts(), { timeout: 10_000 }).toHaveLength(1);
    await press('Enter');
    await expect.poll(chips).toEqual(['Berg, Anna', 'einkauf@kunde.example', 'Thomas Ahrens']);
  });

  it('is saved by itself, attachment included, and is there again after kill -9', async () => {
    await press('Tab');
    await type(subject);
    await press('Tab');
    await press('Tab');
    await type('Guten Tag,');
    await press('Enter');
    await type('im Anhang das ');
    await press('Control+b');
    await type('Angebot');
    await composer()
      .locator('footer input[type=file]')
      .setInputFiles({ name: 'Angebot Größe.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(200_000, 7) });
    await expect.poll(async () => (await drafts())[0]?.files.length, { timeout: 10_000 }).toBe(1);
    await expect.poll(async () => (await drafts())[0]?.content.html, { timeout: 5_000 }).toContain('<b>Angebot</b>');
    app.electron.process().kill('SIGKILL');
    app = await start();
    await tab(subject).click();
    await expect.poll(chips).toEqual(['Berg, Anna', 'einkauf@kunde.example', 'Thomas Ahrens']);
    expect(await composer().locator('#compose-subject').inputValue()).toBe(subject);
    expect(await composer().locator('#compose-text').innerHTML()).toContain('<b>Angebot</b>');
    expect(await composer().innerText()).toContain('Angebot Größe.pdf');
    expect(await faultsInBothThemes(app)).toEqual([]);
  });

  it('comes back when its sending is undone, and nothing has left', async () => {
    await press('Control+Enter');
    await expect.poll(() => toast().innerText()).toMatch(/about to be sent.*\d s/su);
    await expect.poll(async () => (await items())[0]?.hold).toBe('undo-window');
    await toast().getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => composer().locator('#compose-subject').inputValue()).toBe(subject);
    expect((await items()).map(({ state }) => state)).toEqual(['cancelled']);
    expect(account.servers.delivered).toHaveLength(0);
  });

  it('leaves once, as it was written', async () => {
    await press('Control+Enter');
    await toast().waitFor();
    await app.window.locator('.mailbox', { hasText: 'Outbox' }).click();
    const article = app.window.locator('article', { hasText: subject }).first();
    await expect.poll(() => article.innerText()).toMatch(/Sends in \d+ seconds?/u);
    await article.getByRole('button', { name: 'Send now' }).click();
    await expect.poll(() => arrived(subject).length, { timeout: 30_000 }).toBe(1);
    const mail = await simpleParser(arrived(subject)[0]!.raw);
    expect(arrived(subject)[0]!.recipients.toSorted()).toEqual([
      'anna@kunde.example',
      'einkauf@kunde.example',
      'thomas.ahrens@nordlicht.example',
    ]);
    expect(mail.html).toContain('<b>Angebot</b>');
    expect(mail.text).toContain('Guten Tag,\nim Anhang das Angebot');
    expect(mail.attachments.map(({ filename, size }) => [filename, size])).toEqual([['Angebot Größe.pdf', 200_000]]);
    await expect.poll(() => article.innerText(), { timeout: 10_000 }).toMatch(/\nSent/u);
    expect(arrived(subject)).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('goes to its sender, quotes the mail below, and says what it answers', async () => {
    await app.window.locator('.mailbox', { hasText: 'Inbox' }).click();
    await rows().nth(1).click();
    const before = account.servers.delivered.length;
    await press('r');
    await composer().locator('#compose-text').waitFor();
    await expect.poll(() => app.window.evaluate('document.activeElement.id')).toBe('compose-text');
    await type('Danke, passt.');
    const subject = await composer().locator('#compose-subject').inputValue();
    expect(subject).toMatch(/^Re: /u);
    expect(await composer().locator('#compose-text').innerText()).not.toContain('wrote:');
    await composer().getByRole('button', { name: 'Show quoted text' }).click();
    await expect.poll(() => composer().frameLocator('iframe').locator('body').innerText()).toContain('wrote:');
    expect(await faultsInBothThemes(app)).toEqual([]);
    await press('Control+Enter');
    await toast().waitFor();
    await sendNow(subject);
    // There is nothing to take back any more.
    await expect.poll(() => toast().count(), { timeout: 10_000 }).toBe(0);
    await expect.poll(() => account.servers.delivered.length, { timeout: 30_000 }).toBe(before + 1);
    const mail = await simpleParser(account.servers.delivered.at(-1)!.raw);
    expect(mail.subject).toBe(subject);
    expect(mail.inReplyTo).toMatch(/^<.+>$/u);
    expect(mail.text).toMatch(/^Danke, passt\.[\s\S]+wrote:\n/u);
    expect(mail.html).toContain('<blockquote');
  });
});

describe('what is pasted', () => {
  it('keeps words, formatting, tables and its own pictures; nothing runs, loads or brings looks along', async () => {
    await begin();
    await composer().locator('#compose-text').click();
    await app.window.evaluate(
      callOf('paste', {
        'text/html':
          '<b style="font-weight:normal"><p style="color:red;position:fixed"><span style="font-weight:700">fett</span> <i>kursiv</i></p></b>' +
          '<script>globalThis.hit=1</script><img src="https://evil.example/x.png" onerror="globalThis.hit=1"><svg onload="globalThis.hit=1"></svg>' +
          '<a href="javascript:globalThis.hit=1" onclick="globalThis.hit=1">böse</a> <a href="https://ok.example/">gut</a><iframe src="https://evil.example"></iframe>' +
          '<table class="x"><tr><td style="background:url(https://evil.example/y)">a</td></tr></table>' +
          '<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==">',
        'text/plain': 'fett kursiv',
      }),
    );
    await expect.poll(async () => (await drafts())[0]?.content.html, { timeout: 8_000 }).toContain('cid:');
    const [draft] = await drafts();
    const html = draft!.content.html;
    expect(html).toMatch(/<b>fett<\/b> <i>kursiv<\/i>/u);
    expect(html).toContain('<a href="https://ok.example/">gut</a>');
    expect(html).toContain('<td>a</td>');
    expect(html).not.toMatch(/evil|script|onerror|onclick|svg|iframe|style|class|blob:|data:/iu);
    expect(draft!.files.map(({ isInline, mimeType }) => [isInline, mimeType])).toEqual([[true, 'image/png']]);
    expect(await app.window.evaluate('globalThis.hit')).toBeUndefined();
    expect(app.log().filter(({ ev }) => ev === 'guard.request')).toEqual([]);
  });

  it('is undone by key like anything typed', async () => {
    await press('Control+z');
    await expect.poll(() => composer().locator('#compose-text').innerText()).not.toContain('kursiv');
  });
});

describe('before it is sent', () => {
  it('a mail without a recipient is not; the field says why', async () => {
    await composer().locator('#compose-subject').fill('Ohne Anhang');
    await press('Control+Enter');
    await expect.poll(() => composer().locator('#compose-to-problem').innerText()).toBe('Please add at least one recipient.');
    await expect.poll(() => app.window.evaluate('document.activeElement.id')).toBe('compose-to');
  });

  it('a promised attachment is asked for, in place', async () => {
    await composer().locator('#compose-text').click();
    await type('Siehe Anhang.');
    // Typed and not yet taken: it is meant as a recipient all the same.
    await composer().locator('#compose-to').focus();
    await type('anna@kunde.example');
    await press('Control+Enter');
    await expect.poll(() => composer().locator('.ask').innerText()).toContain('mentions an attachment');
    expect(await faultsInBothThemes(app)).toEqual([]);
    expect(await chips()).toEqual(['anna@kunde.example']);
    expect((await items()).filter(({ subject }) => subject === 'Ohne Anhang')).toEqual([]);
    await composer().locator('.ask').getByRole('button', { name: 'Back' }).click();
  });

  it('a draft that is thrown away comes back when that is undone', async () => {
    await composer().getByRole('button', { name: 'Discard draft' }).click();
    await expect.poll(() => composer().count()).toBe(0);
    await toast().getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => composer().locator('#compose-subject').inputValue()).toBe('Ohne Anhang');
  });
});

describe('keys', () => {
  it('in the composer are text, not commands, wherever the focus is', async () => {
    const before = await rows().count();
    await composer().locator('.chip').first().focus();
    for (const key of ['e', 'r', 'c', '#', 'u']) await press(key);
    await composer().locator('[role=toolbar] button').first().focus();
    await press('Delete');
    expect(await rows().count()).toBe(before);
    expect((await drafts()).map(({ content }) => content.subject)).toEqual(['Ohne Anhang']);
    expect(await chips()).toEqual(['anna@kunde.example']);
  });
});

describe('accessibility', () => {
  it('of composer and outbox has no faults, light and dark', async () => {
    let checked = 0;
    const faults: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await value(app.call('settings.set', { theme }));
      await tab('Ohne Anhang').click();
      if ((await composer().count()) === 0) await tab('Ohne Anhang').click();
      await composer().locator('#compose-text').click();
      await press('Control+k');
      await composer().getByLabel(en.compose.linkAddress).waitFor();
      faults.push(...(await accessibilityFaults(app)));
      await press('Escape');
      const format = composer().getByLabel(en.compose.format.label, { exact: true });
      await format.selectOption('plain');
      await composer().locator('.plain textarea').waitFor();
      faults.push(...(await accessibilityFaults(app)));
      await format.selectOption('rich');
      await app.window.locator('.mailbox', { hasText: 'Outbox' }).or(app.window.locator('#pane-folders')).first().waitFor();
      await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents()[0]?.send('holdover:event', 'app.command', 'outbox'));
      await app.window.locator('article').first().waitFor();
      faults.push(...(await accessibilityFaults(app)));
      await app.window.locator('.mailbox', { hasText: 'Drafts' }).click();
      await rows().first().click();
      await app.window.getByRole('button', { name: en.compose.continueDraft }).waitFor();
      faults.push(...(await accessibilityFaults(app)));
      await app.window.locator('.mailbox', { hasText: 'Inbox' }).click();
      checked += 4;
    }
    expect(faults).toEqual([]);
    reportFigure('app: accessibility of writing', { views: checked, faults: faults.length });
  });
});

describe('a cold start without any network', () => {
  it('complaint 42: shows the drafts that are kept here, and what was written in them', async () => {
    const [draft] = await drafts();
    const content = { ...draft!.content, subject: 'Kaltstart', html: '<p>Letzte Worte vor dem Ausfall.</p>', format: 'rich' as const };
    await value(app.call('drafts.save', { draftId: draft!.id, version: draft!.version, content }));
    await account.servers.close();
    app.electron.process().kill('SIGKILL');
    app = await start();
    await tab('Kaltstart').click();
    await composer().locator('#compose-text').waitFor();
    await expect.poll(() => composer().innerText()).toContain('Letzte Worte vor dem Ausfall.');
    expect((await drafts()).map((one) => one.content.subject)).toEqual(['Kaltstart']);
  });
});

describe('removing the account', () => {
  const settings = () => app.window.locator('main.page');
  const dialog = () => app.window.locator('dialog[open]');

  it('tells what would be lost, and does it only after a yes to that', async () => {
    const [draft] = await drafts();
    await app.electron.evaluate(({ webContents }) => webContents.getAllWebContents()[0]?.send('holdover:event', 'app.command', 'settings'));
    await settings().waitFor();
    await value(
      app.call('drafts.save', { draftId: draft!.id, version: draft!.version, content: { ...draft!.content, subject: 'Last words' } }),
    );
    const { accountId } = draft!.content;
    expect(await app.call('accounts.remove', { accountId, acceptLosses: false })).toMatchObject({
      ok: false,
      error: { code: 'account-has-unsent' },
    });
    await settings().getByRole('button', { name: 'Remove account' }).click();
    await expect.poll(() => dialog().locator('li').allInnerTexts()).toContain('1 draft');
    const confirm = dialog().getByRole('button', { name: 'Remove account' });
    expect(await confirm.isDisabled()).toBe(true);
    expect(await accessibilityFaults(app)).toEqual([]);
    await dialog().getByRole('checkbox').check();
    await confirm.click();
    await expect.poll(() => value(app.call('accounts.list'))).toEqual([]);
    expect(await drafts()).toEqual([]);
  });
});
