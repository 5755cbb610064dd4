import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../../shared/limits.ts';
import type { MessageProblem, MessageView } from '../../../shared/model/message.ts';
import { en } from '../../../renderer/text/en.ts';
import { startImapScript, type ImapScript } from '../../support/imap-script.ts';
import { value } from '../support/enrolled-app.ts';
import { enrolMailbox, mailboxApp, removeMailbox } from '../support/mailbox-app.ts';
import type { RunningApp } from '../support/start-app.ts';

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

const LONG_SUBJECT = `too-long-subject ${'Angebot '.repeat(limits.maxSubjectChars / 4)}`;
const LONG_NAME = `${'langer-name-'.repeat(60)}.pdf`;
const LONG_ADDRESS = `${'a'.repeat(400)}@${'b'.repeat(400)}.example`;
const PEOPLE = limits.maxAddresses + 500;
const everybody = Array.from({ length: PEOPLE }, (_, n) => `Person ${n} <p${n}@example.com>`).join(',\r\n ');
const file = (type: string, name: string, bytes: Buffer, rest = ''): string =>
  `--b\r\nContent-Type: ${type}\r\nContent-Disposition: ${rest === '' ? 'attachment' : 'inline'}; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n${rest}\r\n${bytes.toString('base64').replace(/.{76}/gu, '$&\r\n')}\r\n`;
const mixed = (id: string, text: string, ...files: readonly string[]): string =>
  `${head(id, 'Content-Type: multipart/related; boundary=b\r\n')}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>${text}</p>\r\n${files.join('')}--b--\r\n`;
/** A picture by its first bytes, padded to a size. */
const picture = (sizeBytes: number): Buffer => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(sizeBytes)]);
const shown = (n: number): string => `Content-ID: <p${n}@example.com>\r\n`;

/** One mail beyond each limit of what is shown of it, readable all the same. */
const SHOWN: readonly (readonly [name: string, source: string])[] = [
  ['too-long-subject', `${head('x').replace('Subject: x', `Subject: ${LONG_SUBJECT}`)}\r\nwhat could be read\r\n`],
  ['too-many-people', `${head('too-many-people').replace('To: b@example.com', `To: ${everybody}`)}\r\nwhat could be read\r\n`],
  [
    'too-long-address',
    `${head('too-long-address').replace('From: Anna <anna@example.com>', `From: <${LONG_ADDRESS}>`)}\r\nwhat could be read\r\n`,
  ],
  ['too-long-file-name', mixed('too-long-file-name', 'what could be read', file('application/pdf', LONG_NAME, Buffer.from('%PDF')))],
  [
    'too-large-picture',
    mixed(
      'too-large-picture',
      'what could be read <img src="cid:p0@example.com" alt="too large"><img src="cid:p1@example.com" alt="small">',
      file('image/png', 'a.png', picture(limits.maxInlineImageBytes), shown(0)),
      file('image/png', 'b.png', picture(100), shown(1)),
    ),
  ],
  [
    'too-large-preview',
    mixed('too-large-preview', 'what could be read', file('image/png', 'large.png', picture(limits.maxPreviewAttachmentBytes))),
  ],
];

let imap: ImapScript;
let app: RunningApp;

describe('mail beyond the limits', () => {
  beforeAll(async () => {
    imap = await startImapScript();
    const now = Math.floor(Date.now() / 1000) * 1000;
    [...BEYOND, ...SHOWN].forEach(([, raw], n) => imap.store.get('INBOX').add({ raw, internalDate: now - (n + 1) * HOUR }));
    const toldSize = (answer: Buffer): Buffer => {
      // Sizes are told before bodies are, which are not copied for it.
      if (!answer.includes('RFC822.SIZE')) return answer;
      const text = answer.toString('latin1');
      return Buffer.from(
        text.replace(/(\* 1 FETCH \([^\r\n]*?RFC822\.SIZE )\d+/u, (_, before: string) => `${before}${TOLD_BYTES}`),
        'latin1',
      );
    };
    imap.fault({ command: 'UID FETCH', nth: 'every', action: { rewrite: toldSize } });
    app = await mailboxApp();
    await enrolMailbox(app, imap.port, 'pw-alice');
  });
  afterAll(async () => {
    await removeMailbox(app);
    await imap.close();
  });

  // Within the list and the head of a mail alone: to look through all of its text for them would take seconds.
  const row = (name: string) => app.window.locator('#pane-list [role=option]', { hasText: name }).first();
  const subject = (name: RegExp) => app.window.locator('#pane-reader h2').filter({ hasText: name }).first();
  const rows = async () => {
    const inbox = (await value(app.call('mailboxes.list'))).find((one) => one.role === 'inbox');
    if (!inbox) return [];
    return (await value(app.call('messages.list', { mailboxKey: inbox.key, filter: 'all', offset: 0, limit: 100 }))).rows;
  };

  it('lists every mail beyond a limit, with what could be read of it', async () => {
    const isThere = async () =>
      (await rows())
        .map(({ subject, bodyState }) => `${subject.split(' ')[0]} ${bodyState === 'missing' || bodyState === 'partial' ? 'open' : 'done'}`)
        .sort();
    await expect.poll(isThere, { timeout: 60_000 }).toEqual([...BEYOND, ...SHOWN].map(([name]) => `${name} done`).sort());
    const all = await rows();
    const big = all.find(({ subject }) => subject === 'too-large');
    expect(big).toMatchObject({ bodyState: 'too-large', sizeBytes: TOLD_BYTES });
    expect(imap.commands.filter(({ name, args }) => name === 'UID FETCH' && /^1 .*BODY/u.test(args))).toEqual([]);
  });

  it.each(BEYOND)('says in the reader why %s is not shown whole', async (name, _source, problem, readable) => {
    const { id } = (await rows()).find((one) => one.subject === name)!;
    const view = await value(app.call('messages.open', { entryId: id }));
    expect(view.problems.map(({ code }) => code)).toContain(problem);
    expect(view.from).toEqual([{ name: 'Anna', address: 'anna@example.com' }]);
    if (readable !== null) expect(view.text ?? '').toContain(readable);
    await row(name).click();
    // The mail before may say the same: what counts is said beside this one's subject.
    await subject(new RegExp(`^${name}$`, 'u')).waitFor();
    await app.window.locator('#pane-reader :is(.notice, .blank)').filter({ hasText: en.reader.problems[problem] }).first().waitFor();
  });

  /** What was opened once is not read again: of some it takes seconds. */
  const opened = new Map<string, MessageView>();
  async function open(name: string): Promise<MessageView> {
    await row(name).click();
    await subject(new RegExp(`^${name}`, 'u')).waitFor();
    const { id } = (await rows()).find((one) => one.subject.startsWith(name))!;
    const view = opened.get(name) ?? (await value(app.call('messages.open', { entryId: id })));
    opened.set(name, view);
    return view;
  }

  /** Nothing sticks out of its pane, and the body has room. */
  const layout = () =>
    app.window.evaluate(() => {
      interface Box {
        readonly clientHeight: number;
        readonly clientWidth: number;
        readonly scrollWidth: number;
        getBoundingClientRect(): { readonly right: number };
      }
      const { document, innerWidth } = globalThis as unknown as { document: { querySelector(selector: string): Box }; innerWidth: number };
      const [pane, head, body] = ['#pane-reader', '#pane-reader header', '#pane-reader .body'].map((one) =>
        document.querySelector(one),
      ) as [Box, Box, Box];
      return {
        isWithin:
          pane.getBoundingClientRect().right <= innerWidth + 1 &&
          head.scrollWidth <= head.clientWidth &&
          pane.scrollWidth <= pane.clientWidth,
        hasRoom: body.clientHeight >= 120,
      };
    });

  it.each(SHOWN.map(([name]) => name))('shows %s readable and within its pane', async (name) => {
    const view = await open(name);
    expect(view.html ?? view.text).toContain('what could be read');
    await expect.poll(layout).toEqual({ isWithin: true, hasRoom: true });
  });

  it('does not preview what is too large, and says why', async () => {
    await open('too-large-preview');
    await app.window.getByRole('button', { name: en.attachments.openNamed('large.png') }).click();
    await app.window.getByRole('alert').filter({ hasText: en.errors['message-too-large'].what }).waitFor();
    expect(await app.window.locator('dialog').count()).toBe(0);
  });

  it('cuts what is too long and says how many there are', async () => {
    expect((await open('too-long-subject')).row.subject.length).toBeLessThanOrEqual(limits.maxSubjectChars);
    // Who wrote it stays in sight.
    const [sender, body] = await Promise.all(
      ['#pane-reader dd', '#pane-reader .body'].map((one) => app.window.locator(one).first().boundingBox()),
    );
    expect(sender!.y + sender!.height).toBeLessThan(body!.y);
    // RFC 5321 4.5.3.1: 64 characters, an @ and 255.
    expect((await open('too-long-address')).from[0]?.address).toHaveLength(320);
    expect((await open('too-long-file-name')).attachments[0]?.fileName.length).toBeLessThanOrEqual(limits.maxFileNameChars);
    const { to } = await open('too-many-people');
    expect(to).toHaveLength(limits.maxAddresses);
    await app.window.getByText(en.reader.moreRecipients(limits.maxAddresses - 3)).waitFor();
    await app.window.getByRole('button', { name: en.reader.showDetails, exact: true }).click();
    await app.window.getByText('p1999@example.com').first().waitFor();
    expect(await layout()).toEqual({ isWithin: true, hasRoom: true });
  });

  it('leaves out a picture that is too large, says so, and shows the others', async () => {
    const { inlineImages } = await open('too-large-picture');
    expect(Object.keys(inlineImages)).toEqual(['p1@example.com']);
    await app.window.getByText(en.reader.problems['image-limit']).waitFor();
  });
});
