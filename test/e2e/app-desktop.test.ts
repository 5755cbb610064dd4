import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ElectronApplication } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { desktopWords } from '../../main/app/desktop/words.ts';
import { de } from '../../renderer/text/de.ts';
import { en } from '../../renderer/text/en.ts';
import { desktopWords as windowWords } from '../../renderer/text/desktop.ts';
import { sampleOwner } from '../support/sample-mail/index.mjs';
import { buildMail } from '../support/mail-builder.ts';
import { until } from '../support/until.ts';
import { accessibilityFaults } from './support/accessibility.ts';
import { startDemoAccount, type DemoAccount } from './support/demo-account.ts';
import { DesktopBus, type ShownNotice, type ShownTray } from './support/desktop-bus.ts';
import { isMirrored, startEnrolled } from './support/enrolled-app.ts';
import { startAgain, startHidden, type RunningApp } from './support/start-app.ts';

const words = desktopWords.en;
let account: DemoAccount;
let folder: string;
let bus: DesktopBus;
let app: RunningApp;

beforeAll(async () => {
  [account, bus] = await Promise.all([
    startDemoAccount({ stableSeconds: 1, previewSeconds: 1, deliveryGraceSeconds: 1, undoSendSeconds: 0 }),
    DesktopBus.start(),
  ]);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-desktop-'));
  app = await startEnrolled(account.enrolment, folder, { locale: 'en-GB', env: bus.env });
  await until('the mirror is complete', () => isMirrored(app), 60_000);
});
afterAll(async () => {
  await app?.quit();
  await account?.servers.close();
  await bus?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const arrive = (subject: string, from: string, flags: readonly string[] = []): void =>
  void account.servers.primary.store.get('INBOX')!.append(buildMail({ subject, from, text: 'Text' }), Date.now(), flags);
const isVisible = (electron: ElectronApplication): Promise<boolean> =>
  electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().some((window) => window.isVisible()));
const closeWindow = (): Promise<void> =>
  app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().forEach((window) => window.close()));

async function noticeOf(title: string): Promise<ShownNotice> {
  let found: ShownNotice | undefined;
  await until(
    `a notification: ${title}`,
    async () => (found = (await bus.notices()).findLast(({ summary }) => summary === title)) !== undefined,
  );
  return found!;
}

async function trayWith(line: RegExp, limitMs = 30_000): Promise<ShownTray> {
  let tray: ShownTray | null = null;
  const isThere = async (): Promise<boolean> => {
    tray = await bus.tray();
    return tray?.menu.some(({ label }) => line.test(label)) ?? false;
  };
  await until(`the icon says ${line}`, isThere, limitMs);
  return tray!;
}

describe('the icon in the panel', () => {
  it('says in plain words how it stands, and what can be done', async () => {
    const { menu, tooltip, icon } = await trayWith(/^Last checked /);
    const told = menu.filter(({ isEnabled }) => !isEnabled).map(({ label }) => label);
    expect(told.slice(0, 3)).toEqual([
      expect.stringMatching(/^Normal since \d/),
      words.nothingWaits,
      expect.stringMatching(/^Last checked \d/),
    ]);
    expect(menu.filter(({ isEnabled }) => isEnabled).map(({ label }) => label)).toEqual([
      words.open,
      words.newMail,
      words.pause,
      words.quit,
    ]);
    expect(tooltip).toContain(told[0]);
    expect(icon.every(([width, height]) => width === height && width >= 22)).toBe(true);
  });

  it('speaks the language of the settings', async () => {
    await app.call('settings.set', { language: 'de' });
    const { menu } = await trayWith(/^Normalbetrieb seit /);
    expect(menu.map(({ label }) => label)).toContain(desktopWords.de.quit);
    await app.call('settings.set', { language: 'en' });
    await trayWith(/^Normal since /);
  });
});

describe('closing the window', () => {
  it('leaves the app in the panel, tells so once, and the icon brings it back', async () => {
    for (const round of [1, 2]) {
      await closeWindow();
      await until(`hidden ${round}`, async () => !(await isVisible(app.electron)));
      if (round === 1) expect((await noticeOf(words.stillRunning)).body).toBe(words.stillRunningTray);
      await bus.choose(words.open);
      await until(`shown ${round}`, () => isVisible(app.electron));
    }
    expect((await bus.notices()).filter(({ summary }) => summary === words.stillRunning)).toHaveLength(1);
  });
});

describe('notifications', () => {
  it('say that mail came, and nothing of it, unless a person wants more', async () => {
    await closeWindow();
    for (const n of [1, 2, 3]) arrive(`Vertraulich ${n}`, 'Erika Muster <erika@example.org>');
    arrive('Selbst geschrieben', `${sampleOwner.name} <${sampleOwner.address}>`);
    arrive('Anderswo gelesen', 'Erika Muster <erika@example.org>', ['\\Seen']);
    const { body } = await noticeOf(words.newMails(3));
    expect(body).toBe('');
    expect(JSON.stringify(await bus.notices())).not.toMatch(/Vertraulich|Erika|Selbst|Anderswo/);
  });

  it('show text of mail as text, and open that mail by a click', async () => {
    await app.call('settings.set', { notifyMail: 'content' });
    arrive('Rechnung <b>fett</b> &lt;i&gt; \u202egpj.exe', '"Erika <img src=x>" <erika@example.org>');
    const notice = await noticeOf('Erika ‹img src=x›');
    expect(notice.body).toBe('Rechnung ‹b›fett‹/b› & lt;i & gt; gpj.exe');
    await bus.click(notice);
    await until('the window is shown', () => isVisible(app.electron));
    await app.window.getByRole('heading', { name: /Rechnung <b>fett<\/b>/ }).waitFor();
  });

  it('tell when the mail server goes, and when all is back to normal', async () => {
    await closeWindow();
    const before = await trayWith(/^Normal since /);
    await account.servers.primary.stop();
    const outage = await noticeOf(words.outage);
    expect(outage.body).toBe(words.effects['through-relay']);
    const during = await trayWith(/^Backup mode since /);
    expect(during.icon).not.toEqual(before.icon);
    await account.servers.primary.start();
    await noticeOf(words.over);
    expect((await trayWith(/^Normal since /)).icon).toEqual(before.icon);
  });

  it('are silent while a person has paused them', async () => {
    await bus.choose(words.pause);
    await trayWith(/^Resume Notifications \(paused until \d/);
    const unread = async (): Promise<string | undefined> => (await bus.tray())?.menu.find(({ label }) => /unread/.test(label))?.label;
    const before = await unread();
    arrive('Während der Pause', 'Erika Muster <erika@example.org>');
    await until('the mail is counted', async () => (await unread()) !== before);
    // Longer than it takes to tell of it.
    await app.window.waitForTimeout(2_500);
    const { menu } = (await bus.tray())!;
    await bus.choose(menu.find(({ label }) => label.startsWith('Resume'))!.label);
    await trayWith(new RegExp(`^${words.pause}$`));
    arrive('Nach der Pause', 'Erika Muster <erika@example.org>');
    expect((await noticeOf('Erika Muster')).body).toBe('Nach der Pause');
    expect(JSON.stringify(await bus.notices())).not.toContain('Während der Pause');
  });
});

describe('a link to a mail address', () => {
  it('opens in the app that runs hidden, without what it may not hold', async () => {
    expect(await isVisible(app.electron)).toBe(false);
    const link = 'mailto:erika@example.org?subject=Gr%C3%BC%C3%9Fe&body=Hallo%0Awelt&attach=/etc/passwd&from=boss@example.org';
    expect(await startAgain({ profile: app.profile, env: bus.env, args: [link] })).toBe(0);
    await until('the window is shown', () => isVisible(app.electron));
    const { window } = app;
    await expect.poll(() => window.locator('#compose-text').innerText(), { timeout: 20_000 }).toContain('Hallo\nwelt');
    expect(await window.getByLabel(en.compose.subject).inputValue()).toBe('Grüße');
    const { leftOut, leftOutParts } = windowWords.en.desktop;
    await window.getByText(leftOut(`${leftOutParts.attachment}, ${leftOutParts.sender}`)).waitFor();
    expect(await window.locator('[data-composer]').innerText()).not.toMatch(/passwd|boss/);
    await window.getByRole('button', { name: en.compose.discard }).click();
  });
});

describe('the settings', () => {
  it('are reached by keyboard, and show what is so', async () => {
    const { window } = app;
    await window.keyboard.press('Control+,');
    const box = window.getByLabel(windowWords.en.desktop.startAtLogin);
    await box.waitFor();
    expect(await box.isChecked()).toBe(false);
    await window.getByLabel(windowWords.en.desktop.closeToTray).focus();
    await window.keyboard.press('Tab');
    await window.keyboard.press('Space');
    await until('the entry is there', () => existsSync(bus.autostartFile));
    const entry = readFileSync(bus.autostartFile, 'utf8');
    expect(entry).toMatch(/^Exec=.+ --profile \S+ --hidden$/m);
    expect(entry).toMatch(/^X-GNOME-Autostart-enabled=true$/m);
    await box.uncheck();
    await until('the entry is gone', () => !existsSync(bus.autostartFile));
    await box.check();
  });

  it('have no fault that a machine finds, in both languages', async () => {
    expect(await accessibilityFaults(app)).toEqual([]);
    await app.call('settings.set', { language: 'de' });
    await app.window.getByLabel(windowWords.de.desktop.startAtLogin).waitFor();
    expect(await accessibilityFaults(app)).toEqual([]);
    await app.window.getByRole('button', { name: de.settings.back }).click();
    await app.window.getByRole('button', { name: de.compose.newMail }).waitFor();
    await app.call('settings.set', { language: 'en' });
  });
});

describe('quitting and starting at log-in', () => {
  it('ends by the menu, and starts without a window that the icon then opens', async () => {
    const ended = new Promise((resolve) => app.electron.process().once('exit', resolve));
    await bus.choose(words.quit);
    await ended;
    const electron = await startHidden({ profile: app.profile, env: bus.env, locale: 'en-GB' });
    try {
      await until(
        'mail is looked at',
        async () => (await bus.tray())?.menu.some(({ label }) => /^Last checked/.test(label)) ?? false,
        30_000,
      );
      expect(electron.windows()).toHaveLength(0);
      await startAgain({ profile: app.profile, env: bus.env, args: ['--hidden'] });
      expect(electron.windows()).toHaveLength(0);
      const opened = electron.waitForEvent('window');
      await bus.choose(words.newMail);
      await (await opened).locator('#compose-text').waitFor({ timeout: 20_000 });
    } finally {
      await electron.close();
    }
  });
});
