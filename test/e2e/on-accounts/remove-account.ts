import { beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../../renderer/text/en.ts';
import { value } from '../support/enrolled-app.ts';
import { SECOND, twoAccounts } from '../support/shared-accounts.ts';
import type { RunningApp } from '../support/start-app.ts';

/** The last on its app: one of its accounts is gone afterwards. */

let app: RunningApp;
beforeAll(async () => void ({ app } = await twoAccounts()));

const words = en.settings;
const addresses = async () => (await value(app.call('accounts.list'))).map(({ config }) => config.email);
const mails = async () => (await value(app.call('mailboxes.list'))).reduce((sum, one) => sum + one.total, 0);

describe('an account that a person removes', () => {
  it('is asked about, and stays where that is called off', async () => {
    const { window } = app;
    await window.locator('#pane-list').waitFor();
    await window.getByRole('button', { name: en.app.settings }).click();
    await window.getByRole('heading', { name: words.title, exact: true }).waitFor();
    const account = window.locator('section.account', { has: window.getByRole('heading', { name: SECOND, exact: true }) });
    await account.getByRole('button', { name: words.remove }).click();
    const dialog = window.getByRole('dialog', { name: words.removeTitle(SECOND) });
    await dialog.getByRole('button', { name: words.cancel }).click();
    expect(await addresses()).toHaveLength(2);
    await account.getByRole('button', { name: words.remove }).click();
    const box = dialog.getByRole('checkbox');
    if ((await box.count()) > 0) await box.check();
    await dialog.getByRole('button', { name: words.removeConfirm }).click();
  });

  it('goes with all of its mail, which is said, and the other keeps its own', async () => {
    const { window } = app;
    await window.getByText(words.removed(SECOND)).waitFor();
    // The list of accounts comes by an event of its own, a moment later.
    await window.getByRole('heading', { name: SECOND, exact: true }).waitFor({ state: 'detached' });
    expect(await addresses()).not.toContain(SECOND);
    expect(await mails()).toBeGreaterThan(100);
    await window.getByRole('button', { name: words.back }).click();
    await window.locator('#pane-list [role=option]').first().waitFor();
    expect(await window.getByText(SECOND).count()).toBe(0);
  });
});
