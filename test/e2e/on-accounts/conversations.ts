import { beforeAll, describe, expect, it } from 'vitest';
import { ALL_INBOXES } from '../../../shared/model/mailbox.ts';
import { buildMail } from '../../support/mail-builder.ts';
import { accessibilityFaults } from '../support/accessibility.ts';
import type { DemoAccount } from '../support/demo-account.ts';
import { value } from '../support/enrolled-app.ts';
import { twoAccounts } from '../support/shared-accounts.ts';
import type { RunningApp } from '../support/start-app.ts';

let accounts: readonly DemoAccount[];
let app: RunningApp;

beforeAll(async () => {
  ({ accounts, app } = await twoAccounts());
  accounts[1]!.servers.deliver(buildMail({ subject: 'Nur im Vertrieb 7d2a', date: Date.now() }), { to: 'both' });
  accounts[0]!.servers.deliver(buildMail({ subject: 'Nur bei Katharina 7d2a', date: Date.now() }), { to: 'both' });
  startTalk(accounts[0]!);
  await value(app.call('sync.now'));
  await rows().filter({ hasText: 'Nur im Vertrieb 7d2a' }).waitFor({ timeout: 30_000 });
  await rows().filter({ hasText: 'Nur bei Katharina 7d2a' }).waitFor({ timeout: 30_000 });
});

/** A conversation of five mails: three received, one sent by oneself, the last two unread. */
function startTalk({ servers }: DemoAccount): void {
  const from = ['Anna Beck <anna@kunde.example>', 'Bo Clausen <bo@kunde.example>', 'Anna Beck <anna@kunde.example>'];
  const id = (n: number) => `<talk${n}@kunde.example>`;
  const part = (n: number, sender: string) =>
    buildMail({
      ...{ from: sender, subject: `${n > 1 ? 'Re: ' : ''}Hallenplan 9c3e`, messageId: id(n), date: Date.now() - (9 - n) * 60_000 },
      ...{ text: `Teil ${n} des Gesprächs`, references: Array.from({ length: n - 1 }, (_, at) => id(at + 1)) },
    });
  const append = (mailbox: string, n: number, sender: string, flags: string[]) =>
    servers.primary.store.get(mailbox)!.append(part(n, sender), Date.now() - (9 - n) * 60_000, flags);
  append('INBOX', 1, from[0]!, ['\\Seen']);
  append('Sent', 2, 'Katharina Brandt <kb@nordlicht.example>', ['\\Seen']);
  append('INBOX', 3, from[1]!, []);
  append('INBOX', 4, from[2]!, []);
}

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
    // The window is told of what comes a moment later.
    await expect.poll(() => unified().locator('.count').innerText()).toBe(String(all.unseen));
    await expect.poll(() => rows().first().getAttribute('aria-setsize')).toBe(String(all.total));
    expect(await app.window.locator('#pane-list .heading').first().innerText()).toBe('Today');
  });

  it('name the account in each row, to screen readers too', async () => {
    const row = rows().filter({ hasText: 'Nur im Vertrieb 7d2a' });
    expect(await row.locator('.account').innerText()).toContain('Vertrieb');
    await app.window.getByRole('option', { name: /Nur im Vertrieb 7d2a.*Account: Vertrieb/u }).waitFor();
  });

  it.each(['Unread', 'Starred', 'Attachments', 'Relay'])('are filtered: %s', async (filter) => {
    const name = { Unread: 'unseen', Starred: 'flagged', Attachments: 'attachments', Relay: 'relay' }[filter] as 'unseen';
    await app.window.getByRole('group', { name: 'Filter' }).getByRole('button', { name: filter }).click();
    const { total } = await value(app.call('messages.list', { mailboxKey: ALL_INBOXES, filter: name, offset: 0, limit: 1 }));
    await expect.poll(() => app.window.locator('#pane-list header p[role=status]').innerText()).toContain(String(total));
    await app.window.getByRole('group', { name: 'Filter' }).getByRole('button', { name: 'All', exact: true }).click();
  });

  it('are followed by all drafts and all sent mail, which hold what those of the accounts hold', async () => {
    const lines = app.window.locator('#pane-folders .unified .mailbox');
    expect((await lines.allInnerTexts()).map((text) => text.replace(/\s*\d+$/u, '').trim())).toEqual([
      'All inboxes',
      'All drafts',
      'All sent',
    ]);
    for (const [at, role] of (['inbox', 'drafts', 'sent'] as const).entries()) {
      const sum = (await totals(role)).reduce((all, one) => all + one, 0);
      expect(sum).toBeGreaterThan(1);
      await lines.nth(at).click();
      await expect.poll(() => rows().first().getAttribute('aria-setsize')).toBe(String(sum));
    }
    // Of sent mail it tells to whom it went, and of which account it is.
    expect(await rows().first().locator('.account').count()).toBe(1);
    await lines.first().click();
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
    await toast().filter({ hasText: '1 message moved to' }).waitFor();
    await press('Control+z');
    await expect.poll(() => totals('archive')).toEqual(archive);
  });

  it.each(['light', 'dark'] as const)('have no accessibility fault: %s', async (theme) => {
    await value(app.call('settings.set', { theme }));
    await expect.poll(() => app.window.locator('html').getAttribute('data-theme')).toBe(theme);
    expect(await accessibilityFaults(app)).toEqual([]);
  });
});

const zoom = (factor: number) =>
  app.electron.evaluate(({ webContents }, to) => webContents.getAllWebContents()[0]?.setZoomFactor(to), factor);

describe('conversations', () => {
  const talk = () => rows().filter({ hasText: 'Hallenplan 9c3e' });
  const pane = () => app.window.getByRole('region', { name: 'Conversation' });
  const lines = (which: 'Older' | 'Newer') =>
    pane()
      .getByRole('list', { name: `${which} messages of the conversation` })
      .getByRole('button');
  const place = () => pane().locator('header [role=status]').first().innerText();
  const bodyText = () => pane().locator('.plain').innerText();

  it('are shown by key, kept in the settings, and shown mail by mail again', async () => {
    await expect.poll(() => talk().count()).toBe(3);
    await press('g');
    await expect.poll(() => talk().count()).toBe(1);
    expect((await value(app.call('settings.get'))).listView).toBe('conversations');
    const toggle = app.window.getByRole('button', { name: 'Conversations' });
    await toggle.click();
    await expect.poll(() => talk().count()).toBe(3);
    await toggle.click();
    await expect.poll(() => talk().count()).toBe(1);
    expect(await app.window.locator('#pane-list header p[role=status]').innerText()).toContain('conversations');
  });

  it('are one row with who takes part, how many mails they have, and what is unread', async () => {
    expect(await talk().locator('.who').innerText()).toMatch(/Anna Beck, .+, Bo Clausen/u);
    await app.window.getByRole('option', { name: /Unread.*Anna Beck.*4 messages in the conversation/u }).waitFor();
  });

  it('open at the newest unread mail, the others folded, oldest first, and are walked through by key', async () => {
    await talk().click();
    await expect.poll(place).toBe('Message 4 of 4');
    await expect.poll(bodyText).toContain('Teil 4');
    expect(await lines('Older').count()).toBe(3);
    expect(await lines('Older').nth(1).innerText()).toContain('Sent');
    expect(await app.window.locator('#pane-reader iframe').count()).toBeLessThan(2);
    await press('p');
    await expect.poll(bodyText).toContain('Teil 3');
    await press('p');
    await press('p');
    await press('p');
    await expect.poll(place).toBe('Message 1 of 4');
    expect(await lines('Newer').count()).toBe(3);
    await press('n');
    await expect.poll(bodyText).toContain('Teil 2');
    await lines('Newer').first().click();
    await expect.poll(bodyText).toContain('Teil 3');
    await expect.poll(() => app.window.locator('#pane-reader h2:focus').count()).toBe(1);
  });

  it('are answered at the mail that is open', async () => {
    await press('r');
    const to = app.window.locator('[data-composer]');
    await expect.poll(() => to.innerText()).toContain('Bo Clausen');
    await talk().click();
  });

  it('are marked, archived and brought back as one, in their mailbox alone', async () => {
    const [inbox, archive, sent] = [await totals('inbox'), await totals('archive'), await totals('sent')];
    await talk().click();
    await press('s');
    await expect.poll(() => toast().filter({ hasText: 'starred' }).innerText()).toContain('3 messages starred.');
    await press('Control+z');
    await expect.poll(() => talk().locator('.star').count()).toBe(0);
    await press('e');
    await expect.poll(() => totals('inbox')).toEqual([inbox[0]! - 3, inbox[1]]);
    expect([await totals('archive'), await totals('sent')]).toEqual([[archive[0]! + 3, archive[1]], sent]);
    await expect.poll(() => talk().count()).toBe(0);
    await press('Control+z');
    await expect.poll(() => totals('inbox')).toEqual(inbox);
    await expect.poll(() => talk().getAttribute('aria-selected')).toBe('true');
  });

  it('let a single mail go, and stay open at the next', async () => {
    const inbox = await totals('inbox');
    await talk().click();
    await lines('Older').last().click();
    await expect.poll(bodyText).toContain('Teil 3');
    await pane().getByRole('toolbar', { name: 'Actions for the message' }).getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => totals('inbox')).toEqual([inbox[0]! - 1, inbox[1]]);
    await expect.poll(place).toMatch(/of 3$/u);
    expect(await talk().getAttribute('aria-selected')).toBe('true');
    await press('Control+z');
    await expect.poll(place).toMatch(/of 4$/u);
  });

  it('stay chosen when a mail is added', async () => {
    await talk().click();
    accounts[0]!.servers.deliver(
      buildMail({
        from: 'Carl <carl@kunde.example>',
        subject: 'Re: Hallenplan 9c3e',
        text: 'Teil 5',
        references: ['<talk1@kunde.example>'],
      }),
      { to: 'both' },
    );
    await value(app.call('sync.now'));
    await expect.poll(place, { timeout: 20_000 }).toMatch(/of 5$/u);
    await expect.poll(() => talk().getAttribute('aria-selected')).toBe('true');
    expect(await talk().count()).toBe(1);
  });

  it.each(['light', 'dark'] as const)('have no accessibility fault: %s', async (theme) => {
    await value(app.call('settings.set', { theme }));
    await expect.poll(() => app.window.locator('html').getAttribute('data-theme')).toBe(theme);
    expect(await accessibilityFaults(app)).toEqual([]);
    await zoom(2);
    // The list makes room for what is read.
    await expect.poll(() => app.window.locator('#pane-list').isVisible()).toBe(false);
    // The open mail has the pane: the others are scrolled to, and the folders come when they are asked for.
    const share = () => pane().evaluate((one) => one.querySelector('.current')!.clientHeight / one.clientHeight);
    expect(await share()).toBeGreaterThan(0.8);
    expect(await pane().evaluate((one) => one.scrollTop)).toBeGreaterThan(0);
    await expect.poll(() => app.window.locator('#pane-folders').count()).toBe(0);
    expect(await accessibilityFaults(app)).toEqual([]);
    for (const count of [1, 0]) {
      await press('Control+b');
      await expect.poll(() => app.window.locator('#pane-folders').count()).toBe(count);
    }
    await zoom(1);
    await expect.poll(() => app.window.locator('#pane-folders').count()).toBe(1);
  });

  it('make room in a narrow window for what is searched for, and for a mailbox that is chosen', async () => {
    const list = app.window.locator('#pane-list');
    await rows().first().click();
    await zoom(2);
    await expect.poll(() => list.isVisible()).toBe(false);
    await app.window.getByRole('textbox', { name: 'Search mail' }).fill('7d2a');
    await expect.poll(() => list.isVisible()).toBe(true);
    await expect.poll(() => rows().count()).toBe(2);
    await rows().first().click();
    await expect.poll(() => list.isVisible()).toBe(false);
    await press('Control+b');
    await app.window.locator('#pane-folders .unified .mailbox', { hasText: 'All drafts' }).click();
    await expect.poll(() => list.isVisible()).toBe(true);
    await expect.poll(() => rows().filter({ hasText: '(no recipient)' }).count()).toBeGreaterThan(0);
    // What is written is put aside for it, and stays.
    await press('c');
    await app.window.locator('[data-composer] #compose-to').waitFor();
    await app.window.keyboard.type('einkauf@kunde.example,');
    await app.window.getByRole('textbox', { name: 'Search mail' }).fill('7d2a');
    await expect.poll(() => list.isVisible()).toBe(true);
    await expect
      .poll(async () => (await value(app.call('drafts.list'))).map(({ content }) => content.to[0]?.address))
      .toContain('einkauf@kunde.example');
    await press('Escape');
    await app.window.locator('#pane-folders .unified .mailbox').first().click();
    await zoom(1);
  });

  it('are in the list of shortcuts', async () => {
    await press('?');
    const sheet = app.window.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await sheet.getByText('Next or previous mail of the conversation').waitFor();
    await sheet.getByText('Conversations or single messages').waitFor();
    await press('Escape');
  });
});
