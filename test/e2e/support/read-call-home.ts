import { expect } from 'vitest';
import { en } from '../../../renderer/text/en.ts';
import * as reading from '../../../renderer/text/en/reading.ts';
import { HOSTILE_DOMAIN } from '../../support/hostile-mail/index.ts';
import { value } from './enrolled-app.ts';
import { CALL_HOME, type HostileTour } from './hostile-tour.ts';
import type { RunningApp } from './start-app.ts';

const CONTROL = `control.app.${HOSTILE_DOMAIN}`;

/** Opens each new mail that asks for a call or an answer, with all that can be opened of it; it is marked as read by that, and deleted in the end. Returns their names. */
export async function readCallHome({ reader, callHome }: HostileTour): Promise<string[]> {
  const { app } = reader;
  await value(app.call('settings.set', { markSeenAfterMs: 0 }));
  await app.window.locator('#pane-folders .mailbox', { hasText: CALL_HOME }).click();
  const read: string[] = [];
  for (const { id, name } of callHome) {
    await app.window
      .locator('#pane-list [role=option]')
      .filter({ hasText: new RegExp(`\\b${id}\\b`, 'u') })
      .click();
    await expect.poll(() => app.window.locator('.reader h2').first().innerText(), { message: name }).toBe(id);
    await openAll(app);
    read.push(name);
  }
  const rows = async () => {
    const key = (await value(app.call('mailboxes.list'))).find((one) => one.path === CALL_HOME)?.key ?? '';
    return (await value(app.call('messages.list', { mailboxKey: key, filter: 'all', offset: 0, limit: 100 }))).rows;
  };
  await expect.poll(async () => (await rows()).filter(({ isSeen }) => isSeen).length).toBe(callHome.length);
  await expect
    .poll(async () => (await value(app.call('actions.open'))).reduce((sum, { count }) => sum + count, 0), { timeout: 30_000 })
    .toBe(0);
  await value(app.call('messages.delete', { entryIds: (await rows()).map(({ id }) => id) }));
  await expect.poll(async () => (await rows()).length).toBe(0);
  await expect
    .poll(async () => (await value(app.call('actions.open'))).reduce((sum, { count }) => sum + count, 0), { timeout: 30_000 })
    .toBe(0);
  return read;
}

/** Head lines, links and attachments of the mail that is shown. */
async function openAll({ window }: RunningApp): Promise<void> {
  const reader = window.locator('.reader');
  await reader.getByRole('button', { name: en.reader.showDetails, exact: true }).click();
  await reader.getByText(en.reader.messageId, { exact: true }).waitFor();
  const links = reader.locator('button[aria-expanded=false]', { hasText: /link/u });
  if ((await links.count()) > 0) await links.first().click();
  const files = reader.locator('section li button', { hasText: new RegExp(`^(?:${en.attachments.open}|${reading.inner.open})$`, 'u') });
  for (let n = 0; n < (await files.count()); n += 1) {
    await files.nth(n).click();
    await window.locator('dialog[open]').waitFor();
    await window.keyboard.press('Escape');
    await expect.poll(() => window.locator('dialog[open]').count()).toBe(0);
  }
}

/** Asserts that nobody was called and nothing sent: no mail, no draft, no connection and no name but those of the account's own servers. */
export async function expectCalledNobody({ reader, server, smtp, imapPort }: HostileTour): Promise<void> {
  const { app } = reader;
  expect(server.requests).toEqual([]);
  expect(smtp.mails).toEqual([]);
  expect(smtp.commands.filter(({ name }) => name === 'MAIL')).toEqual([]);
  expect(await value(app.call('outbox.list'))).toEqual([]);
  expect(await value(app.call('drafts.list'))).toEqual([]);
  const own = [imapPort, smtp.port].map((port) => `connect 127.0.0.1:${port}`);
  expect(reader.reached().filter((one) => !own.includes(one))).toEqual([]);
  // The watch is awake, in both processes.
  expect(reader.reached()).toContain(own[0]);
  await app.electron.evaluate((_electron, name) => process.getBuiltinModule('node:dns').lookup(name, () => undefined), CONTROL);
  expect(reader.reached()).toContain(`name ${CONTROL}`);
}
