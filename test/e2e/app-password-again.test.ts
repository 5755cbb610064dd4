import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { de } from '../../renderer/text/de.ts';
import { signInWords } from '../../renderer/text/sign-in.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { accessibilityFaults, faultsInBothThemes } from './support/accessibility.ts';
import { isMirrored, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const EMAIL = 'alice@example.com';
const words = signInWords.de;

let app: RunningApp;
let server: ImapScript;
/** As the server has them now. */
const passwords = { alice: 'before' };

beforeAll(async () => {
  server = await startImapScript({ passwords });
  server.store.get('INBOX').add({ raw: 'From: b@example.com\r\nSubject: Angebot\r\nMessage-ID: <1@example.com>\r\n\r\nx\r\n' });
  app = await startApp({ locale: 'de-DE' });
  await vi.waitFor(async () => expect((await app.call('accounts.list')).ok).toBe(true), { timeout: 20_000 });
  const imap = { host: '127.0.0.1', port: server.port, security: 'plain' as const, user: 'alice' };
  const secrets = { primary: { imap: { type: 'password' as const, password: passwords.alice } }, relay: null };
  await value(app.call('accounts.enrol', { config: { email: EMAIL, primary: { imap, smtp: null }, relay: null }, secrets }));
  await vi.waitFor(async () => expect(await isMirrored(app, 1)).toBe(true), { timeout: 30_000 });
  // The password is changed by IT: what is known here is refused from now on.
  passwords.alice = 'after';
  server.dropConnections('reset');
});
afterAll(async () => {
  await app.dispose();
  await server.close();
});

const banners = () => app.window.getByRole('region', { name: de.continuity.region }).locator('.banner');
const again = () => banners().getByRole('button', { name: words.ways.password.again });
const dialog = () => app.window.getByRole('dialog', { name: words.ways.password.title(EMAIL) });

describe('a password that the server does not take any more', () => {
  it('is asked for above the mail, which stays readable, in the one banner that tells of the trouble', async () => {
    const told = banners().filter({ hasText: de.continuity.what['primary-login-refused'] });
    await told.getByRole('button', { name: words.ways.password.again }).waitFor({ timeout: 60_000 });
    expect(await banners().count()).toBe(1);
    for (const text of [de.continuity.effects['waits-no-relay'], words.neededDetail]) expect(await told.innerText()).toContain(text);
    // Told aloud as well.
    const status = app.window.getByRole('status').filter({ hasText: words.neededDetail });
    await expect.poll(() => status.allInnerTexts()).toEqual([expect.stringContaining(de.continuity.what['primary-login-refused'])]);
    await app.window.getByText('Angebot').first().waitFor();
    for (const theme of ['light', 'dark'] as const) {
      await value(app.call('settings.set', { theme }));
      expect(await accessibilityFaults(app)).toEqual([]);
    }
  });

  it('is proved before it is kept: a wrong one is told, and the right one brings the mail back, by keys alone', async () => {
    const { keyboard } = app.window;
    await again().focus();
    await keyboard.press('Enter');
    await expect.poll(() => app.window.evaluate('document.activeElement.type')).toBe('password');
    await keyboard.type('wrong');
    await keyboard.press('Enter');
    await dialog().getByText(de.errors['auth-rejected'].what).waitFor();
    expect(await faultsInBothThemes(app)).toEqual([]);
    // The refused one is marked: typing replaces it.
    await keyboard.type('after');
    await keyboard.press('Enter');
    await dialog().getByText(words.passwordKept).waitFor();
    await keyboard.press('Escape');
    await expect.poll(() => dialog().count()).toBe(0);
    await expect.poll(() => again().count(), { timeout: 20_000 }).toBe(0);
    expect(await app.window.content()).not.toContain('after</');
  });
});
