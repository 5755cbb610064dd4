import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callChannel } from '../../shared/ipc/channels.ts';
import { care as deCare } from '../../renderer/text/de/care.ts';
import { de } from '../../renderer/text/de.ts';
import { care as enCare } from '../../renderer/text/en/care.ts';
import { en } from '../../renderer/text/en.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { buildMail } from '../support/mail-builder.ts';
import { until } from '../support/until.ts';
import { buildZip } from '../support/zip-builder.ts';
import { accessibilityFaults, faultsInBothThemes } from './support/accessibility.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import { answerSaveDialog, proposedPaths } from './support/save-dialog.ts';
import type { RunningApp } from './support/start-app.ts';

const root = path.join(import.meta.dirname, '../..');
const HOUR = 3_600_000;
const PNG = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==';
const MX = 'mx.nordlicht.example';
const AUTH: readonly [string, string] = ['Authentication-Results', `${MX}; dmarc=fail header.from=nordlicht-hr.test`];
const HOP: readonly [string, string] = ['Received', `from evil.test (evil.test [198.51.100.7]) by ${MX} with ESMTP id 1`];

const HOSTILE_HTML = `<p>Ihr Konto ist gesperrt. <a href="https://evil.test/login">https://www.bank.example/login</a></p>
<p><a href="https://xn--80ak6aa92e.com/">Apple</a> <a href="javascript:alert(1)">Hier</a> <a href="https://bank.example@evil.test/">Bank</a></p>
<p><img src="https://pics.example/logo.png" width="60" height="40" alt="Logo"><img src="https://pics.example/o.gif" width="1" height="1"></p>`;

const MAILS = [
  buildMail({
    from: '"boss@nordlicht.example" <boss@nordlicht-hr.test>',
    subject: 'hostile',
    html: HOSTILE_HTML,
    headers: [AUTH, HOP, ['Reply-To', 'collect@evil.test']],
    attachments: [
      { fileName: 'Rechnung.pdf.exe', content: Buffer.from('MZ') },
      { fileName: 'Unterlagen.zip', contentType: 'application/zip', content: buildZip([{ name: 'start.js' }]) },
      { fileName: 'Bericht.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1.4') },
    ],
  }),
  buildMail({
    from: 'Newsletter <news@shop.example>',
    subject: 'images',
    html: '<p>Angebote <img src="https://pics.example/logo.png" width="60"></p>',
    headers: [['Authentication-Results', `${MX}; dmarc=pass`], HOP],
  }),
  buildMail({ from: 'Kollegin <k@nordlicht.example>', subject: 'harmless', text: 'Hallo, siehe https://www.nordlicht.example/plan' }),
  buildMail({ from: 'A <a@x.example>, B <b@y.example>', subject: 'several', text: 'Hallo' }),
  buildMail({
    from: 'Kollegin <k@nordlicht.example>',
    subject: 'disguised',
    text: 'Hallo, anbei die Unterlagen.',
    attachments: [
      { fileName: 'Foto.jpg', contentType: 'image/jpeg', content: Buffer.from('MZ\x90\0\x03'.padEnd(200, '\0'), 'latin1') },
      { fileName: 'Plan.pdf', contentType: 'application/pdf', content: Buffer.from(PNG.split(',')[1] ?? '', 'base64') },
      { fileName: 'Vertrag.docx', content: buildZip([{ name: '[Content_Types].xml' }, { name: 'word/vbaProject.bin' }]) },
      { fileName: 'Unterlagen.zip', contentType: 'application/zip', content: buildZip([{ name: 'a.pdf', isEncrypted: true }]) },
      { fileName: 'Archiv.7z', content: Buffer.from("7z\xbc\xaf'\x1c".padEnd(64, '\0'), 'latin1') },
      { fileName: 'Notiz.txt', contentType: 'text/plain', content: Buffer.from('Hallo') },
    ],
  }),
];

let imap: ImapScript;
let folder: string;
let app: RunningApp;

/** Content of the enrolment file, with what IT holds of the account's mail. */
function enrolment(mail: object = {}): string {
  const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain', user: 'alice' });
  const config = {
    email: 'katharina.brandt@nordlicht.example',
    displayName: 'Katharina Brandt',
    primary: { imap: endpoint(imap.port), smtp: endpoint(1) },
    managed: { trustedAuthservIds: [MX], ...mail },
  };
  const secret = { type: 'password', password: 'pw-alice' };
  return JSON.stringify({ accounts: [{ config, secrets: { primary: { imap: secret, smtp: secret } } }] });
}

/** What IT holds becomes another, by its command while the app runs. */
async function hold(mail: object): Promise<void> {
  const file = path.join(folder, 'again.json');
  writeFileSync(file, enrolment(mail), { mode: 0o600 });
  const args = [path.join(root, 'dist/main/cli.js'), 'enrol', '--file', file, '--profile', path.join(folder, 'profile')];
  await promisify(execFile)(process.execPath, args, { cwd: root });
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-warnings-'));
  imap = await startImapScript();
  MAILS.forEach((raw, n) => imap.store.get('INBOX').add({ raw, internalDate: Date.now() - (n + 1) * HOUR, flags: ['\\Seen'] }));
  app = await startEnrolled(enrolment(), folder, { locale: 'en-GB' });
  await until('the mails are here', () => isMirrored(app, 1), 60_000);
  await value(app.call('settings.set', { theme: 'light' }));
});
afterAll(async () => {
  await app?.quit();
  await imap?.close();
  rmSync(folder, { recursive: true, force: true });
});

const managed = async () => (await value(app.call('accounts.list')))[0]?.config.managed;

const open = async (subject: string): Promise<void> => {
  await app.window.getByRole('option').filter({ hasText: subject }).first().click();
  await app.window.locator('.reader h2', { hasText: subject }).waitFor();
};
const bar = (words = enCare) => app.window.getByRole('status', { name: words.region });

/** Pictures to look at, where a folder is named for them. */
async function picture(name: string): Promise<void> {
  const target = process.env['HOLDOVER_PICTURES'];
  if (!target) return;
  mkdirSync(target, { recursive: true });
  await app.window.screenshot({ path: path.join(target, `${name}.png`) });
}

/** Stands in for the engine's answer, or for null no more: no public server can be reached from a test. How it fetches is tested with the engine. */
const answerImages = (answer: { images: Record<string, string>; trackers: number; failed: number } | null): Promise<void> =>
  app.electron.evaluate(
    ({ ipcMain }, [channel, given]) => {
      type Handler = (event: unknown, name: string, ...args: unknown[]) => unknown;
      const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers;
      const kept = globalThis as { answerCall?: Handler };
      const before = (kept.answerCall ??= handlers.get(channel)!);
      handlers.set(channel, (event, name, ...args) =>
        given !== null && name === 'messages.remoteImages' ? { ok: true, value: given } : before(event, name, ...args),
      );
    },
    [callChannel, answer] as const,
  );

describe('a mail that deceives', () => {
  it('is told by its two most important reasons, and by all of them on request', async () => {
    await open('hostile');
    const first = enCare.sender['name-has-address'].short('boss@nordlicht.example', 'boss@nordlicht-hr.test');
    await bar().getByText(first).waitFor();
    expect(await bar().getByRole('listitem').allInnerTexts()).toEqual([first, enCare.sender['auth-failed'].short('', 'nordlicht-hr.test')]);
    await picture('en-light-warning');
    await bar()
      .getByRole('button', { name: /Details/u })
      .click();
    const all = (await bar().getByRole('listitem').allInnerTexts()).join('\n');
    for (const part of [
      enCare.dangers['double-ending'].short('Rechnung.pdf.exe'),
      enCare.dangers['holds-risky'].short('Unterlagen.zip'),
      enCare.links['look-alike'].short('xn--80ak6aa92e.com'),
      enCare.links['other-host'].short('evil.test'),
      enCare.links['user-name'].short('https://bank.example@evil.test/'),
      enCare.links.scheme.short(),
      enCare.sender['reply-elsewhere'].short('collect@evil.test', 'boss@nordlicht-hr.test'),
    ]) {
      expect(all).toContain(part);
    }
    expect(await accessibilityFaults(app)).toEqual([]);
    await picture('en-light-warning-details');
  });

  it('shows where its links lead before any is opened, and opens none that is refused', async () => {
    await app.window.getByRole('button', { name: en.reader.links(4) }).click();
    const dialog = app.window.getByRole('dialog');
    await app.window.getByRole('button', { name: /xn--80ak6aa92e\.com/u }).click();
    await dialog.getByText(enCare.links['look-alike'].short('xn--80ak6aa92e.com')).waitFor();
    // Its own letters would deceive here, too.
    expect(await dialog.innerText()).not.toContain('аррӏе');
    await picture('en-light-link');
    expect(await faultsInBothThemes(app)).toEqual([]);
    await dialog.getByRole('button', { name: en.links.cancel }).click();
    await app.window.getByRole('button', { name: /javascript:/u }).click();
    await dialog.getByRole('heading', { name: enCare.link.cannotOpen }).waitFor();
    expect(await dialog.getByRole('button').count()).toBe(1);
    await dialog.getByRole('button').click();
  });

  it('has its dangerous attachments saved only after a second step, and shows none of them', async () => {
    const target = path.join(folder, 'saved.exe');
    await answerSaveDialog(app, target);
    const previews = app.window.getByRole('button', { name: /^Preview/u });
    expect(await previews.evaluateAll((all) => all.map((one) => one.ariaLabel))).toEqual([en.attachments.openNamed('Bericht.pdf')]);
    const save = app.window.getByRole('button', { name: en.attachments.saveNamed('Rechnung.pdf.exe') });
    const dialog = app.window.getByRole('dialog');
    await save.click();
    await dialog.getByText(enCare.dangers['double-ending'].short('Rechnung.pdf.exe')).waitFor();
    await picture('en-light-attachment');
    expect(await faultsInBothThemes(app)).toEqual([]);
    // Enter goes to the safe way out.
    await app.window.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await proposedPaths(app)).toEqual([]);
    await save.click();
    await dialog.getByRole('button', { name: enCare.risk.save }).click();
    await app.window.getByText(en.attachments.saved('saved.exe')).waitFor();
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readFileSync(target, 'utf8')).toBe('MZ');
    // A window that skips the second step is refused.
    const row = (await value(app.call('search.query', { text: 'hostile', mailboxKey: null, limit: 1 }))).rows[0]!;
    expect(await app.call('attachments.save', { entryId: row.id, index: 0 })).toMatchObject({
      ok: false,
      error: { code: 'call-rejected' },
    });
    await app.window.getByRole('button', { name: en.attachments.saveNamed('Bericht.pdf') }).click();
    await expect.poll(() => proposedPaths(app)).toHaveLength(2);
  });

  it('with files that are not what their names say has them named in words, and shows none of them', async () => {
    await open('disguised');
    const mark = (text: string) => app.window.locator('.reader li').getByText(text, { exact: true });
    await mark(enCare.marks.really(enCare.contents.program)).waitFor();
    for (const text of [
      enCare.marks.really(enCare.contents.picture),
      ...(['has-macros', 'locked-archive', 'unclear-archive'] as const).map((code) => enCare.marks.byCode[code]!),
    ])
      await mark(text).waitFor();
    const previews = app.window.getByRole('button', { name: /^Preview/u });
    expect(await previews.evaluateAll((all) => all.map((one) => one.ariaLabel))).toEqual([en.attachments.openNamed('Notiz.txt')]);
    expect(await bar().getByRole('listitem').allInnerTexts()).toEqual([
      enCare.dangers.disguised.short('Foto.jpg', enCare.contents.program),
      enCare.dangers['has-macros'].short('Vertrag.docx'),
    ]);
    await picture('en-light-disguised');
    // A window that asks all the same gets nothing.
    const row = (await value(app.call('search.query', { text: 'disguised', mailboxKey: null, limit: 1 }))).rows[0]!;
    for (const index of [0, 1, 2])
      expect(await app.call('attachments.preview', { entryId: row.id, index })).toMatchObject({
        ok: false,
        error: { code: 'call-rejected' },
      });
    expect(await app.call('attachments.save', { entryId: row.id, index: 0 })).toMatchObject({
      ok: false,
      error: { code: 'call-rejected' },
    });
    await app.window.getByRole('button', { name: en.attachments.saveNamed('Foto.jpg') }).click();
    const dialog = app.window.getByRole('dialog');
    await dialog.getByText(enCare.dangers.disguised.short('Foto.jpg', enCare.contents.program)).waitFor();
    await picture('en-light-disguised-save');
    await dialog.getByRole('button', { name: enCare.risk.cancel }).click();
  });

  it('names several authors once', async () => {
    await open('several');
    await bar().getByText(enCare.sender['several-from'].short('b@y.example')).waitFor();
  });
});

describe('images of a mail', () => {
  it('come on request, for that mail only, and trackers are counted', async () => {
    await open('hostile');
    const frame = app.window.frameLocator('.reader iframe');
    const notice = app.window.getByText(enCare.images.blocked(2));
    await notice.waitFor();
    expect(await frame.locator('img[src]').count()).toBe(0);
    await answerImages({ images: { 'https://pics.example/logo.png': PNG }, trackers: 1, failed: 0 });
    await app.window.getByRole('button', { name: enCare.images.show }).click();
    await app.window.getByText(`${enCare.images.shown(1)} ${enCare.images.trackers(1)}`).waitFor();
    await expect.poll(() => frame.locator('img[src]').count()).toBe(1);
    expect(await frame.locator('img[src]').getAttribute('src')).toBe(PNG);
    await picture('en-light-images');
    await open('images');
    await app.window.getByText(enCare.images.blocked(1)).waitFor();
    expect(await frame.locator('img[src]').count()).toBe(0);
    await open('hostile');
    await notice.waitFor();
    expect(await frame.locator('img[src]').count()).toBe(0);
  });
});

describe('in German, dark, and where IT forbids images', () => {
  it('says the same, and offers nothing that is forbidden', async () => {
    await answerImages(null);
    await hold({ remoteImages: 'never' });
    await expect.poll(managed).toEqual({ trustedAuthservIds: [MX], remoteImages: 'never' });
    await value(app.call('settings.set', { language: 'de', theme: 'dark' }));
    await open('several');
    await open('hostile');
    await bar(deCare).getByText(deCare.sender['name-has-address'].short('boss@nordlicht.example', 'boss@nordlicht-hr.test')).waitFor();
    await app.window.getByText(deCare.images.forbidden).waitFor();
    expect(await app.window.getByRole('button', { name: deCare.images.show }).count()).toBe(0);
    await picture('de-dark-warning');
    await bar(deCare)
      .getByRole('button', { name: /Details/u })
      .click();
    await picture('de-dark-warning-details');
    expect(await accessibilityFaults(app)).toEqual([]);
    const row = (await value(app.call('search.query', { text: 'hostile', mailboxKey: null, limit: 1 }))).rows[0]!;
    expect(await app.call('messages.remoteImages', { entryId: row.id })).toMatchObject({ ok: false, error: { code: 'held-by-policy' } });
    await app.window.getByRole('button', { name: de.attachments.saveNamed('Unterlagen.zip') }).click();
    await app.window.getByRole('dialog').getByText(deCare.holds('start.js')).waitFor();
    await picture('de-dark-attachment');
    await app.window.getByRole('button', { name: deCare.risk.cancel }).click();
  });

  it('names what files really are', async () => {
    await open('disguised');
    await app.window.getByText(deCare.marks.really(deCare.contents.program), { exact: true }).waitFor();
    expect(await accessibilityFaults(app)).toEqual([]);
    await picture('de-dark-disguised');
  });

  it('says nothing about a harmless mail of a colleague', async () => {
    await open('harmless');
    await app.window.getByRole('button', { name: de.reader.links(1) }).waitFor();
    await app.window.waitForTimeout(1_000);
    expect(await bar(deCare).getByRole('listitem').count()).toBe(0);
    await picture('de-dark-harmless');
  });
});
