import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import keytar from 'keytar';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportFigure } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { formsOf, hitsBelow } from '../support/plain-marks.ts';
import { processIds, readProcessFile } from '../support/process-files.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { isMirrored, value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

/** The canaries of bar E11, beside the key of the store. */
const PASSWORDS = {
  primaryImap: 'Xq7primaer-imap',
  primarySmtp: 'Xq7primaer-smtp',
  relayImap: 'Xq7relay-imap',
  relaySmtp: 'Xq7relay-smtp',
};
const CONTROL = 'Xq7stands-in-the-page';

let profile: string;
const imap: ImapScript[] = [];
const smtp: SmtpScript[] = [];

beforeAll(async () => {
  profile = mkdtempSync(path.join(tmpdir(), 'holdover-secrets-'));
  for (const side of ['primary', 'relay'] as const) {
    imap.push(await startImapScript({ passwords: { alice: PASSWORDS[`${side}Imap`] } }));
    smtp.push(await startSmtpScript({ passwords: { alice: PASSWORDS[`${side}Smtp`] } }));
  }
  imap[0]!.store.get('INBOX').add({ raw: 'From: b@example.com\r\nSubject: one\r\nMessage-ID: <1@example.com>\r\n\r\nx\r\n' });
});
afterAll(async () => {
  for (const server of [...imap, ...smtp]) await server.close();
  rmSync(profile, { recursive: true, force: true });
});

async function enrol(app: RunningApp): Promise<void> {
  const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user: 'alice' });
  const side = (n: 0 | 1) => ({ imap: endpoint(imap[n]!.port), smtp: endpoint(smtp[n]!.port) });
  const secret = (password: string) => ({ type: 'password' as const, password });
  const secrets = {
    primary: { imap: secret(PASSWORDS.primaryImap), smtp: secret(PASSWORDS.primarySmtp) },
    relay: { imap: secret(PASSWORDS.relayImap), smtp: secret(PASSWORDS.relaySmtp) },
  };
  const config = { email: 'alice@example.com', primary: side(0), relay: side(1), continuity: { undoSendSeconds: 0 } };
  await value(app.call('accounts.enrol', { config, secrets }));
}

/** Opens, writes and sends, and looks at every view in which an account is told. */
async function use(app: RunningApp): Promise<void> {
  await expect.poll(() => isMirrored(app), { timeout: 60_000 }).toBe(true);
  const [account] = await value(app.call('accounts.list'));
  const draft = await value(app.call('compose.start', { kind: 'new', accountId: account!.id, mailto: null }));
  const content = { ...draft.content, to: [{ name: '', address: 'c@example.com' }], subject: 's', html: '<p>x</p>' };
  const { version } = await value(app.call('drafts.save', { draftId: draft.id, version: draft.version, content }));
  await value(app.call('drafts.send', { draftId: draft.id, version }));
  await expect.poll(() => smtp[0]!.mails.length, { timeout: 20_000 }).toBe(1);
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

it('no secret is in a command line, an environment, a file or the page (E11)', async () => {
  const first = await startApp({ profile });
  await enrol(first);
  await use(first);
  await first.quit();

  const app = await startApp({ profile });
  await use(app);
  const { id } = JSON.parse(readFileSync(path.join(profile, 'profile.json'), 'utf8')) as { id: string };
  const storeKey = (await keytar.getPassword('Holdover', `store-key:${id}`)) ?? '';
  expect(storeKey.length).toBeGreaterThan(20);
  const canaries = { ...PASSWORDS, storeKey };
  const forms = Object.values(canaries).flatMap((one) => formsOf(one));
  const held = (bytes: Buffer): number => forms.filter((form) => bytes.includes(form)).length;

  await app.window.evaluate(`globalThis.control = ['${CONTROL.slice(0, 9)}', '${CONTROL.slice(9)}'].join('')`);
  const heap = await heapOf(app.window);
  expect(
    formsOf(CONTROL).some((form) => heap.includes(form)),
    'what stands in the page is found',
  ).toBe(true);
  expect(held(heap), 'in the heap of the page').toBe(0);

  const processes = processesOf(app.electron.process().pid ?? 0);
  let read = 0;
  for (const pid of processes) {
    const texts = (['cmdline', 'environ'] as const).map((what) => readProcessFile(pid, what));
    for (const text of texts) expect(text === null ? 0 : held(text), 'in the command line or the environment of a process').toBe(0);
    if (!texts.includes(null)) read += 1;
  }
  expect(read).toBeGreaterThan(3);
  const own = hitsBelow(profile, forms);
  expect(own.found).toEqual([]);
  await app.quit();
  expect(hitsBelow(profile, forms).found).toEqual([]);
  reportFigure('E11 secrets', {
    ...{ canaries: Object.keys(canaries).length, processes: read, files: own.files },
    ...{ heapMb: Math.round(heap.length / 2 ** 20), found: 0 },
  });
});
