import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { de } from '../../renderer/text/de.ts';
import { policyWords } from '../../renderer/text/policy.ts';
import { signInWords } from '../../renderer/text/sign-in.ts';
import { changePassword } from '../support/dovecot-password.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { accessibilityFaults } from './support/accessibility.ts';
import { isMirrored, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const EMAIL = 'alice@example.com';
const SUBJECT = 'Kanarienvogel im Quartalsbericht';
const DRAFT = 'Begonnen, bevor die Frist endete';
const HOUR_MS = 3_600_000;
const PATIENT = { timeout: 30_000 };
/** Folder for pictures of what a person sees, where somebody wants to look at them. */
const shots = process.env['HOLDOVER_SHOTS'];

let server: Dovecot;
let folder: string;
let file: string;
let app: RunningApp;

const put = (policy: object | string): void =>
  writeFileSync(file, typeof policy === 'string' ? policy : JSON.stringify(policy), { mode: 0o644 });
const lease = (language: 'de' | 'en', days = 1): object => ({ appearance: { language }, lease: { days } });

async function start(aheadMs: number): Promise<void> {
  app = await startApp({
    profile: path.join(folder, 'profile'),
    env: { HOLDOVER_TEST_POLICY: file, HOLDOVER_TEST_CLOCK_AHEAD_MS: String(aheadMs) },
    locale: 'de-DE',
  });
  app.window.setDefaultTimeout(PATIENT.timeout);
}

/** The clock as if the computer had slept until then. */
async function wakeUpAt(aheadMs: number): Promise<void> {
  await app.electron.evaluate(({ powerMonitor }, ms) => {
    (globalThis as unknown as { testClock: { aheadMs: number } }).testClock.aheadMs = ms;
    powerMonitor.emit('resume');
  }, aheadMs);
}

async function shoot(name: string): Promise<void> {
  if (!shots) return;
  // Not Playwright's own, which cuts a page that is zoomed.
  const png = await app.electron.evaluate(async ({ BrowserWindow }) =>
    (await BrowserWindow.getAllWindows()[0]!.webContents.capturePage()).toPNG().toString('base64'),
  );
  writeFileSync(path.join(shots, `${name}.png`), Buffer.from(png, 'base64'));
}

const lock = async () => (await value(app.call('engine.state'))).lock;
const list = () => app.call('messages.list', { mailboxKey: '1', filter: 'all', offset: 0, limit: 10 });

/** Nothing of mail is to be seen or had. */
async function expectClosed(): Promise<void> {
  const page = app.window;
  await expect.poll(() => page.getByRole('option').count()).toBe(0);
  const content = await page.content();
  for (const text of [SUBJECT, DRAFT]) expect(content).not.toContain(text);
  const refused = { ok: false, error: { code: 'lease-over' } };
  expect(await list()).toMatchObject(refused);
  expect(await app.call('overview.get', { rows: 10 })).toMatchObject(refused);
  expect(await app.call('search.query', { text: 'Kanarienvogel', mailboxKey: null, limit: 10 })).toMatchObject(refused);
  expect(await app.call('drafts.list')).toMatchObject(refused);
  expect(await app.call('store.showRecoveryKey')).toMatchObject(refused);
  expect(await app.call('accounts.remove', { accountId: 1 as never, acceptLosses: true })).toMatchObject(refused);
  // The engine goes on behind it.
  await expect.poll(() => app.enginePid()).not.toBeNull();
}

beforeAll(async () => {
  server = await startDovecot();
  const client = await server.connect('alice');
  await client.append('INBOX', Buffer.from(`From: b@example.com\r\nSubject: ${SUBJECT}\r\nMessage-ID: <1@example.com>\r\n\r\nInhalt\r\n`));
  await client.close();
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-lease-'));
  file = path.join(folder, 'policies.json');
  put(lease('de'));
  await start(0);
  await vi.waitFor(async () => expect((await app.call('accounts.list')).ok).toBe(true), PATIENT);
  const { name, password } = server.user();
  const imap = { host: '127.0.0.1', port: server.imapPort, security: 'plain' as const, user: name };
  const secrets = { primary: { imap: { type: 'password' as const, password } }, relay: null };
  await value(app.call('accounts.enrol', { config: { email: EMAIL, primary: { imap, smtp: null }, relay: null }, secrets }));
  await vi.waitFor(async () => expect(await isMirrored(app, 1)).toBe(true), PATIENT);
  await app.window.getByText(SUBJECT).first().waitFor();
});
afterAll(async () => {
  await app.dispose();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('an offline lease of one day', () => {
  const words = policyWords.de.lease;
  const isSoon = () => app.window.getByText(words.endsSoon('').slice(0, 40));

  it('is not told of, and not over, while there is contact, however the clock goes', async () => {
    await wakeUpAt(40 * HOUR_MS);
    // For a moment it is: what was connected before such a gap has to prove itself.
    await expect.poll(lock, PATIENT).toBe('none');
    await app.window.getByText(SUBJECT).first().waitFor();
    expect(await isSoon().count()).toBe(0);
    // And back: that the clock was wrong locks nobody out.
    await wakeUpAt(0);
    await expect.poll(async () => (await list()).ok, PATIENT).toBe(true);
  });

  it('is told of without contact, above the mail, which stays readable', async () => {
    await app.quit();
    await server.stop();
    await start(20 * HOUR_MS);
    await isSoon().waitFor();
    await app.window.getByText(SUBJECT).first().waitFor();
    expect(await accessibilityFaults(app)).toEqual([]);
    await shoot('lease-soon');
  });

  it('locks the window when it is over: what was being written is kept, and no mail is there any more', async () => {
    const page = app.window;
    await page.getByRole('button', { name: de.compose.newMail }).first().click();
    await page.locator('#compose-subject').fill(DRAFT);
    // The page is loaded anew, so that it holds nothing.
    const isLoaded = page.waitForEvent('load');
    await wakeUpAt(25 * HOUR_MS);
    await isLoaded;
    await page.getByRole('heading', { name: words.title }).waitFor();
    await expectClosed();
    await page.getByText(de.errors['connect-refused'].what).waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe(colorScheme);
      expect(await accessibilityFaults(app)).toEqual([]);
      await shoot(`lease-over-${colorScheme}`);
    }
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(1.25));
    await shoot('lease-over-125');
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(1));
  });

  it('stays over when the clock is set back, and while the policy cannot be read', async () => {
    await wakeUpAt(-48 * HOUR_MS);
    expect(await lock()).toBe('lease-over');
    put('{"lease": {"days": 9');
    await expect.poll(async () => app.log().filter(({ ev }) => ev === 'policy.fault').length, PATIENT).toBe(1);
    expect(await lock()).toBe('lease-over');
    await expectClosed();
  });

  it('is over from the first moment of the next start, with the clock set back and a view of the last run there', async () => {
    await app.quit();
    expect(existsSync(path.join(folder, 'profile/first-view.sealed'))).toBe(true);
    put(lease('en'));
    await start(0);
    const title = app.window.getByRole('heading', { name: policyWords.en.lease.title });
    await title.waitFor();
    const drawn = await title.elementHandle();
    expect(await lock()).toBe('lease-over');
    await expectClosed();
    // The engine has started meanwhile, and the view stays the one that was drawn.
    await expect.poll(async () => (await value(app.call('sync.state'))).length, PATIENT).toBe(1);
    expect(await drawn?.evaluate((element) => element.isConnected)).toBe(true);
    expect(app.log().filter(({ ev }) => ev === 'lease.over').length).toBeGreaterThan(0);
    expect(await accessibilityFaults(app)).toEqual([]);
    await shoot('lease-over-en');
  });

  it('opens by itself when a server was reached, with everything there', async () => {
    await server.start();
    await app.window.getByText(SUBJECT).first().waitFor({ timeout: 90_000 });
    expect(await lock()).toBe('none');
    expect((await value(app.call('drafts.list'))).map(({ content }) => content.subject)).toEqual([DRAFT]);
  });

  it('asks for a password that was changed meanwhile, since there is no contact without it, and opens with it', async () => {
    const again = signInWords.en.ways.password.again;
    await changePassword(server, 'alice', 'pw-new');
    await server.stop();
    await wakeUpAt(30 * HOUR_MS);
    await app.window.getByRole('heading', { name: policyWords.en.lease.title }).waitFor();
    await server.start();
    await app.window.getByRole('button', { name: policyWords.en.lease.tryNow }).click();
    await app.window.getByText(policyWords.en.lease.signIn).waitFor();
    await shoot('lease-over-sign-in');
    await app.window.getByRole('button', { name: again }).click();
    expect(await accessibilityFaults(app)).toEqual([]);
    await shoot('lease-over-password');
    await app.window.getByLabel(signInWords.en.password, { exact: true }).fill('pw-new');
    await app.window.getByRole('button', { name: signInWords.en.useIt }).click();
    await app.window.getByText(SUBJECT).first().waitFor();
    expect(await lock()).toBe('none');
  });

  it('ends with the policy that set it', async () => {
    await server.stop();
    await wakeUpAt(60 * HOUR_MS);
    await expect.poll(lock, PATIENT).toBe('lease-over');
    put({ appearance: { language: 'de' } });
    await expect.poll(lock, PATIENT).toBe('none');
    await app.window.getByText(SUBJECT).first().waitFor();
    expect(existsSync(path.join(folder, 'profile/lease.sealed'))).toBe(false);
  });
});
