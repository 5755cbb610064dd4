import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { formsOf, hitsBelow, openToOthers } from '../support/plain-marks.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { isFull } from '../support/this-run.ts';
import { isMirrored, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const MAILS = isFull ? 1000 : 60;
const DRAFTS = 10;
/** Begins every secret of this test, so that one look at a file finds any of them. */
const MARK = 'Xw5nachtigall';
const PASSWORD = `${MARK}password`;
const HOUR = 3_600_000;
const forms = formsOf(MARK);

let imap: ImapScript;
let smtp: SmtpScript;
let scratch: string;
let canaries = 3;

function mail(n: number): Buffer {
  canaries += 4;
  const head = `From: ${MARK}name${n} <${MARK}from${n}@example.com>\r\nTo: alice@example.com\r\nSubject: ${MARK}subject${n}\r\nMessage-ID: <${MARK}id${n}@example.com>\r\nMIME-Version: 1.0\r\n`;
  const text = `Content-Type: text/html; charset=utf-8\r\n\r\n<p>${`${MARK}body${n} and other words `.repeat(40)}</p>\r\n`;
  if (n % 10 !== 0) return Buffer.from(head + text);
  canaries += 2;
  const file = Buffer.from(`${MARK}file${n} `.repeat(800)).toString('base64').replace(/(.{76})/gu, '$1\r\n'); // prettier-ignore
  const part = `Content-Type: text/plain; name="${MARK}file${n}.txt"\r\nContent-Disposition: attachment; filename="${MARK}file${n}.txt"\r\nContent-Transfer-Encoding: base64\r\n\r\n${file}`;
  return Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${text}\r\n--b\r\n${part}\r\n--b--\r\n`);
}

/** Where the app could leave anything: its profile, its temp folder, and the home of the session it runs in. */
const places = () => ['profile', 'tmp', 'home'].map((name) => path.join(scratch, name));
const look = () => places().map((place) => hitsBelow(place, forms));
const start = () =>
  startApp({
    profile: path.join(scratch, 'profile'),
    env: {
      ...{ TMPDIR: path.join(scratch, 'tmp'), HOME: path.join(scratch, 'home') },
      ...{ XDG_CACHE_HOME: path.join(scratch, 'home/.cache'), XDG_CONFIG_HOME: path.join(scratch, 'home/.config') },
    },
  });

beforeAll(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'holdover-marks-'));
  for (const place of places()) mkdirSync(place, { mode: 0o700 });
  imap = await startImapScript({ passwords: { alice: PASSWORD } });
  smtp = await startSmtpScript({ passwords: { alice: PASSWORD } });
  for (const [name, specialUse] of Object.entries({ Sent: '\\Sent', Drafts: '\\Drafts' })) imap.store.create(name, { specialUse });
  const now = Math.floor(Date.now() / 1000) * 1000;
  for (let n = 0; n < MAILS; n += 1) imap.store.get('INBOX').add({ raw: mail(n), internalDate: now - (n % 200) * HOUR });
});
afterAll(async () => {
  await imap.close();
  await smtp.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Everything a person does with mail: opens it with its attachments, searches, writes, saves, sends. */
async function use(app: RunningApp): Promise<void> {
  const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user: 'alice' });
  const secret = { imap: { type: 'password' as const, password: PASSWORD } };
  const config = { email: 'alice@example.com', primary: { imap: endpoint(imap.port), smtp: endpoint(smtp.port) }, relay: null };
  const continuity = { undoSendSeconds: 0 };
  const { id } = await value(app.call('accounts.enrol', { config: { ...config, continuity }, secrets: { primary: secret, relay: null } }));
  await expect.poll(() => isMirrored(app, 1), { timeout: 60_000 }).toBe(true);
  const inbox = (await value(app.call('mailboxes.list'))).find((one) => one.role === 'inbox')!;
  const { rows } = await value(app.call('messages.list', { mailboxKey: inbox.key, filter: 'all', offset: 0, limit: 500 }));
  for (const row of rows.slice(0, 40)) {
    const view = await value(app.call('messages.open', { entryId: row.id }));
    for (const { index } of view.attachments) await value(app.call('attachments.preview', { entryId: row.id, index }));
  }
  const page = app.window;
  await page.reload();
  await page.getByText(`${MARK}subject0`).first().click();
  await page.getByRole('search').getByRole('textbox').fill(`${MARK}body1`);
  await expect.poll(() => page.getByText(`${MARK}subject1`).count(), { timeout: 20_000 }).toBeGreaterThan(0);
  for (let n = 0; n < DRAFTS; n += 1) {
    canaries += 2;
    const draft = await value(app.call('compose.start', { kind: 'new', accountId: id, mailto: null }));
    const content = {
      ...draft.content,
      to: [{ name: '', address: `${MARK}to@example.com` }],
      subject: `${MARK}draft${n}`,
      html: `<p>${MARK}words${n}</p>`,
    };
    const { version } = await value(app.call('drafts.save', { draftId: draft.id, version: draft.version, content }));
    if (n % 2 === 0) await value(app.call('drafts.send', { draftId: draft.id, version }));
  }
  await expect.poll(() => smtp.mails.length, { timeout: 20_000 }).toBe(DRAFTS / 2);
}

it('leaves nothing readable: while it runs, as a kill leaves it, and after the end (S9)', async () => {
  const first = await start();
  await use(first);
  const running = look();
  const openWhileRunning = openToOthers(path.join(scratch, 'profile'));
  // The whole app at once, as a power cut would.
  const ended = new Promise((resolve) => first.electron.process().once('exit', resolve));
  const engine = await first.enginePid();
  first.electron.process().kill('SIGKILL');
  if (engine !== null) process.kill(engine, 'SIGKILL');
  await ended;
  const killed = look();
  expect(existsSync(path.join(scratch, 'profile/mail.db-wal'))).toBe(true);

  const second = await start();
  await expect.poll(async () => (await value(second.call('engine.state'))).phase, { timeout: 30_000 }).toBe('running');
  await second.quit();
  const quit = look();
  const all = [...running, ...killed, ...quit];
  expect(all.flatMap(({ found }) => found)).toEqual([]);
  expect([...openWhileRunning, ...openToOthers(path.join(scratch, 'profile'))]).toEqual([]);
  // The search itself finds what stands in clear.
  const proof = path.join(scratch, 'tmp/proof');
  writeFileSync(proof, `x${MARK.toLowerCase()}x`);
  expect(look().flatMap(({ found }) => found)).toEqual([proof]);
  const files = all.reduce((sum, one) => sum + one.files, 0);
  reportFigure('S9 plain text (app)', { mails: MAILS, drafts: DRAFTS, canaries, files, found: 0 });
});
