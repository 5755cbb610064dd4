import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { en } from '../../../renderer/text/en.ts';
import { care } from '../../../renderer/text/en/care.ts';
import * as words from '../../../renderer/text/en/reading.ts';
import { limits } from '../../../shared/limits.ts';
import { reportFigure } from '../../support/figures.ts';
import { startImapScript, type ImapScript } from '../../support/imap-script.ts';
import { buildInvitation, buildInvitationMail } from '../../support/invitation-mail.ts';
import { buildMail } from '../../support/mail-builder.ts';
import { nestedMail } from '../../support/nested-mail.ts';
import { buildPdf } from '../../support/pdf-builder.ts';
import { buildTnef } from '../../support/tnef-builder.ts';
import { faultsInBothThemes } from '../support/accessibility.ts';
import { isMirrored, value } from '../support/enrolled-app.ts';
import { startHostileServer, type HostileServer } from '../support/hostile-server.ts';
import { answerSaveDialog, proposedPaths } from '../support/save-dialog.ts';
import { enrolMailbox, mailboxApp, NOWHERE, removeMailbox } from '../support/mailbox-app.ts';
import type { RunningApp } from '../support/start-app.ts';

/** The little of a canvas that is looked at in the page. */
interface DrawnCanvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): { getImageData(left: number, top: number, width: number, height: number): { data: Uint8ClampedArray } };
}

const RAN = 'RAN-6c1f';
const MANY = 12_000;
/** Attributes that run where they are taken for markup. */
const markup = (origin: string): string =>
  `<img src='${origin}/i.png' onerror="console.log('${RAN}')"><script>console.log('${RAN}')</script>`;
const tnef = buildTnef({ files: [{ name: 'Quartalsbericht.txt', content: Buffer.from('Umsatz 4711'), mimeType: 'text/plain' }] });

let imap: ImapScript;
let server: HostileServer;
let folder: string;
let app: RunningApp;
const ran: string[] = [];
const dialogs: string[] = [];
let mails = 0;

/** Mails by their subject. */
function fixtures(origin: string): Record<string, Buffer> {
  const date = Date.now() - 60_000;
  const file = (subject: string, fileName: string, contentType: string, content: Buffer) =>
    buildMail({ subject, date, text: 'See the file.', attachments: [{ fileName, contentType, content }] });
  const attendees = Array.from(
    { length: MANY },
    (_, n) => `ATTENDEE;CN=Person ${n};PARTSTAT=ACCEPTED:mailto:person.number.${n}@example.com`,
  );
  const hostile = ['LOCATION', 'DESCRIPTION', 'ORGANIZER;CN=x:mailto'].map((name) => `${name}:${markup(origin)}`);
  const person = `ATTENDEE;CN="${markup(origin).replaceAll('"', "'")}":mailto:x@example.com`;
  const inner = buildMail({
    subject: 'inner hostile',
    html: `<p>Inner text</p>${markup(origin)}<a href="${origin}/link">link</a>`,
    text: 'Inner text',
  });
  const protectedMail = (type: string) =>
    Buffer.from(
      buildMail({ subject: 'protected', date, text: 'x' })
        .toString()
        .replace(/Content-Type:[^\r]*/u, `Content-Type: ${type}`),
    );
  return {
    'inv plain': buildInvitationMail('inv plain', date, {
      summary: 'Budget round',
      lines: ['LOCATION:Room 4', 'RRULE:FREQ=WEEKLY;BYDAY=WE'],
    }),
    'inv cancelled': buildInvitationMail('inv cancelled', date, { summary: 'Called off', method: 'CANCEL' }),
    'inv hostile': buildInvitationMail('inv hostile', date, { summary: markup(origin), lines: [...hostile, person] }),
    'inv many': buildInvitationMail('inv many', date, { summary: 'Crowd', lines: attendees }),
    'mail in mail': Buffer.from(
      nestedMail(50)
        .toString()
        .replace('Subject: level 0', 'Subject: mail in mail')
        .replace(/Date: [^\r]*/u, `Date: ${new Date(date).toUTCString()}`),
    ),
    'mail hostile': file('mail hostile', 'Re.eml', 'message/rfc822', inner),
    'tnef whole': file('tnef whole', 'winmail.dat', 'application/ms-tnef', tnef),
    'pdf whole': file('pdf whole', 'Report.pdf', 'application/pdf', buildPdf({ pages: 3, text: 'Revenue', origin })),
    'pdf broken': file('pdf broken', 'Broken.pdf', 'application/pdf', Buffer.from('%PDF-1.7\nnothing of the kind')),
    protected: protectedMail('application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m'),
  };
}

/** The same file cut off, and full of garbage, at every 64th byte. */
function brokenTnef(): Buffer[] {
  const date = Date.now() - 3_600_000;
  const places = Array.from({ length: Math.ceil(tnef.length / 64) }, (_, n) => n * 64);
  const garbage = (at: number): Buffer => Buffer.from(tnef).fill(0xee, at, at + 8);
  return places.flatMap((at) =>
    [tnef.subarray(0, at), garbage(at)].map((content, n) => {
      const attachments = [{ fileName: 'winmail.dat', contentType: 'application/ms-tnef', content }];
      return buildMail({ subject: `broken ${at} ${n}`, date, text: 'Still here.', attachments });
    }),
  );
}

describe('what mails hold', () => {
  beforeAll(async () => {
    [imap, server] = await Promise.all([startImapScript({ passwords: { alice: 'pw' } }), startHostileServer()]);
    folder = mkdtempSync(path.join(tmpdir(), 'holdover-content-'));
    const all = [...Object.values(fixtures(server.origin)), ...brokenTnef()];
    mails = all.length;
    const now = Math.floor(Date.now() / 1000) * 1000;
    all.forEach((raw, n) => imap.store.get('INBOX').add({ raw, internalDate: now - n * 60_000 }));
    app = await mailboxApp();
    app.window.on('console', (message) => message.text().includes(RAN) && ran.push(message.text()));
    app.window.on('dialog', (dialog) => (dialogs.push(dialog.message()), void dialog.dismiss()));
    await enrolMailbox(app, imap.port, 'pw', NOWHERE);
    await vi.waitFor(async () => expect(await isMirrored(app, 1)).toBe(true), { timeout: 60_000, interval: 200 });
    await app.window.reload();
  });
  afterAll(async () => {
    await removeMailbox(app);
    await Promise.all([imap.close(), server.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const reader = () => app.window.locator('#pane-reader');
  async function open(subject: string): Promise<void> {
    await app.window.locator('#pane-list [role=option]', { hasText: subject }).first().click();
    await expect.poll(() => reader().locator('h2').first().innerText(), { timeout: 10_000 }).toBe(subject);
  }
  async function idOf(subject: string) {
    const inbox = (await value(app.call('mailboxes.list'))).find((one) => one.role === 'inbox')!;
    const { rows } = await value(app.call('messages.list', { mailboxKey: inbox.key, filter: 'all', offset: 0, limit: 500 }));
    return rows.find((row) => row.subject === subject)!.id;
  }
  const card = () => reader().locator('section.invitation');

  describe('an invitation', () => {
    it('says what, when on the clock here and there, how often and where', async () => {
      await open('inv plain');
      await card().waitFor();
      const text = await card().innerText();
      expect(text).toContain('Budget round');
      expect(text).toContain('Wednesday 15 July 2026, 16:00–17:30');
      expect(text).toMatch(/10:00–11:30 in the time zone of the invitation \(Eastern Standard Time\)/u);
      expect(text).toContain('Every week on Wednesday');
      expect(text).toContain('Room 4');
    });

    it('has no fault that a machine finds, its head lines and the menu open', async () => {
      await reader().getByRole('button', { name: en.reader.showDetails, exact: true }).click();
      await reader().getByRole('button', { name: words.more.label, exact: true }).click();
      await app.window.getByRole('menuitem').first().waitFor();
      expect(await faultsInBothThemes(app)).toEqual([]);
      await app.window.keyboard.press('Escape');
    });

    it('that was called off says so', async () => {
      await open('inv cancelled');
      await expect.poll(() => card().innerText()).toContain(words.invitation.kinds.cancel);
    });

    it('is saved as the file it is, and nothing is answered', async () => {
      await open('inv plain');
      const target = path.join(folder, 'saved.ics');
      await answerSaveDialog(app, target);
      await card().getByRole('button', { name: words.invitation.addToCalendar }).click();
      await expect.poll(() => existsSync(target)).toBe(true);
      await expect.poll(() => card().innerText()).toContain('saved.ics');
      expect(
        readFileSync(target).equals(buildInvitation({ summary: 'Budget round', lines: ['LOCATION:Room 4', 'RRULE:FREQ=WEEKLY;BYDAY=WE'] })),
      ).toBe(true);
      expect(await value(app.call('outbox.list'))).toEqual([]);
    });

    it('with markup in its fields shows it as text', async () => {
      await open('inv hostile');
      await expect.poll(() => card().innerText()).toContain('<img src=');
      expect(await card().locator('img, script').count()).toBe(0);
    });

    it('with a megabyte of attendees shows some and counts the others', async () => {
      await open('inv many');
      await card()
        .getByRole('button', { name: words.invitation.showAll(limits.maxAttendees - 6) })
        .click();
      expect(await card().locator('li').count()).toBe(limits.maxAttendees);
      expect(await card().innerText()).toContain(words.invitation.notListed(MANY - limits.maxAttendees));
    });
  });

  describe('a mail in a mail', () => {
    const dialog = () => app.window.locator('dialog[open]');
    const title = () => dialog().locator('h2').first().innerText();

    it('opens within the app, level by level up to the limit, with a way back', async () => {
      await open('mail in mail');
      await reader()
        .getByRole('button', { name: words.inner.openNamed('Mail 1.eml') })
        .click();
      for (let level = 1; level <= limits.maxInnerDepth; level += 1) {
        await expect.poll(title).toBe(`level ${level}`);
        expect(await dialog().locator('.plain').innerText()).toContain(`text ${level}`);
        if (level < limits.maxInnerDepth)
          await dialog()
            .getByRole('button', { name: words.inner.openNamed(`Mail ${level + 1}.eml`) })
            .click();
      }
      expect(await dialog().innerText()).toContain(words.inner.tooDeep);
      await app.window.keyboard.press('Escape');
      await expect.poll(title).toBe(`level ${limits.maxInnerDepth - 1}`);
      for (let level = limits.maxInnerDepth - 1; level >= 1; level -= 1)
        await dialog().getByRole('button', { name: words.inner.back, exact: true }).click();
      await expect.poll(() => dialog().count()).toBe(0);
    });

    it('is cleaned like any other', async () => {
      await open('mail hostile');
      await reader()
        .getByRole('button', { name: words.inner.openNamed('Re.eml') })
        .click();
      const frame = dialog().frameLocator('iframe');
      await expect.poll(() => frame.locator('body').innerText()).toContain('Inner text');
      expect(await frame.locator('script, [onerror], [href]').count()).toBe(0);
      expect(await dialog().innerText()).toContain(care.images.blocked(1));
      expect(await faultsInBothThemes(app)).toEqual([]);
      await app.window.keyboard.press('Escape');
      await expect.poll(() => dialog().count()).toBe(0);
    });
  });

  describe('a winmail.dat', () => {
    it('lists its files in place of itself; they are previewed and saved', async () => {
      await open('tnef whole');
      await reader().getByText('Quartalsbericht.txt').waitFor();
      expect(await reader().getByText('winmail.dat').count()).toBe(0);
      await reader()
        .getByRole('button', { name: en.attachments.openNamed('Quartalsbericht.txt') })
        .click();
      await expect.poll(() => app.window.locator('dialog pre').innerText()).toBe('Umsatz 4711');
      expect(await faultsInBothThemes(app)).toEqual([]);
      await app.window.keyboard.press('Escape');
      const target = path.join(folder, 'q.txt');
      await answerSaveDialog(app, target);
      await reader()
        .getByRole('button', { name: en.attachments.saveNamed('Quartalsbericht.txt') })
        .click();
      await expect.poll(() => existsSync(target) && readFileSync(target, 'utf8')).toBe('Umsatz 4711');
      expect((await proposedPaths(app)).map((one) => path.basename(one))).toEqual(['Quartalsbericht.txt']);
    });

    it('that is cut off or garbage at every 64th byte costs nobody the mail', async () => {
      const inbox = (await value(app.call('mailboxes.list'))).find((one) => one.role === 'inbox')!;
      const { rows } = await value(app.call('messages.list', { mailboxKey: inbox.key, filter: 'all', offset: 0, limit: 500 }));
      const broken = rows.filter(({ subject }) => subject.startsWith('broken'));
      expect(broken.length).toBe(2 * Math.ceil(tnef.length / 64));
      for (const { id } of broken) {
        const view = await value(app.call('messages.open', { entryId: id }));
        expect(view.text).toBe('Still here.');
        expect(view.attachments[0]?.fileName).toBe('winmail.dat');
      }
    });
  });

  describe('a PDF', () => {
    it('is drawn page by page; nothing in it runs, is asked for or leads away', async () => {
      await open('pdf whole');
      await reader()
        .getByRole('button', { name: en.attachments.openNamed('Report.pdf') })
        .click();
      const canvas = app.window.locator('dialog canvas');
      await expect.poll(() => canvas.first().getAttribute('data-drawn'), { timeout: 30_000 }).toBe('yes');
      expect(await canvas.count()).toBe(3);
      const dark = await canvas.first().evaluate((element) => {
        const { width, height, getContext } = element as unknown as DrawnCanvas;
        const { data } = getContext.call(element, '2d').getImageData(0, 0, width, Math.floor(height / 5));
        let count = 0;
        for (let at = 0; at < data.length; at += 4) if ((data[at] ?? 255) < 100) count += 1;
        return count;
      });
      // The words at the top of the page.
      expect(dark).toBeGreaterThan(200);
      expect(await app.window.locator('dialog [role=img]').first().getAttribute('aria-label')).toContain('Revenue 1');
      expect(await faultsInBothThemes(app)).toEqual([]);
      await canvas.first().click();
      await app.window.keyboard.press('Escape');
      await expect.poll(() => app.window.locator('dialog[open]').count()).toBe(0);
    });

    it('that is none is told as such', async () => {
      await open('pdf broken');
      await reader()
        .getByRole('button', { name: en.attachments.openNamed('Broken.pdf') })
        .click();
      await expect.poll(() => app.window.locator('dialog').innerText(), { timeout: 30_000 }).toContain(words.pdf.failed);
      await app.window.keyboard.press('Escape');
    });
  });

  describe('signed and encrypted mail', () => {
    it('is named as what it is', async () => {
      await open('protected');
      await expect
        .poll(() => reader().innerText())
        .toContain(
          `${words.protection.encrypted({ kind: 'encrypted', by: 'smime', isOpaque: true, isPartial: false })} ${words.protection.encryptedFile}`,
        );
      expect(await faultsInBothThemes(app)).toEqual([]);
    });
  });

  describe('the More menu', () => {
    const items = () => app.window.getByRole('menuitem');
    async function choose(n: number): Promise<void> {
      await reader().getByRole('button', { name: words.more.label, exact: true }).focus();
      await app.window.keyboard.press('Enter');
      await items().first().waitFor();
      for (let step = 0; step < n; step += 1) await app.window.keyboard.press('ArrowDown');
      await app.window.keyboard.press('Enter');
    }

    it('shows source and header lines, by keyboard alone', async () => {
      await open('mail hostile');
      await choose(0);
      await expect.poll(() => reader().locator('pre').innerText()).toContain('message/rfc822');
      await choose(1);
      await expect.poll(() => reader().locator('pre').innerText()).not.toContain('message/rfc822');
      expect(await reader().locator('pre').innerText()).toContain('Subject: mail hostile');
      await reader().locator('pre').press('h');
      await expect.poll(() => reader().locator('pre').count()).toBe(0);
    });

    it('saves the mail as it was received', async () => {
      await open('inv plain');
      const target = path.join(folder, 'mail.eml');
      await answerSaveDialog(app, target);
      await choose(2);
      await expect.poll(() => existsSync(target)).toBe(true);
      const { text } = await value(app.call('messages.source', { entryId: await idOf('inv plain') }));
      await expect.poll(() => readFileSync(target, 'latin1')).toBe(text);
      expect((await proposedPaths(app)).map((one) => path.basename(one))).toEqual(['inv plain.eml']);
    });

    it('prints head lines and cleaned text by the dialog of the system, from a document in which nothing runs', async () => {
      await app.electron.evaluate(({ app: electronApp }) => {
        const printed: unknown[] = [];
        Object.assign(globalThis, { printed });
        electronApp.on('web-contents-created', (_event, contents) => {
          const prefs = (
            contents as unknown as { getLastWebPreferences(): { javascript: boolean; sandbox: boolean } | null }
          ).getLastWebPreferences();
          contents.print = ((options: { silent?: boolean }, done: (isDone: boolean) => void) => {
            const url = contents.getURL();
            void (async () => {
              const pdf = await contents.printToPDF({});
              const answer = await contents.session.fetch(url);
              const policy = answer.headers.get('content-security-policy');
              const others = await contents.session.fetch('app://holdover/index.html').then(({ status }) => status);
              printed.push({
                ...{ url, policy, others, silent: options.silent, html: await answer.text(), pdf: pdf.toString('latin1').slice(0, 5) },
                prefs: { javascript: prefs?.javascript, sandbox: prefs?.sandbox },
              });
              done(true);
            })();
          }) as typeof contents.print;
        });
      });
      await open('inv plain');
      await choose(3);
      const printed = () => app.electron.evaluate(() => (globalThis as unknown as { printed: { html: string; pdf: string }[] }).printed);
      await expect.poll(async () => (await printed()).length, { timeout: 20_000 }).toBe(1);
      const [one] = await printed();
      expect(one).toMatchObject({
        url: 'app://holdover/print.html',
        policy: expect.stringMatching(/^sandbox; default-src 'none'/u),
        others: 404,
        silent: false,
        pdf: '%PDF-',
        prefs: { javascript: false, sandbox: true },
      });
      for (const part of [
        'inv plain',
        '<b>From:</b> Anna Example &lt;anna@example.com&gt;',
        '<b>To:</b> Ben Sample &lt;ben@example.org&gt;',
        '<b>Date:</b> ',
        'You are invited.',
        'invite.ics',
      ]) {
        expect(one?.html).toContain(part);
      }
      await expect.poll(() => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    });
  });

  it('nothing ran, nothing was asked for, no window but one', async () => {
    await app.window.waitForTimeout(500);
    expect([ran, dialogs, server.requests]).toEqual([[], [], []]);
    expect(app.electron.windows()).toHaveLength(1);
    expect(app.log().filter(({ ev }) => ev === 'guard.request' || ev === 'guard.navigation' || ev === 'window.left')).toEqual([]);
    reportFigure('H7 content of mails (app)', { mails, scripts: 0, requests: 0, dialogs: 0 });
  });
});
