import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerDiscovery } from '../support/discovery.ts';
import { value } from '../support/enrolled-app.ts';
import { emptyApp } from '../support/empty-app.ts';
import type { RunningApp } from '../support/start-app.ts';

const EMAIL = 'katharina@provider.example';
const TOKEN = 'canary-refresh-token';
let app: RunningApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-token-'));
  app = await emptyApp();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function answerOpenDialog(file: string | null): Promise<void> {
  await app.electron.evaluate(({ dialog }, chosen) => {
    const answer = () => Promise.resolve({ canceled: chosen === null, filePaths: chosen === null ? [] : [chosen] });
    dialog.showOpenDialog = answer as unknown as typeof dialog.showOpenDialog;
  }, file);
}

/** An account with tokens at servers that nobody runs. */
function enrolment(port: unknown = 1): string {
  const auth = { type: 'oauth2', mechanism: 'XOAUTH2', tokenEndpoint: 'http://127.0.0.1:1/token', clientId: 'holdover' };
  const imap = { host: '127.0.0.1', port, security: 'plain', user: EMAIL, auth };
  const secrets = { primary: { imap: { type: 'oauth2', refreshToken: TOKEN } } };
  return JSON.stringify({ accounts: [{ config: { email: EMAIL, primary: { imap, smtp: null } }, secrets }] });
}

describe('a provider that asks for a sign-in with tokens', () => {
  it('is never met with a form for a password', async () => {
    const found = { host: 'imap.provider.example', port: 993, security: 'tls', user: EMAIL, auth: 'oauth2', source: 'autoconfig' } as const;
    await app.window.reload();
    await answerDiscovery(app, { imap: [found], smtp: [{ ...found, port: 465 }], tried: [] });
    const page = app.window;
    await page.getByLabel('E-mail address').fill(EMAIL);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Sign-in with the provider' }).waitFor();
    expect(await page.getByText('your usual password does not work here').count()).toBe(1);
    expect(await page.locator('input[type=password]').count()).toBe(0);
    expect(await page.getByLabel('Client ID').count()).toBe(1);
  });

  it('takes a password all the same where the provider gave one for apps', async () => {
    const page = app.window;
    await page.getByRole('button', { name: 'I have an app password from the provider' }).click();
    expect(await page.locator('input[type=password]').count()).toBeGreaterThan(0);
    expect(await page.getByLabel('Server').first().inputValue()).toBe('imap.provider.example');
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Sign-in with the provider' }).waitFor();
  });

  it('is enrolled by the file of the IT department: a faulty one is kept, the right one erased', async () => {
    const page = app.window;
    const choose = page.getByRole('button', { name: 'Choose the enrolment file' });
    await answerOpenDialog(null);
    await choose.click();
    const faulty = path.join(folder, 'faulty.json');
    writeFileSync(faulty, enrolment('none'));
    await answerOpenDialog(faulty);
    await choose.click();
    await page.getByRole('alert', { name: 'Notices' }).getByText('The settings are not complete').waitFor();
    expect(existsSync(faulty)).toBe(true);
    expect(await value(app.call('accounts.list'))).toEqual([]);

    const right = path.join(folder, 'right.json');
    writeFileSync(right, enrolment());
    await answerOpenDialog(right);
    await choose.click();
    await expect
      .poll(async () => (await value(app.call('accounts.list'))).map(({ config }) => config.primary.imap.auth.type))
      .toEqual(['oauth2']);
    await expect.poll(() => existsSync(right)).toBe(false);
    await page.getByRole('heading', { name: 'Sign-in with the provider' }).waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(TOKEN);
    expect(JSON.stringify(app.log())).not.toContain(TOKEN);
  });
});
