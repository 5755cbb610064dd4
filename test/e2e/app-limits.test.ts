import { afterAll, beforeAll, expect, it } from 'vitest';
import { limits } from '../../shared/limits.ts';
import type { MessageProblem } from '../../shared/model/message.ts';
import { en } from '../../renderer/text/en.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { value } from './support/enrolled-app.ts';
import { startApp, type RunningApp } from './support/start-app.ts';

const HOUR = 3_600_000;
/** Told by the server of one mail; nobody could send so much in a test. */
const TOLD_BYTES = limits.maxSourceBytes + 1;

const head = (id: string, rest = ''): string =>
  `From: Anna <anna@example.com>\r\nTo: b@example.com\r\nSubject: ${id}\r\nMessage-ID: <${id}@example.com>\r\nDate: Tue, 1 Apr 2025 10:00:00 +0200\r\nMIME-Version: 1.0\r\n${rest}`;

function nested(depth: number): string {
  let source = '';
  for (let n = 0; n < depth; n += 1) source += `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`;
  return `${source}Content-Type: text/plain\r\n\r\nat the bottom\r\n`;
}
const parts = (count: number): string =>
  `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwhat could be read\r\n${'--b\r\nContent-Type: application/x-y; name=p.bin\r\n\r\nx\r\n'.repeat(count)}--b--\r\n`;

/** One mail beyond each named limit: what it is called, its source, the problem, and what of it can be read all the same. */
const BEYOND: readonly (readonly [name: string, source: string, problem: MessageProblem['code'], readable: string | null])[] = [
  ['too-large', `${head('too-large')}\r\nnever fetched\r\n`, 'size-limit', null],
  ['too-deep', head('too-deep', nested(limits.maxMimeDepth + 50)), 'depth-limit', null],
  ['too-many-parts', head('too-many-parts', parts(limits.maxMimeParts + 50)), 'part-limit', 'what could be read'],
  [
    'too-many-headers',
    `${head('too-many-headers', 'X-A: b\r\n'.repeat(limits.maxHeaderLines + 500))}\r\nwhat could be read\r\n`,
    'header-limit',
    'what could be read',
  ],
  [
    'header-too-long',
    `${head('header-too-long', `X-Long: ${'x'.repeat(limits.maxHeaderBytes + 1000)}\r\n`)}\r\nwhat could be read\r\n`,
    'header-limit',
    'what could be read',
  ],
  [
    'too-much-text',
    `${head('too-much-text')}\r\n${'what could be read, '.repeat(limits.maxTextChars / 15)}\r\n`,
    'text-limit',
    'what could be read',
  ],
];

let imap: ImapScript;
let app: RunningApp;

beforeAll(async () => {
  imap = await startImapScript();
  const now = Math.floor(Date.now() / 1000) * 1000;
  BEYOND.forEach(([, raw], n) => imap.store.get('INBOX').add({ raw, internalDate: now - (n + 1) * HOUR }));
  const toldSize = (answer: Buffer): Buffer =>
    Buffer.from(
      answer.toString('latin1').replace(/(\* 1 FETCH \([^\r\n]*?RFC822\.SIZE )\d+/u, (_, before: string) => `${before}${TOLD_BYTES}`),
      'latin1',
    );
  imap.fault({ command: 'UID FETCH', nth: 'every', action: { rewrite: toldSize } });
  app = await startApp();
  app.window.setDefaultTimeout(15_000);
  const endpoint = { host: '127.0.0.1', port: imap.port, security: 'plain' as const, user: 'alice' };
  const secret = { imap: { type: 'password' as const, password: 'pw-alice' } };
  const config = { email: 'alice@example.com', primary: { imap: endpoint, smtp: null }, relay: null };
  await value(app.call('accounts.enrol', { config, secrets: { primary: secret, relay: null } }));
});
afterAll(async () => {
  await app.dispose();
  await imap.close();
});

const rows = async () => {
  const inbox = (await value(app.call('mailboxes.list'))).find((one) => one.role === 'inbox');
  if (!inbox) return [];
  return (await value(app.call('messages.list', { mailboxKey: inbox.key, filter: 'all', offset: 0, limit: 100 }))).rows;
};

it('lists every mail beyond a limit, with what could be read of it', async () => {
  const isThere = async () =>
    (await rows())
      .map(({ subject, bodyState }) => `${subject} ${bodyState === 'missing' || bodyState === 'partial' ? 'open' : 'done'}`)
      .sort();
  await expect.poll(isThere, { timeout: 60_000 }).toEqual(BEYOND.map(([name]) => `${name} done`).sort());
  const all = await rows();
  const big = all.find(({ subject }) => subject === 'too-large');
  expect(big).toMatchObject({ bodyState: 'too-large', sizeBytes: TOLD_BYTES });
  expect(imap.commands.filter(({ name, args }) => name === 'UID FETCH' && /^1 .*BODY/u.test(args))).toEqual([]);
});

it.each(BEYOND)('says in the reader why %s is not shown whole', async (name, _source, problem, readable) => {
  const row = (await rows()).find(({ subject }) => subject === name)!;
  const view = await value(app.call('messages.open', { entryId: row.id }));
  expect(view.problems.map(({ code }) => code)).toContain(problem);
  expect(view.from).toEqual([{ name: 'Anna', address: 'anna@example.com' }]);
  if (readable !== null) expect(view.text ?? '').toContain(readable);
  await app.window
    .getByRole('option', { name: new RegExp(name, 'u') })
    .first()
    .click();
  // The mail before may say the same: what counts is said beside this one's subject.
  await app.window.getByRole('heading', { name, exact: true }).first().waitFor();
  await app.window.getByText(en.reader.problems[problem], { exact: true }).first().waitFor();
});
