import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ViewMailbox } from '../../../shared/model/mailbox.ts';
import { buildMail } from '../../support/mail-builder.ts';
import { until } from '../../support/until.ts';
import { reportFigure } from '../../support/figures.ts';
import { accessibilityFaults, faultsInBothThemes } from '../support/accessibility.ts';
import type { DemoAccount } from '../support/demo-account.ts';
import { value } from '../support/enrolled-app.ts';
import { oneAccount } from '../support/shared-accounts.ts';
import { startApp, type RunningApp } from '../support/start-app.ts';

let account: DemoAccount;
let folder: string;
let app: RunningApp;
let shared: Awaited<ReturnType<typeof oneAccount>>;

beforeAll(async () => {
  shared = await oneAccount();
  ({ folder, app } = shared);
  account = shared.accounts[0]!;
  await rows().first().waitFor();
});

const mailboxes = () => value<ViewMailbox[]>(app.call('mailboxes.list'));
const totalOf = async (role: ViewMailbox['role']) => (await mailboxes()).find((one) => one.role === role)?.total ?? 0;
const totals = async () => ({ inbox: await totalOf('inbox'), archive: await totalOf('archive') });
const rows = () => app.window.locator('#pane-list [role=option]');
const selected = () => app.window.locator('#pane-list [role=option][aria-selected=true]');
const subjectOf = (nth: number) => rows().nth(nth).locator('.subject').innerText();
const banner = () => app.window.locator('section.notices .banner');
const toast = () => app.window.locator('.toasts .toast');
const press = (key: string) => app.window.keyboard.press(key);
const openMailbox = (name: string) => app.window.locator('#pane-folders .mailbox', { hasText: name }).click();
/** As a person who cannot wait: "Check now" until the answers have lasted long enough. */
async function checkUntilBack(): Promise<void> {
  await banner().getByRole('button', { name: 'Details' }).click();
  const check = app.window.getByRole('dialog', { name: 'State of your mail servers' }).getByRole('button', { name: 'Check now' });
  const isBack = async () => {
    const [state] = await value(app.call('continuity.state'));
    if (state && state.mode !== 'continuity') return true;
    await check.click();
    return false;
  };
  await until('the primary counts as back', isBack, 60_000);
  await press('Escape');
}
const waiting = async () => (await value(app.call('actions.open'))).reduce((sum, one) => sum + one.count, 0);
const onPrimary = (mailbox: string) => account.servers.primary.store.get(mailbox)?.messages.length ?? 0;

describe('actions on messages', () => {
  it('archive by key, go on with the next one, and are undone by key', async () => {
    const before = await totals();
    await rows().nth(2).click();
    const [gone, next] = [await subjectOf(2), await subjectOf(3)];
    await press('e');
    await expect.poll(totals).toEqual({ inbox: before.inbox - 1, archive: before.archive + 1 });
    await expect.poll(() => selected().locator('.subject').innerText()).toBe(next);
    await expect.poll(() => toast().innerText()).toContain('1 message archived.');
    await press('Control+z');
    await expect.poll(totals).toEqual(before);
    await expect.poll(() => selected().locator('.subject').innerText()).toBe(gone);
  });

  it('reach the mail server', async () => {
    await until('what was done before is done there, too', async () => (await waiting()) === 0);
    const before = { inbox: onPrimary('INBOX'), archive: onPrimary('Archive') };
    await rows().nth(1).click();
    await press('e');
    await expect
      .poll(() => ({ inbox: onPrimary('INBOX'), archive: onPrimary('Archive') }), { timeout: 20_000 })
      .toEqual({
        inbox: before.inbox - 1,
        archive: before.archive + 1,
      });
  });

  it('apply to several at once, chosen by Shift and Ctrl, by keys and by the box', async () => {
    const before = await totals();
    await rows().nth(1).click();
    await rows()
      .nth(3)
      .click({ modifiers: ['Shift'] });
    await rows()
      .nth(5)
      .click({ modifiers: ['Control'] });
    await expect.poll(() => selected().count()).toBe(4);
    await press('Shift+ArrowDown');
    await expect.poll(() => selected().count()).toBe(2);
    await press('Escape');
    await expect.poll(() => selected().count()).toBe(1);
    await rows().nth(2).hover();
    await rows().nth(2).locator('.check').click();
    await expect.poll(() => selected().count()).toBe(2);
    expect(await app.window.locator('[role=listbox][aria-multiselectable=true]').count()).toBe(1);
    await app.window.getByRole('toolbar', { name: 'Actions for 2 messages' }).getByRole('button', { name: 'Archive' }).click();
    await expect.poll(totals).toEqual({ inbox: before.inbox - 2, archive: before.archive + 2 });
    await toast().getByRole('button', { name: 'Undo' }).click();
    await expect.poll(totals).toEqual(before);
  });

  it('choose the whole list, rows that were never drawn included', async () => {
    await rows().nth(0).click();
    await press('Control+a');
    await expect.poll(() => app.window.locator('#pane-list .choice .count').innerText()).toContain(String(await totalOf('inbox')));
    await press('Escape');
    await expect.poll(() => selected().count()).toBe(1);
  });

  it('move to a mailbox that is found by typing', async () => {
    const before = await totals();
    await rows().nth(1).click();
    await press('v');
    await app.window.getByRole('combobox', { name: 'Find a folder' }).fill('off');
    await expect.poll(() => app.window.locator('#pick-list [role=option]').count()).toBe(1);
    expect(await faultsInBothThemes(app)).toEqual([]);
    await press('Enter');
    await expect.poll(() => toast().innerText()).toContain('1 message moved to “Offshore”.');
    await expect.poll(totals).toEqual({ ...before, inbox: before.inbox - 1 });
  });

  it('move by dragging onto a mailbox', async () => {
    const before = await totals();
    await rows()
      .nth(1)
      .dragTo(app.window.locator('#pane-folders .mailbox', { hasText: 'Archive' }));
    await expect.poll(totals).toEqual({ inbox: before.inbox - 1, archive: before.archive + 1 });
  });

  it('delete, and what was deleted can be restored', async () => {
    const before = await totals();
    await rows().nth(1).click();
    const subject = await subjectOf(1);
    await press('Delete');
    await expect.poll(totals).toEqual({ ...before, inbox: before.inbox - 1 });
    const from = (await mailboxes()).some((one) => one.role === 'trash' && one.total > 0) ? 'Trash' : 'Recoverable';
    await openMailbox(from);
    await rows().filter({ hasText: subject }).first().click();
    await app.window.getByRole('toolbar', { name: 'Actions for the message' }).getByRole('button', { name: 'Restore' }).click();
    await expect.poll(totals, { timeout: 20_000 }).toEqual(before);
    await openMailbox('Inbox');
  });

  it('are all in the list of shortcuts, and do nothing while it is open', async () => {
    const before = await totals();
    await press('?');
    const sheet = app.window.getByRole('dialog', { name: 'Keyboard shortcuts' });
    for (const what of ['Archive', 'Move to the trash', 'Move to a folder', 'Choose all'])
      await sheet.getByText(what, { exact: true }).waitFor();
    expect(await faultsInBothThemes(app)).toEqual([]);
    await press('e');
    await press('Escape');
    expect(await totals()).toEqual(before);
  });
});

describe('an outage in the window', () => {
  it('is told with its evidence soon after the primary is gone, and reading goes on', async () => {
    await account.servers.primary.stop();
    const startedAt = performance.now();
    await banner().first().waitFor({ timeout: 60_000 });
    await expect.poll(() => banner().first().innerText(), { timeout: 60_000 }).toMatch(/Mail server down since .+ confirmed .+:/);
    reportFigure('app: primary stopped to banner', { ms: Math.round(performance.now() - startedAt) });
    expect(await banner().first().innerText()).toContain('Mail is sent through the relay.');
    await expect.poll(() => app.window.locator('footer .mode').innerText()).toBe('Backup mode');
    await rows().nth(3).click();
    await expect.poll(() => app.window.locator('#pane-reader h2').first().innerText()).toBe(await subjectOf(3));
  });

  it('shows servers, evidence and history', async () => {
    await banner().getByRole('button', { name: 'Details' }).click();
    const details = app.window.getByRole('dialog', { name: 'State of your mail servers' });
    await details.getByText('Mail server, receiving', { exact: true }).waitFor();
    await details.getByText('The mail server is confirmed to be down', { exact: false }).waitFor();
    await press('Escape');
    await expect.poll(() => details.count()).toBe(0);
  });

  it('takes actions at once and counts what waits for the server', async () => {
    const before = await totals();
    await rows().nth(1).click();
    await press('e');
    await expect.poll(totals).toEqual({ inbox: before.inbox - 1, archive: before.archive + 1 });
    await expect.poll(() => banner().first().innerText()).toContain('1 change waits for the mail server.');
  });

  it('completes people and keeps what is written by itself, word by word', async () => {
    const composer = app.window.locator('[data-composer]');
    const drafts = () => value(app.call('drafts.list'));
    await press('c');
    await composer.locator('#compose-to').waitFor();
    await app.window.keyboard.type('thomas.a');
    await expect.poll(() => composer.locator('[role=option]').count()).toBe(1);
    await press('Enter');
    await composer.locator('#compose-subject').fill('Im Ausfall geschrieben');
    await composer.locator('#compose-text').click();
    await app.window.keyboard.insertText('Erste Worte.');
    const kept = async () =>
      (await drafts()).map(({ content: { to, subject, html } }) => [to[0]?.name, subject, html.includes('Erste Worte.')]);
    await expect.poll(kept).toEqual([['Thomas Ahrens', 'Im Ausfall geschrieben', true]]);
    const [draft] = await drafts();
    await value(app.call('drafts.discard', { draftId: draft!.id }));
    await expect.poll(() => composer.count()).toBe(0);
  });

  it('has no accessibility fault in either theme, details and settings included', async () => {
    const faults: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await value(app.call('settings.set', { theme }));
      await expect.poll(() => app.window.locator('html').getAttribute('data-theme')).toBe(theme);
      faults.push(...(await accessibilityFaults(app)));
      await banner().getByRole('button', { name: 'Details' }).click();
      await app.window.getByRole('dialog', { name: 'State of your mail servers' }).waitFor();
      faults.push(...(await accessibilityFaults(app)));
      await press('Escape');
      await app.window.getByRole('button', { name: 'Settings' }).click();
      await app.window.getByText('If the mail server fails').waitFor();
      faults.push(...(await accessibilityFaults(app)));
      await app.window.getByRole('button', { name: 'Back to mail' }).click();
    }
    expect(faults).toEqual([]);
  });

  it('is over when the primary is back: one notice with the figures, and a report', async () => {
    account.servers.deliver(buildMail({ subject: 'Nur beim Relay 5c1f', text: 'Während des Ausfalls.' }), { to: 'relay' });
    await app.call('sync.now');
    const archived = onPrimary('Archive');
    await account.servers.primary.start();
    await checkUntilBack();
    const notice = banner().filter({ hasText: /All back to normal: .+ 0 open\./ });
    await notice.waitFor({ timeout: 90_000 });
    expect(await faultsInBothThemes(app)).toEqual([]);
    expect(onPrimary('Archive')).toBe(archived + 1);
    await notice.getByRole('button', { name: 'Show report' }).click();
    const table = app.window.getByRole('table', { name: 'Balance' });
    await table.waitFor();
    expect(await table.getByRole('row', { name: /^Changes/ }).innerText()).toMatch(/\s([1-9]\d*)\s+\1\s+0\s+0$/);
    expect(await accessibilityFaults(app)).toEqual([]);
    await app.window.getByRole('button', { name: 'Back to mail' }).click();
    // Seen is seen.
    await expect.poll(() => banner().count()).toBe(0);
    await expect.poll(() => app.window.locator('footer .mode').innerText()).toBe('Normal');
  });
});

describe('widths of the panes', () => {
  it('survive a restart', async () => {
    const splitter = app.window.getByRole('separator', { name: 'Width of the message list' });
    await splitter.focus();
    await press('ArrowRight');
    await press('ArrowRight');
    const width = await splitter.getAttribute('aria-valuenow');
    await expect.poll(async () => String((await value(app.call('settings.get'))).listWidth)).toBe(width);
    await app.quit();
    app = shared.app = await startApp({ profile: path.join(folder, 'profile'), locale: 'en-GB' });
    await rows().first().waitFor({ timeout: 20_000 });
    expect(await app.window.getByRole('separator', { name: 'Width of the message list' }).getAttribute('aria-valuenow')).toBe(width);
  });
});
