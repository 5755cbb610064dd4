import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_INBOXES } from '../../shared/model/mailbox.ts';
import { buildMail } from '../support/mail-builder.ts';
import { until } from '../support/until.ts';
import { accessibilityFaults } from './support/accessibility.ts';
import { enrolmentOfAll, startDemoAccount, type DemoAccount } from './support/demo-account.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import type { RunningApp } from './support/start-app.ts';

const SECOND = 'vertrieb@nordlicht.example';
let accounts: readonly DemoAccount[];
let folder: string;
let app: RunningApp;

beforeAll(async () => {
  accounts = await Promise.all([startDemoAccount({ undoSendSeconds: 0 }), startDemoAccount({ undoSendSeconds: 0 })]);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-conversations-'));
  const enrolment = enrolmentOfAll(accounts, (n) => (n === 1 ? { email: SECOND, displayName: 'Vertrieb' } : {}));
  app = await startEnrolled(enrolment, folder, { locale: 'en-GB' });
  await until('the mirror is complete', () => isMirrored(app, 4), 60_000);
  accounts[1]!.servers.deliver(buildMail({ subject: 'Nur im Vertrieb 7d2a', date: Date.now() }), { to: 'both' });
  accounts[0]!.servers.deliver(buildMail({ subject: 'Nur bei Katharina 7d2a', date: Date.now() }), { to: 'both' });
  await value(app.call('sync.now'));
  await rows().filter({ hasText: 'Nur im Vertrieb 7d2a' }).waitFor({ timeout: 30_000 });
  await rows().filter({ hasText: 'Nur bei Katharina 7d2a' }).waitFor({ timeout: 30_000 });
});
afterAll(async () => {
  await app?.quit();
  for (const one of accounts ?? []) await one.servers.close();
  rmSync(folder, { recursive: true, force: true });
});

const rows = () => app.window.locator('#pane-list [role=option]');
const selected = () => app.window.locator('#pane-list [role=option][aria-selected=true]');
const toast = () => app.window.locator('.toasts .toast');
const press = (key: string) => app.window.keyboard.press(key);
const mailboxes = () => value(app.call('mailboxes.list'));
const totals = async (role: string) =>
  (await mailboxes()).filter((one) => one.role === role && one.accountId !== null).map(({ total }) => total);
const folderOf = (account: string, name: string) =>
  app.window.getByRole('region', { name: account }).locator('.mailbox', { hasText: name });
const unified = () => app.window.locator('#pane-folders .mailbox').first();

describe('all inboxes', () => {
  it('open by themselves, stand first, and hold what the inboxes hold', async () => {
    expect(await unified().innerText()).toContain('All inboxes');
    expect(await unified().getAttribute('aria-current')).toBe('true');
    const all = (await mailboxes()).find(({ key }) => key === ALL_INBOXES)!;
    const inboxes = (await mailboxes()).filter((one) => one.role === 'inbox' && one.accountId !== null);
    expect(inboxes).toHaveLength(2);
    for (const what of ['total', 'unseen'] as const) expect(all[what]).toBe(inboxes.reduce((sum, one) => sum + one[what], 0));
    expect(await unified().locator('.count').innerText()).toBe(String(all.unseen));
    expect(await rows().first().getAttribute('aria-setsize')).toBe(String(all.total));
    expect(await app.window.locator('#pane-list .heading').first().innerText()).toBe('Today');
  });

  it('name the account in each row, to screen readers too', async () => {
    const row = rows().filter({ hasText: 'Nur im Vertrieb 7d2a' });
    expect(await row.locator('.tag.account').innerText()).toContain('Vertrieb');
    await app.window.getByRole('option', { name: /Nur im Vertrieb 7d2a.*Account: Vertrieb/u }).waitFor();
  });

  it.each(['Unread', 'Starred', 'Attachments', 'Relay'])('are filtered: %s', async (filter) => {
    const name = { Unread: 'unseen', Starred: 'flagged', Attachments: 'attachments', Relay: 'relay' }[filter] as 'unseen';
    await app.window.getByRole('group', { name: 'Filter' }).getByRole('button', { name: filter }).click();
    const { total } = await value(app.call('messages.list', { mailboxKey: ALL_INBOXES, filter: name, offset: 0, limit: 1 }));
    await expect.poll(() => app.window.locator('#pane-list header p[role=status]').innerText()).toContain(String(total));
    await app.window.getByRole('group', { name: 'Filter' }).getByRole('button', { name: 'All', exact: true }).click();
  });

  it('are searched alone', async () => {
    await app.window.getByRole('textbox', { name: 'Search mail' }).fill('7d2a');
    await app.window.getByLabel('Search in').selectOption('here');
    await expect.poll(() => rows().count()).toBe(2);
    await press('Escape');
    await expect.poll(() => rows().count()).toBeGreaterThan(2);
  });

  it('archive mail of both accounts at once, each into its own archive, and undo it as one', async () => {
    const [inbox, archive] = [await totals('inbox'), await totals('archive')];
    await rows().filter({ hasText: 'Nur im Vertrieb 7d2a' }).click();
    await rows()
      .filter({ hasText: 'Nur bei Katharina 7d2a' })
      .click({ modifiers: ['Control'] });
    await expect.poll(() => selected().count()).toBe(2);
    await press('e');
    await expect.poll(() => totals('inbox')).toEqual(inbox.map((n) => n - 1));
    expect(await totals('archive')).toEqual(archive.map((n) => n + 1));
    await expect.poll(() => toast().innerText()).toContain('2 messages archived.');
    await press('Control+z');
    await expect.poll(() => totals('inbox')).toEqual(inbox);
    expect(await totals('archive')).toEqual(archive);
  });

  it('mark by key, and undo the mark', async () => {
    const row = rows().filter({ hasText: 'Nur im Vertrieb 7d2a' });
    await row.click();
    await press('s');
    await row.locator('.star').waitFor();
    await expect.poll(() => toast().innerText()).toContain('1 message starred.');
    await press('Control+z');
    await expect.poll(() => row.locator('.star').count()).toBe(0);
  });

  it('are dragged to a mailbox of their own account; elsewhere the reason is told and nothing moves', async () => {
    const [inbox, archive] = [await totals('inbox'), await totals('archive')];
    const row = rows().filter({ hasText: 'Nur im Vertrieb 7d2a' });
    const [first] = await value(app.call('accounts.list'));
    await row.dragTo(folderOf(first!.config.displayName, 'Archive'));
    await expect.poll(() => toast().filter({ hasText: 'Not moved' }).innerText()).toContain('belongs to “Vertrieb”');
    expect([await totals('inbox'), await totals('archive')]).toEqual([inbox, archive]);
    await row.dragTo(folderOf('Vertrieb', 'Recoverable'));
    await expect.poll(() => toast().last().innerText()).toContain('nothing can be put into “Recoverable”');
    expect([await totals('inbox'), await totals('archive')]).toEqual([inbox, archive]);
    await row.dragTo(folderOf('Vertrieb', 'Archive'));
    await expect.poll(() => totals('archive')).toEqual([archive[0], archive[1]! + 1]);
    await press('Control+z');
    await expect.poll(() => totals('archive')).toEqual(archive);
  });

  it.each(['light', 'dark'] as const)('have no accessibility fault: %s', async (theme) => {
    await value(app.call('settings.set', { theme }));
    await expect.poll(() => app.window.locator('html').getAttribute('data-theme')).toBe(theme);
    expect(await accessibilityFaults(app)).toEqual([]);
  });
});
