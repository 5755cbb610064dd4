import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import keytar from 'keytar';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../renderer/text/en.ts';
import { setupWords } from '../../renderer/text/setup.ts';
import { signInWords } from '../../renderer/text/sign-in.ts';
import { recoveryWords } from '../../renderer/text/recovery.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { reportFigure } from '../support/figures.ts';
import { accessibilityFaults } from './support/accessibility.ts';
import { answerDiscovery } from './support/discovery.ts';
import { value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

/** No session bus: as on a machine without a keyring. */
const NO_KEYRING = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
const PASSPHRASE = 'long enough to be a passphrase';
const EMAIL = 'alice@example.com';

const running: RunningApp[] = [];
const folders: string[] = [];
let imap: ImapScript;
let looked = 0;
let faults = 0;
beforeAll(async () => {
  imap = await startImapScript();
});
afterAll(async () => {
  for (const app of running) await app.dispose();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  reportFigure('app: accessibility of first steps and unlocking', { views: looked, faults });
  await imap.close();
});

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdover-keyboard-'));
  folders.push(folder);
  return folder;
}

async function start(profile: string, env: Record<string, string> = {}): Promise<RunningApp> {
  const app = await startApp({ profile, env });
  running.push(app);
  return app;
}
const untilPhase = (app: RunningApp, phase: string) =>
  expect.poll(async () => (await value(app.call('engine.state'))).phase, { timeout: 30_000 }).toBe(phase);

/** What has the focus, as assistive technology names it: its label or text. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    interface Focused {
      readonly labels?: Iterable<{ readonly textContent: string }>;
      readonly textContent: string;
      getAttribute(name: string): string | null;
    }
    const { activeElement: one } = (globalThis as unknown as { document: { activeElement: Focused } }).document;
    const label = one.labels ? [...one.labels][0]?.textContent : undefined;
    return (one.getAttribute('aria-label') ?? label ?? one.textContent).trim();
  });
const untilFocused = (page: Page, name: string) => expect.poll(async () => (await focused(page)).slice(0, name.length)).toBe(name);

/** Goes on by the Tab key until the control of this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let n = 0; n < 30; n += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now.startsWith(name)) return;
    passed.push(now);
  }
  throw new Error(`the Tab key does not reach ${name}; it passes ${passed.join(' | ')}`);
}

/** What assistive technology says of the field that has the focus: what is wrong with it. */
const description = (page: Page): Promise<string> =>
  page.evaluate(() => {
    interface Dom {
      readonly activeElement: { getAttribute(name: string): string | null };
      getElementById(id: string): { readonly textContent: string } | null;
    }
    const { document } = globalThis as unknown as { document: Dom };
    const { activeElement: one } = document;
    if (one.getAttribute('aria-invalid') !== 'true') return '';
    const ids = (one.getAttribute('aria-describedby') ?? '').split(' ');
    return ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim(); // prettier-ignore
  });

/** Each language and each theme; the language ends as it was. */
async function expectAccessible(app: RunningApp): Promise<void> {
  const found: string[] = [];
  for (const [language, theme] of [
    ['de', 'dark'],
    ['en', 'light'],
  ] as const) {
    await value(app.call('settings.set', { language, theme }));
    await app.window.waitForFunction(
      `document.documentElement.dataset.theme === '${theme}' && document.documentElement.lang === '${language}'`,
    );
    found.push(...(await accessibilityFaults(app)).map((fault) => `${language} ${theme} ${fault}`));
    looked += 1;
  }
  faults += found.length;
  expect(found).toEqual([]);
}

/** Of a keyring, with an account: made by the first steps, and unlocked afterwards where the key is out of reach. */
let kept: string;

describe('a first account by keyboard alone', () => {
  let app: RunningApp;
  beforeAll(async () => {
    kept = newFolder();
    app = await start(kept);
  });
  afterAll(() => app?.quit());

  it('chooses between the provider, a file and an app password where the provider wants tokens', async () => {
    const page = app.window;
    const found = { host: 'imap.provider.example', port: 993, security: 'tls', user: EMAIL, auth: 'oauth2', source: 'autoconfig' } as const;
    await answerDiscovery(app, { imap: [found], smtp: [], tried: [] });
    await untilFocused(page, setupWords.en.email);
    await page.keyboard.type(EMAIL);
    await page.keyboard.press('Enter');
    await untilFocused(page, signInWords.en.issuer);
    await expectAccessible(app);
    await tabTo(page, setupWords.en.chooseFile);
    await tabTo(page, setupWords.en.appPassword);
    await page.keyboard.press('Enter');
    await untilFocused(page, setupWords.en.password);
    await tabTo(page, setupWords.en.back);
    await page.keyboard.press('Enter');
    await untilFocused(page, setupWords.en.email);
  });

  it('is told what is wrong where it is wrong, tested, corrected and enrolled', async () => {
    const page = app.window;
    const words = setupWords.en;
    const found = { host: '127.0.0.1', port: imap.port, security: 'plain', user: 'alice', auth: 'password', source: 'autoconfig' } as const;
    await answerDiscovery(app, { imap: [found], smtp: [], tried: [] });

    await untilFocused(page, words.email);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('alice');
    await page.keyboard.press('Enter');
    await expect.poll(() => description(page)).toBe(words.emailInvalid);
    await untilFocused(page, words.email);
    expect(await page.getByRole('alert').filter({ hasText: words.emailInvalid }).count()).toBe(1);
    await expectAccessible(app);
    await page.keyboard.type('@example.com');
    await tabTo(page, words.displayName);
    await page.keyboard.press('Enter');

    await untilFocused(page, words.password);
    await page.keyboard.press('Enter');
    await expect.poll(() => description(page)).toBe(words.required);
    await untilFocused(page, words.password);
    await expectAccessible(app);
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await untilFocused(page, words.testAgain);
    expect(await page.getByRole('status').getByText(words.testFailed).count()).toBe(1);
    await expectAccessible(app);
    await tabTo(page, words.correct);
    await page.keyboard.press('Enter');
    await untilFocused(page, words.password);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('pw-alice');
    await page.keyboard.press('Enter');
    await untilFocused(page, words.next);
    expect(await page.getByRole('status').getByText(words.testOk).count()).toBe(1);
    await page.keyboard.press('Enter');

    await untilFocused(page, words.finish);
    await expectAccessible(app);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await value(app.call('accounts.list'))).map(({ config }) => config.email)).toEqual([EMAIL]);
    const [account] = await value(app.call('accounts.list'));
    expect(account?.config.retention.quarantinedDays).toBe(15);
  });
});

describe('unlocking by keyboard alone', () => {
  it('chooses a passphrase, opens by it, and is told of a wrong one', async () => {
    const profile = newFolder();
    const words = en.unlock;
    const first = await start(profile, NO_KEYRING);
    await untilPhase(first, 'locked');
    expect((await value(first.call('engine.state'))).lock).toBe('choose-passphrase');
    // It never falls back to plain text.
    expect(await first.call('accounts.list')).toMatchObject({ ok: false, error: { code: 'store-locked', retry: 'ask' } });
    expect(existsSync(path.join(profile, 'mail.db'))).toBe(false);
    const page = first.window;
    await untilFocused(page, words.passphrase);
    await page.keyboard.press('Enter');
    await expect.poll(() => description(page)).toBe(setupWords.en.required);
    await page.keyboard.type('short');
    await page.keyboard.press('Enter');
    await expect.poll(() => description(page)).toBe(words.tooShort(10));
    await expectAccessible(first);
    await page.keyboard.press('Control+a');
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press('Enter');
    await untilFocused(page, words.repeat);
    expect(await description(page)).toBe(words.notEqual);
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press('Enter');
    await untilPhase(first, 'running');
    await first.quit();

    const second = await start(profile, NO_KEYRING);
    await untilPhase(second, 'locked');
    expect((await value(second.call('engine.state'))).lock).toBe('enter-passphrase');
    await untilFocused(second.window, words.passphrase);
    await second.window.keyboard.type('not the right one');
    await second.window.keyboard.press('Enter');
    await expect.poll(() => description(second.window)).toContain(en.errors['passphrase-wrong'].what);
    await untilFocused(second.window, words.passphrase);
    await expectAccessible(second);
    // The refused one is marked: typing replaces it.
    await second.window.keyboard.type(PASSPHRASE);
    await second.window.keyboard.press('Enter');
    await untilPhase(second, 'running');
    await second.quit();
  });

  it('says what to do where the keyring cannot be reached', async () => {
    const app = await start(kept, NO_KEYRING);
    await untilPhase(app, 'locked');
    await untilFocused(app.window, en.unlock.tryAgain);
    await tabTo(app.window, recoveryWords.en.recover.noKeyring);
    await app.window.keyboard.press('Enter');
    await tabTo(app.window, recoveryWords.en.recover.key);
    await app.window.keyboard.type('AAAAA-AAAAA');
    await tabTo(app.window, recoveryWords.en.recover.newPassphrase);
    await app.window.keyboard.press('Enter');
    await expect.poll(() => description(app.window)).toBe(en.unlock.tooShort(10));
    await expectAccessible(app);
    await app.quit();
  });

  it('enters a recovery key where the keyring has lost the key, and sets aside', async () => {
    const { id } = JSON.parse(readFileSync(path.join(kept, 'profile.json'), 'utf8')) as { id: string };
    expect(await keytar.deletePassword('Holdover', `store-key:${id}`)).toBe(true);
    const words = recoveryWords.en;

    const app = await start(kept);
    await untilPhase(app, 'locked');
    const page = app.window;
    await untilFocused(page, en.unlock.tryAgain);
    await page.keyboard.press('Enter');
    await untilFocused(page, en.unlock.tryAgain);
    await tabTo(page, words.recover.title);
    await page.keyboard.press('Enter');
    await tabTo(page, words.recover.key);
    await page.keyboard.press('Enter');
    await expect.poll(() => description(page)).toBe(setupWords.en.required);
    await page.keyboard.type('AAAAA-AAAAA');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').filter({ hasText: 'recovery key' }).count()).toBe(1);
    await untilFocused(page, words.recover.key);
    await expectAccessible(app);
    await tabTo(page, words.setAside.title);
    await page.keyboard.press('Enter');
    await tabTo(page, words.setAside.confirm);
    await expectAccessible(app);
    await page.keyboard.press('Enter');
    await untilPhase(app, 'running');
  });
});
