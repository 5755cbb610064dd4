import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { de } from '../../renderer/text/de.ts';
import { setupWords } from '../../renderer/text/setup.ts';
import { signInWords } from '../../renderer/text/sign-in.ts';
import { oauth2Login } from '../support/dovecot-oauth2.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { buildMail } from '../support/mail-builder.ts';
import { CLIENT_ID, startOidc, type Oidc } from '../support/oidc.ts';
import { arrive } from '../support/sign-in-rig.ts';
import { accessibilityFaults, faultsInBothThemes } from './support/accessibility.ts';
import { answerDiscovery } from './support/discovery.ts';
import { isMirrored, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const EMAIL = 'anna@company.example';
const USER = process.env['USER'] ?? 'root';
const words = signInWords.de;
let oidc: Oidc;
let login: ReturnType<typeof oauth2Login>;
let server: Dovecot;
let folder: string;
let app: RunningApp;

beforeAll(async () => {
  oidc = await startOidc({ accessSeconds: 60, emails: { [USER]: EMAIL } });
  login = oauth2Login(oidc.introspectionUrl);
  server = await startDovecot({ users: [USER], extraConfig: login.extraConfig });
  await seedMailbox(server, USER, 'INBOX', [{ raw: buildMail({ subject: 'Guten Tag' }) }]);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-sign-in-'));
  const file = path.join(folder, 'policies.json');
  const registered = { provider: { type: 'oidc', issuer: oidc.issuer }, clientId: CLIENT_ID };
  const imap = {
    host: '127.0.0.1',
    port: server.imapPort,
    security: 'plain',
    user: '{samAccountName}',
    auth: { type: 'oauth2', ...registered },
  };
  const policy = { accounts: [{ primary: { imap, smtp: null } }], signIn: [registered], appearance: { language: 'de' } };
  writeFileSync(file, JSON.stringify(policy), { mode: 0o644 });
  app = await startApp({ profile: path.join(folder, 'profile'), env: { HOLDOVER_TEST_POLICY: file, HOLDOVER_MAIL: EMAIL } });
  await app.electron.evaluate(({ shell }) => {
    const opened: string[] = [];
    (globalThis as { openedPages?: string[] }).openedPages = opened;
    shell.openExternal = (url) => Promise.resolve(void opened.push(url));
  });
});
afterAll(async () => {
  await app.dispose();
  await Promise.all([server.dispose(), oidc.close()]);
  login.dispose();
  rmSync(folder, { recursive: true, force: true });
});

let taken = 0;
/** The next page that the app opened in the person's browser. */
async function openedPage(): Promise<string> {
  const next = () => app.electron.evaluate((_electron, at) => (globalThis as { openedPages?: string[] }).openedPages?.[at], taken);
  await expect.poll(next).toBeDefined();
  const url = await next();
  taken += 1;
  return url!;
}
const button = (name: string) => app.window.getByRole('button', { name, exact: true });
const rowCount = () => app.window.getByText('Guten Tag').count();

describe('an account that IT has prepared for a sign-in at the provider', () => {
  it('asks for nothing but that, and tells when somebody else signed in', async () => {
    await button(words.inBrowser).waitFor();
    expect(await app.window.locator('input').count()).toBe(0);
    expect(await accessibilityFaults(app)).toEqual([]);
    await button(words.inBrowser).focus();
    await app.window.keyboard.press('Enter');
    const page = await openedPage();
    await app.window.getByText(words.waiting).waitFor();
    expect(await faultsInBothThemes(app)).toEqual([]);
    await arrive(await oidc.browse(page, { account: 'bob' }));
    await app.window.getByText(words.wasOther('bob@company.example', EMAIL)).waitFor();
    expect(await value(app.call('accounts.list'))).toEqual([]);
  });

  it('is set up by itself when the person has signed in, and no token is in the window or the log', async () => {
    await button(words.inBrowser).click();
    const answer = await arrive(await oidc.browse(await openedPage(), { account: USER }));
    expect(await answer.text()).toContain('Die Anmeldung hat geklappt');
    await expect.poll(async () => (await value(app.call('accounts.list'))).map(({ config }) => config.email)).toEqual([EMAIL]);
    await expect.poll(() => isMirrored(app, 1), { timeout: 20_000 }).toBe(true);
    await expect.poll(rowCount).toBeGreaterThan(0);
    const told = [await app.window.content(), JSON.stringify(await value(app.call('accounts.list'))), JSON.stringify(app.log())];
    expect(oidc.tokens().length).toBeGreaterThan(2);
    for (const token of oidc.tokens()) for (const text of told) expect(text).not.toContain(token);
  });

  it('is asked for again when the provider has withdrawn it: mail stays, and a code on another device brings it back', async () => {
    oidc.revokeAll();
    await server.restart('KILL');
    await app.call('sync.now');
    const again = button(words.ways.provider.again);
    await again.waitFor({ timeout: 60_000 });
    await app.window.getByText(words.ways.provider.needed(EMAIL, de.sides.primary)).waitFor();
    expect(await rowCount()).toBeGreaterThan(0);
    expect(await accessibilityFaults(app)).toEqual([]);
    await again.click();
    const dialog = app.window.getByRole('dialog', { name: words.ways.provider.title(EMAIL) });
    await dialog.getByRole('button', { name: words.byCode, exact: true }).click();
    const code = (await dialog.getByLabel(words.code, { exact: true }).textContent()) ?? '';
    expect(await accessibilityFaults(app)).toEqual([]);
    await oidc.enterCode(`${oidc.issuer}/device`, code.trim(), { account: USER });
    await dialog.getByText(words.done(EMAIL)).waitFor();
    await dialog.getByRole('button', { name: words.close, exact: true }).click();
    await again.waitFor({ state: 'detached', timeout: 30_000 });
    await expect.poll(async () => (await value(app.call('sync.state')))[0]?.error ?? null, { timeout: 30_000 }).toBeNull();
  });

  it('can be set up by hand as well, with the registration that IT has entered', async () => {
    const found = {
      host: '127.0.0.1',
      port: server.imapPort,
      security: 'plain',
      user: USER,
      auth: 'oauth2',
      source: 'autoconfig',
    } as const;
    await answerDiscovery(app, { imap: [found], smtp: [], tried: [] });
    await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.send('holdover:event', 'app.command', 'enrol'),
    );
    await app.window.getByLabel(setupWords.de.email).fill('andere@company.example');
    await button(setupWords.de.next).click();
    await app.window.getByText(words.managed).waitFor();
    expect(await app.window.locator('input').count()).toBe(0);
    await button(setupWords.de.next).click();
    await button(words.inBrowser).click();
    await arrive(await oidc.browse(await openedPage(), { account: USER }));
    await app.window.getByText(words.signedIn).waitFor();
    expect(await app.window.locator('input[type=password]').count()).toBe(0);
    await app.window.getByLabel(setupWords.de.withSmtp).uncheck();
    await button(setupWords.de.test).click();
    await app.window.getByText(setupWords.de.testOk).waitFor();
    await button(setupWords.de.next).click();
    await button(setupWords.de.finish).click();
    await expect.poll(async () => (await value(app.call('accounts.list'))).length).toBe(2);
  });
});
