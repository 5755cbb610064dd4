import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import keytar from 'keytar';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { formsOf, hitsBelow, openToOthers } from '../support/plain-marks.ts';
import { processIds, readProcessFile } from '../support/process-files.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import { isFull } from '../support/this-run.ts';
import { isMirrored, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const MAILS = isFull ? 1000 : 60;
const DRAFTS = 10;
/** Begins all that is written and read in this test, so that one look at a file finds any of it. */
const MARK = 'Xw5nachtigall';
/** What the page must not know either, beside the key of the store. */
const PASSWORDS = {
  primaryImap: 'Xq7primaer-imap',
  primarySmtp: 'Xq7primaer-smtp',
  relayImap: 'Xq7relay-imap',
  relaySmtp: 'Xq7relay-smtp',
};
const CONTROL = 'Xq7stands-in-the-page';
const HOUR = 3_600_000;

const imap: ImapScript[] = [];
const smtp: SmtpScript[] = [];
let scratch: string;
let canaries = 3 + Object.keys(PASSWORDS).length;

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
const look = (secrets: readonly string[] = Object.values(PASSWORDS)) => {
  const forms = [MARK, ...secrets].flatMap((one) => formsOf(one));
  return places().map((place) => hitsBelow(place, forms));
};
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
  for (const side of ['primary', 'relay'] as const) {
    imap.push(await startImapScript({ passwords: { alice: PASSWORDS[`${side}Imap`] } }));
    smtp.push(await startSmtpScript({ passwords: { alice: PASSWORDS[`${side}Smtp`] } }));
  }
  const { store } = imap[0]!;
  for (const [name, specialUse] of Object.entries({ Sent: '\\Sent', Drafts: '\\Drafts' })) store.create(name, { specialUse });
  const now = Math.floor(Date.now() / 1000) * 1000;
  for (let n = 0; n < MAILS; n += 1) store.get('INBOX').add({ raw: mail(n), internalDate: now - (n % 200) * HOUR });
});
afterAll(async () => {
  for (const server of [...imap, ...smtp]) await server.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function enrol(app: RunningApp): Promise<AccountId> {
  const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user: 'alice' });
  const side = (n: 0 | 1) => ({ imap: endpoint(imap[n]!.port), smtp: endpoint(smtp[n]!.port) });
  const secret = (password: string) => ({ type: 'password' as const, password });
  const secrets = {
    primary: { imap: secret(PASSWORDS.primaryImap), smtp: secret(PASSWORDS.primarySmtp) },
    relay: { imap: secret(PASSWORDS.relayImap), smtp: secret(PASSWORDS.relaySmtp) },
  };
  const config = { email: 'alice@example.com', primary: side(0), relay: side(1), continuity: { undoSendSeconds: 0 } };
  return (await value(app.call('accounts.enrol', { config, secrets }))).id;
}

async function write(app: RunningApp, accountId: AccountId, n: number, isSent: boolean): Promise<void> {
  canaries += 2;
  const draft = await value(app.call('compose.start', { kind: 'new', accountId, mailto: null }));
  const to = [{ name: '', address: `${MARK}to@example.com` }];
  const content = { ...draft.content, to, subject: `${MARK}draft${n}`, html: `<p>${MARK}words${n}</p>` };
  const { version } = await value(app.call('drafts.save', { draftId: draft.id, version: draft.version, content }));
  if (isSent) await value(app.call('drafts.send', { draftId: draft.id, version }));
}

/** Everything a person does with mail: opens it with its attachments, searches, writes, saves, sends. */
async function use(app: RunningApp): Promise<void> {
  const id = await enrol(app);
  await expect.poll(() => isMirrored(app), { timeout: 60_000 }).toBe(true);
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
  for (let n = 0; n < DRAFTS; n += 1) await write(app, id, n, n % 2 === 0);
  await expect.poll(() => smtp[0]!.mails.length, { timeout: 20_000 }).toBe(DRAFTS / 2);
}

/** With the secrets from the keyring: sends, and looks at the view in which an account is told. */
async function useAgain(app: RunningApp): Promise<void> {
  await expect.poll(() => isMirrored(app), { timeout: 60_000 }).toBe(true);
  const [account] = await value(app.call('accounts.list'));
  await write(app, account!.id, DRAFTS, true);
  await expect.poll(() => smtp[0]!.mails.length, { timeout: 20_000 }).toBe(DRAFTS / 2 + 1);
  await app.window.keyboard.press('Control+Comma');
  await app.window.getByText('alice@example.com').first().waitFor();
}

/** The page's whole heap, as the debugger gives it. */
async function heapOf(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const pieces: Buffer[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => pieces.push(Buffer.from(chunk)));
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return Buffer.concat(pieces);
}

/** A process and all that it has started, itself first. */
function processesOf(pid: number): number[] {
  const parents = processIds().map((id) => [id, Number(/\) \S (\d+)/.exec(readProcessFile(id, 'stat')?.toString() ?? '')?.[1])] as const);
  const found = [pid];
  for (const one of found) found.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child));
  return found;
}

/** No secret is in the page, nor in a command line or an environment of the app's processes. */
async function expectKept(app: RunningApp, secrets: readonly string[]): Promise<{ processes: number; heapMb: number }> {
  const forms = secrets.flatMap((one) => formsOf(one));
  const held = (bytes: Buffer): number => forms.filter((form) => bytes.includes(form)).length;
  await app.window.evaluate(`globalThis.control = ['${CONTROL.slice(0, 9)}', '${CONTROL.slice(9)}'].join('')`);
  const heap = await heapOf(app.window);
  const isFound = formsOf(CONTROL).some((form) => heap.includes(form));
  expect(isFound, 'what stands in the page is found').toBe(true);
  expect(held(heap), 'in the heap of the page').toBe(0);
  let processes = 0;
  for (const pid of processesOf(app.electron.process().pid ?? 0)) {
    const texts = (['cmdline', 'environ'] as const).map((what) => readProcessFile(pid, what));
    for (const text of texts) expect(text === null ? 0 : held(text), 'in the command line or the environment of a process').toBe(0);
    if (!texts.includes(null)) processes += 1;
  }
  expect(processes).toBeGreaterThan(3);
  return { processes, heapMb: Math.round(heap.length / 2 ** 20) };
}

it('leaves nothing readable: while it runs, as a kill leaves it, and after the end (S9); no secret is in a command line, an environment or the page (E11)', async () => {
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
  await useAgain(second);
  const { id } = JSON.parse(readFileSync(path.join(scratch, 'profile/profile.json'), 'utf8')) as { id: string };
  const storeKey = (await keytar.getPassword('Holdover', `store-key:${id}`)) ?? '';
  expect(storeKey.length).toBeGreaterThan(20);
  const secrets = [...Object.values(PASSWORDS), storeKey];
  const kept = await expectKept(second, secrets);
  const again = look(secrets);
  await second.quit();
  const quit = look(secrets);
  const all = [...running, ...killed, ...again, ...quit];
  expect(all.flatMap(({ found }) => found)).toEqual([]);
  expect([...openWhileRunning, ...openToOthers(path.join(scratch, 'profile'))]).toEqual([]);
  // The search itself finds what stands in clear.
  const proof = path.join(scratch, 'tmp/proof');
  writeFileSync(proof, `x${MARK.toLowerCase()}x`);
  expect(look().flatMap(({ found }) => found)).toEqual([proof]);
  const files = all.reduce((sum, one) => sum + one.files, 0);
  reportFigure('S9 plain text (app)', { mails: MAILS, drafts: DRAFTS + 1, canaries, files, found: 0 });
  reportFigure('E11 secrets', { canaries: secrets.length, ...kept, found: 0 });
});
