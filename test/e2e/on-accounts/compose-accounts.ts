import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../../renderer/text/en.ts';
import { callChannel } from '../../../shared/ipc/channels.ts';
import type { OutboxItem } from '../../../shared/model/outbox.ts';
import type { SmtpScript } from '../../support/smtp-script.ts';
import { faultsInBothThemes } from '../support/accessibility.ts';
import type { DemoAccount } from '../support/demo-account.ts';
import { callOf } from '../support/page-script.ts';
import { value } from '../support/enrolled-app.ts';
import { FAIR, SECOND, twoAccounts } from '../support/shared-accounts.ts';
import type { RunningApp } from '../support/start-app.ts';

const PIXEL = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
let accounts: readonly DemoAccount[];
/** Submission of the second account. */
let filing: SmtpScript;
let folder: string;
let app: RunningApp;

beforeAll(async () => void ({ accounts, filing, folder, app } = await twoAccounts()));

const items = () => value<OutboxItem[]>(app.call('outbox.list'));
const composer = () => app.window.locator('[data-composer]');
const editor = () => composer().locator('#compose-text');
const delivered = (n: number, subject: string): { raw: Buffer }[] =>
  (n === 0 ? accounts[0]!.servers.delivered : filing.mails).filter(({ raw }) => raw.includes(`Subject: ${subject}`));
const inSent = (n: number, subject: string) =>
  (accounts[n]!.servers.primary.store.get('Sent')?.messages ?? []).filter(({ raw }) => raw.includes(`Subject: ${subject}`));

/** Calls of this name get their answer only when they are let through. */
const holdBack = (held: string): Promise<void> =>
  app.electron.evaluate(
    ({ ipcMain }, [channel, name]) => {
      type Handler = (event: unknown, called: string, ...args: unknown[]) => unknown;
      const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers;
      const before = handlers.get(channel)!;
      const open = new Promise<void>((resolve) => Object.assign(globalThis, { letThrough: resolve }));
      handlers.set(channel, async (event, called, ...args) => {
        if (called === name) await open;
        return before(event, called, ...args);
      });
    },
    [callChannel, held] as const,
  );
const letThrough = (): Promise<void> => app.electron.evaluate(() => (globalThis as unknown as { letThrough(): void }).letThrough());

async function begin(subject: string): Promise<void> {
  await app.window.locator('#pane-list [role=option]').first().click();
  await app.window.keyboard.press('c');
  await composer().locator('#compose-to').waitFor();
  await app.window.keyboard.type('einkauf@kunde.example,');
  await composer().locator('#compose-subject').fill(subject);
}
async function sendAndParse(n: number, subject: string) {
  await app.window.keyboard.press('Control+Enter');
  await expect.poll(() => delivered(n, subject).length).toBe(1);
  return simpleParser(delivered(n, subject)[0]!.raw);
}

describe('a mail from another account', () => {
  it('has its signature in place of the first one, and back', async () => {
    await begin('Aus dem Vertrieb');
    expect(await editor().innerText()).toContain('Geschäftsführung & Einkauf');
    await editor().click();
    await app.window.keyboard.press('Control+Home');
    await app.window.keyboard.type('Guten Tag');
    const from = composer().getByLabel('From');
    await from.selectOption({ label: `Vertrieb <${SECOND}>` });
    await expect.poll(() => editor().innerText()).toContain('Tel. 040 1234');
    expect(await editor().innerText()).not.toContain('Geschäftsführung');
    expect(await editor().innerText()).toContain('Guten Tag');
    await from.selectOption({ index: 0 });
    await expect.poll(() => editor().innerText()).toContain('Geschäftsführung & Einkauf');
    await from.selectOption({ index: 1 });
    await expect.poll(() => editor().innerText()).toContain('Tel. 040 1234');
  });

  it('leaves by its server, with its address, and is filed in its Sent alone', async () => {
    const subject = 'Aus dem Vertrieb';
    const mail = await sendAndParse(1, subject);
    expect(mail.from?.value[0]).toMatchObject({ address: SECOND, name: 'Vertrieb' });
    expect(mail.text).toContain('Guten Tag');
    expect(mail.text).toMatch(/-- \nVertrieb Nordlicht\nTel\. 040 1234/u);
    expect(mail.text).not.toContain('Geschäftsführung');
    expect(delivered(0, subject)).toEqual([]);
    const item = async () => (await items()).find((one) => one.subject === subject);
    expect((await item())?.accountId).toBe((await value(app.call('accounts.list')))[1]!.id);
    // Its server files a copy of its own, and in this account's Sent it is looked for.
    await expect.poll(async () => (await item())?.sentCopy, { timeout: 30_000 }).toBe('by-server');
    expect(inSent(0, subject)).toEqual([]);
    expect(inSent(1, subject)).toHaveLength(1);
  });
});

describe('a mail from a further address of an account', () => {
  it('leaves by the server of the account, with its signature and that address', async () => {
    const subject = 'Von der Messe';
    await begin(subject);
    const from = composer().getByLabel('From');
    expect(await from.locator('option').allInnerTexts()).toEqual([
      expect.stringContaining('<katharina.brandt@nordlicht.example>'),
      `Vertrieb <${SECOND}>`,
      `Vertrieb <${FAIR}>`,
    ]);
    await from.selectOption({ label: `Vertrieb <${FAIR}>` });
    await expect.poll(() => editor().innerText()).toContain('Tel. 040 1234');
    // It is what is shown of it once it is put away and taken up again.
    await app.window.keyboard.press('Control+s');
    await expect
      .poll(async () => (await value(app.call('drafts.list'))).find(({ content }) => content.subject === subject)?.content.from)
      .toBe(FAIR);
    expect(await from.locator('option:checked').innerText()).toBe(`Vertrieb <${FAIR}>`);
    const mail = await sendAndParse(1, subject);
    expect(mail.from?.value[0]).toMatchObject({ address: FAIR, name: 'Vertrieb' });
    expect(filing.mails.at(-1)?.from).toBe(FAIR);
    expect(delivered(0, subject)).toEqual([]);
  });
});

describe('files', () => {
  it('that are dragged onto the composer are attached, and the place is shown', async () => {
    await begin('Mit Zeichnung');
    const file = path.join(folder, 'Zeichnung Größe 4.pdf');
    writeFileSync(file, Buffer.alloc(30_000, 3));
    const { x, y, width, height } = (await composer().boundingBox())!;
    const cdp = await app.window.context().newCDPSession(app.window);
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop' | 'dragCancel') =>
      cdp.send('Input.dispatchDragEvent', {
        type,
        x: Math.round(x + width / 2),
        y: Math.round(y + height / 2),
        data: { items: [], files: [file], dragOperationsMask: 1 },
      });
    await drag('dragEnter');
    await drag('dragOver');
    await composer().getByText('Drop files here').waitFor();
    await drag('drop');
    await expect.poll(() => composer().locator('section li').allInnerTexts()).toHaveLength(1);
    expect(await composer().innerText()).toContain('Zeichnung Größe 4.pdf');
    expect(await composer().getByText('Drop files here').count()).toBe(0);
    const mail = await sendAndParse(0, 'Mit Zeichnung');
    expect(mail.attachments.map(({ filename, size }) => ({ filename, size }))).toEqual([
      { filename: 'Zeichnung Größe 4.pdf', size: 30_000 },
    ]);
  });

  it('on their way in are waited for, and the sending is called off by a key', async () => {
    const words = en.compose;
    const subject = 'Mit dicker Zeichnung';
    await begin(subject);
    await holdBack('drafts.addFile');
    await composer()
      .locator('footer input[type=file]')
      .setInputFiles({ name: 'Zeichnung.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(30_000, 3) });
    await composer().getByRole('progressbar').waitFor();
    const send = composer().getByRole('button', { name: words.send, exact: true });
    const told = composer().getByRole('status').filter({ hasText: words.sendsWithFiles });
    await send.focus();
    await app.window.keyboard.press('Enter');
    await told.waitFor();
    expect(await send.evaluate((one) => [one.ariaDisabled, one.matches(':focus')])).toEqual(['true', true]);
    expect(await faultsInBothThemes(app)).toEqual([]);
    await app.window.keyboard.press('Escape');
    await told.waitFor({ state: 'detached' });
    // Meant again, and called off by its button.
    await app.window.keyboard.press('Control+Enter');
    await told.getByRole('button', { name: words.notYet }).click();
    await letThrough();
    await composer().getByRole('progressbar').waitFor({ state: 'detached' });
    expect(delivered(0, subject)).toEqual([]);
    expect((await sendAndParse(0, subject)).attachments).toHaveLength(1);
  });

  it('that are pictures of the text go with it, and stay behind when the text has them no more', async () => {
    for (const isKept of [true, false]) {
      const subject = isKept ? 'Mit Bild' : 'Ohne Bild';
      await begin(subject);
      await editor().click();
      await app.window.evaluate(callOf('paste', { 'text/html': `<p>Skizze:</p><img src="${PIXEL}">` }));
      await expect.poll(() => editor().locator('img').count()).toBe(1);
      if (!isKept) {
        await app.window.evaluate(callOf('remove-picture'));
        expect(await editor().locator('img').count()).toBe(0);
        await app.window.keyboard.type('Doch keine Skizze');
      }
      const mail = await sendAndParse(0, subject);
      expect(mail.attachments).toHaveLength(isKept ? 1 : 0);
      const raw = delivered(0, subject)[0]!.raw.toString();
      expect(raw.includes('image/png'), subject).toBe(isKept);
      expect(/src="cid:/u.test(mail.html || '') || /src="data:/u.test(mail.html || ''), subject).toBe(isKept);
    }
  });
});
