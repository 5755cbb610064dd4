import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoServer, DemoServers } from '../../scripts/demo/servers.mjs';
import type { OutboxItem } from '../../shared/model/outbox.ts';
import { startSmtpScript, type AcceptedMail, type SmtpScript } from '../support/smtp-script.ts';
import { reportFigure } from '../support/figures.ts';
import { until } from '../support/until.ts';
import { faultsInBothThemes } from './support/accessibility.ts';
import { startDemoAccount, type DemoAccount } from './support/demo-account.ts';
import { isMirrored, startEnrolled, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const BUSY = 'slow@kunde.example';
const NOBODY = 'niemand@kunde.example';
/** After a failure of the relay's, nobody asks it again for 15 seconds. */
const LIMIT_MS = 30_000;
const WELL = 'einkauf@kunde.example';
let account: DemoAccount;
let smtp: Readonly<Record<'primary' | 'relay', SmtpScript>>;
let folder: string;
let app: RunningApp;
/** What the relay answers to this recipient instead of taking them. */
const replies = new Map<string, string>();

async function startSubmission({ primary, relay }: DemoServers) {
  const script = ({ user, pass }: DemoServer) =>
    startSmtpScript({
      passwords: { [user]: pass },
      reply: ({ name, args }) =>
        name === 'RCPT' ? [...replies].find(([address]) => args.toLowerCase().includes(address))?.[1] : undefined,
    });
  smtp = { primary: await script(primary), relay: await script(relay) };
  return smtp;
}

beforeAll(async () => {
  account = await startDemoAccount({ stableSeconds: 2, previewSeconds: 1, deliveryGraceSeconds: 5, undoSendSeconds: 0 }, startSubmission);
  folder = mkdtempSync(path.join(tmpdir(), 'holdover-outbox-'));
  app = await startEnrolled(account.enrolment, folder, { locale: 'en-GB' });
  await until('the mirror is complete', () => isMirrored(app), 60_000);
  await Promise.all([account.servers.primary.stop(), smtp.primary.down()]);
  await until('backup mode is on', async () => (await value(app.call('continuity.state')))[0]?.mode === 'continuity');
});
afterAll(async () => {
  await app?.quit();
  await Promise.all([account?.servers.close(), smtp?.primary.close(), smtp?.relay.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const items = () => value<OutboxItem[]>(app.call('outbox.list'));
const itemOf = async (subject: string) => (await items()).find((one) => one.subject === subject);
const mailsOf = (subject: string): AcceptedMail[] => smtp.relay.mails.filter(({ raw }) => raw.includes(`Subject: ${subject}`));
const cards = (subject: string): Locator => app.window.getByRole('article', { name: subject });
const card = (subject: string): Locator => cards(subject).first();
const button = (subject: string, name: string): Locator => card(subject).getByRole('button', { name });
const text = (subject: string): Promise<string> => card(subject).innerText();
const composer = () => app.window.locator('[data-composer]');

async function openOutbox(): Promise<void> {
  if ((await app.window.getByRole('heading', { name: 'Outbox' }).count()) === 0) {
    await app.window.locator('#pane-folders .place button').click();
  }
}

/** Writes and sends as a person does, and goes to see what becomes of it. */
async function send(subject: string, to: readonly string[] = [WELL]): Promise<void> {
  await app.window.keyboard.press('c');
  await composer().locator('#compose-to').waitFor();
  for (const address of to) await app.window.keyboard.type(`${address},`);
  await composer().locator('#compose-subject').fill(subject);
  await composer().locator('#compose-text').click();
  // At once: each key is drawn by itself.
  await app.window.keyboard.insertText('Bitte bestätigen Sie den Termin.');
  await app.window.keyboard.press('Control+Enter');
  await composer().waitFor({ state: 'detached' });
  await openOutbox();
  await card(subject).waitFor();
}
/** The relay goes just when the whole mail was handed over. `unanswered`: it has it nevertheless. */
const cutAfterData = (when: 'before' | 'unanswered') => smtp.relay.fault({ at: 'BODY', when, cut: 'end' });

describe('mail that a server turns away', () => {
  const subject = 'Liefertermin';

  it('names each recipient who was refused, in the words of the server; the others have it', async () => {
    replies.set(NOBODY, '550 5.1.1 <niemand@kunde.example>: Recipient address rejected: User unknown');
    await send(subject, [WELL, NOBODY]);
    await expect.poll(() => text(subject), { timeout: LIMIT_MS }).toContain('1 recipient was refused, the other one has the mail');
    expect(await text(subject)).toContain(`${NOBODY} was refused`);
    expect(await text(subject)).toContain('User unknown');
    await button(subject, 'Details').click();
    // Once, as the server gave it.
    expect(await text(subject)).toMatch(/number there: Q\d+\. 250 2\.0\.0 Ok/u);
    expect(mailsOf(subject).map(({ to }) => to)).toEqual([[WELL]]);
  });

  it('goes to the corrected address alone after it was edited', async () => {
    await button(subject, 'Edit and send again').click();
    await composer().locator('#compose-to').waitFor();
    await expect.poll(() => composer().locator('.chip').allInnerTexts()).toEqual([NOBODY]);
    await composer().locator('#compose-to').focus();
    await app.window.keyboard.press('Backspace');
    await app.window.keyboard.press('Backspace');
    await app.window.keyboard.type('jemand@kunde.example,');
    await app.window.keyboard.press('Control+Enter');
    await expect.poll(() => mailsOf(subject).map(({ to }) => to), { timeout: LIMIT_MS }).toEqual([[WELL], ['jemand@kunde.example']]);
    await openOutbox();
    await expect.poll(() => cards(subject).allInnerTexts()).toHaveLength(2);
    expect((await cards(subject).allInnerTexts()).join()).not.toContain('was refused');
    expect(await cards(subject).getByRole('button', { name: 'Edit and send again' }).count()).toBe(0);
  });

  it('is tried again by itself when it was put off, at a time that is told, or at once', async () => {
    const delayed = 'Ersatzteile';
    replies.set(BUSY, '451 4.7.1 Greylisted, please come back later');
    await send(delayed, [BUSY]);
    await expect.poll(() => text(delayed), { timeout: LIMIT_MS }).toMatch(/could not take it yet\. Next try in \d+ seconds/u);
    const { nextAttemptAt, attempts } = (await itemOf(delayed))!;
    const [first] = attempts;
    expect(nextAttemptAt! - first!.endedAt!).toBeGreaterThan(10_000);
    expect(nextAttemptAt! - first!.endedAt!).toBeLessThan(31_000);
    expect(await text(delayed)).toContain('Greylisted, please come back later');
    expect(await text(delayed)).not.toContain('refused');
    replies.delete(BUSY);
    await button(delayed, 'Try now').click();
    await expect.poll(() => text(delayed), { timeout: LIMIT_MS }).toContain('Sent through the relay');
    expect(mailsOf(delayed)).toHaveLength(1);
  });
});

describe('mail whose answer was lost', () => {
  const subject = 'Angebot 4711';

  it('is told as uncertain, with the evidence, and is not sent again by itself', async () => {
    cutAfterData('before');
    await send(subject);
    await expect.poll(() => text(subject), { timeout: LIMIT_MS }).toContain('Perhaps sent: the answer of the server was lost');
    await expect.poll(() => text(subject), { timeout: 10_000 }).toMatch(/not found on the relay \(.*Sent/u);
    expect(await text(subject)).toMatch(/relay: the whole text was handed over, no answer came/u);
    for (const name of ['Look again', 'Send again', 'It has arrived']) expect(await button(subject, name).isVisible(), name).toBe(true);
    expect(await button(subject, 'Take back').count()).toBe(0);
    expect(await app.window.getByRole('button', { name: /^Outbox, .*, 1 needs your attention$/u }).isVisible()).toBe(true);
    expect(mailsOf(subject)).toEqual([]);
    expect(await faultsInBothThemes(app)).toEqual([]);
  });

  it('is sent again when the person wants it, after they were told what that may mean', async () => {
    const { messageId } = (await itemOf(subject))!;
    await button(subject, 'Send again').click();
    expect(await card(subject).getByRole('alert').innerText()).toContain('the recipients get it twice');
    expect(mailsOf(subject)).toEqual([]);
    await button(subject, 'Send it again anyway').click();
    await expect.poll(() => text(subject), { timeout: LIMIT_MS }).toContain('Sent through the relay');
    expect(mailsOf(subject)).toHaveLength(1);
    expect(mailsOf(subject)[0]!.raw.includes(messageId)).toBe(true);
  });

  it('is settled when it is found, be it later', async () => {
    const late = 'Angebot 4712';
    cutAfterData('unanswered');
    await send(late);
    await expect.poll(() => text(late), { timeout: LIMIT_MS }).toMatch(/not found on the relay/u);
    const [mail] = mailsOf(late);
    account.servers.relay.store.get('Sent')!.append(mail!.raw, Date.now(), []);
    await button(late, 'Look again').click();
    await expect.poll(() => text(late), { timeout: LIMIT_MS }).toContain('Sent through the relay');
    await button(late, 'Details').click();
    expect(await text(late)).toMatch(/found on the relay in Sent/u);
    expect(mailsOf(late)).toHaveLength(1);
  });

  it('is closed by a person who knows that it has arrived', async () => {
    const known = 'Angebot 4713';
    cutAfterData('unanswered');
    await send(known);
    await expect.poll(() => text(known), { timeout: LIMIT_MS }).toContain('Perhaps sent');
    await button(known, 'It has arrived').click();
    await expect.poll(async () => (await itemOf(known))?.state).toBe('accepted');
    expect(mailsOf(known)).toHaveLength(1);
  });
});

describe('mail that was handed over when the app was killed', () => {
  const subject = 'Angebot 4714';

  it('is told as uncertain as soon as the app is there again, and is not sent again by itself (O2)', async () => {
    smtp.relay.fault({ at: 'BODY', when: 'unanswered', cut: 'stall' });
    await send(subject);
    await expect.poll(() => mailsOf(subject), { timeout: LIMIT_MS }).toHaveLength(1);
    expect((await itemOf(subject))?.state).toBe('submitting');
    app.electron.process().kill('SIGKILL');
    const startedAt = performance.now();
    app = await startApp({ profile: path.join(folder, 'profile'), locale: 'en-GB' });
    const isThereMs = performance.now() - startedAt;
    await app.window.getByRole('button', { name: /^Outbox, .* your attention$/u }).waitFor({ timeout: LIMIT_MS });
    const toldMs = performance.now() - startedAt;
    reportFigure('O2 told in the window after a kill', {
      afterLaunchMs: Math.round(toldMs),
      afterWindowMs: Math.round(toldMs - isThereMs),
    });
    await openOutbox();
    expect(await text(subject)).toContain('Perhaps sent: the answer of the server was lost');
    await expect.poll(() => text(subject), { timeout: LIMIT_MS }).toMatch(/not found on the relay/u);
    for (const name of ['Look again', 'Send again', 'It has arrived']) expect(await button(subject, name).isVisible(), name).toBe(true);
    expect(mailsOf(subject)).toHaveLength(1);
    await button(subject, 'It has arrived').click();
    await expect.poll(async () => (await itemOf(subject))?.state).toBe('accepted');
  });
});

describe('mail that could not be delivered after a server had taken it', () => {
  const subject = 'Rahmenvertrag';

  it('is told with the words of the server, and can be changed and sent again to those who did not get it', async () => {
    await send(subject, [WELL, 'fort@kunde.example']);
    await expect.poll(() => text(subject), { timeout: LIMIT_MS }).toContain('Sent through the relay');
    expect(await cards(subject).getByRole('button', { name: 'Edit and send again' }).count()).toBe(0);
    const { messageId } = (await itemOf(subject))!;
    account.servers.relay.store.get('INBOX')!.append(reportOf(messageId, 'fort@kunde.example'), Date.now(), []);
    await expect.poll(() => text(subject), { timeout: LIMIT_MS }).toContain('It could not be delivered to fort@kunde.example');
    expect(await text(subject)).toContain('mailbox has moved');
    await button(subject, 'Edit and send again').click();
    await composer().locator('#compose-to').waitFor();
    await expect.poll(() => composer().locator('.chip').allInnerTexts()).toEqual(['fort@kunde.example']);
    await composer().locator('#compose-to').focus();
    await app.window.keyboard.press('Backspace');
    await app.window.keyboard.press('Backspace');
    await app.window.keyboard.type('neu@kunde.example,');
    await app.window.keyboard.press('Control+Enter');
    await expect
      .poll(() => mailsOf(subject).map(({ to }) => to), { timeout: LIMIT_MS })
      .toEqual([[WELL, 'fort@kunde.example'], ['neu@kunde.example']]);
    await openOutbox();
    await expect
      .poll(async () => (await cards(subject).allInnerTexts()).join(), { timeout: LIMIT_MS })
      .not.toContain('could not be delivered');
    expect(await cards(subject).getByRole('button', { name: 'Edit and send again' }).count()).toBe(0);
  });
});

/** What a server writes to the sender when it gives up (RFC 3464). */
function reportOf(messageId: string, address: string): Buffer {
  const lines = [
    'From: MAILER-DAEMON@relay.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Message-ID: <bounce@relay.example>',
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    ...['', '--b', 'Content-Type: text/plain', '', 'It could not be delivered.', ''],
    ...['--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; relay.example', ''],
    ...[`Final-Recipient: rfc822; ${address}`, 'Action: failed', 'Status: 5.1.6', 'Diagnostic-Code: smtp; 550 5.1.6 mailbox has moved', ''],
    ...['--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${messageId}`, '', '--b--', ''],
  ];
  return Buffer.from(lines.join('\r\n'));
}
