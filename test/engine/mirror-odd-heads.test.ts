import { createHash } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { MAX_BODY_ATTEMPTS } from '../../main/engine/mirror/body-fetch.ts';
import { openMessage, readWhole } from '../../main/engine/read/read-message.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { reportFigure } from '../support/figures.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';

const LOGIN = { user: 'alice', password: 'pw-alice' };
const MIB = 1024 * 1024;
const HOUR = 3_600_000;

let server: ImapScript;
let rig: EngineRig;
afterEach(async () => {
  await rig.close();
  await server.close();
});

const head = (...lines: string[]): string =>
  ['From: A <a@example.com>', 'To: b@example.org', ...lines].map((line) => `${line}\r\n`).join('');
const BODY = '\r\nHello\r\n';
const DATE = 'Date: Wed, 01 Jan 2025 10:00:00 +0000';

/** Sixty megabytes of base64: what a scanner sends. */
function large(): Buffer {
  const line = `${'QUJD'.repeat(19)}\r\n`;
  const begin = head('Subject: large', 'Message-ID: <large@example.com>', DATE, 'Content-Type: application/octet-stream; name=scan.bin');
  return Buffer.concat([
    Buffer.from(`${begin}Content-Transfer-Encoding: base64\r\n\r\n`),
    Buffer.from(line.repeat(Math.ceil((60 * MIB) / line.length))),
  ]);
}

const ODD: Readonly<Record<string, string | Buffer>> = {
  'no Message-ID': head('Subject: s', DATE) + BODY,
  'no Message-ID either, another text': `${head('Subject: s', DATE)}\r\nHello you\r\n`,
  'the same Message-ID, once': `${head('Subject: s1', 'Message-ID: <same@example.com>', DATE)}\r\nOne\r\n`,
  'the same Message-ID, again': `${head('Subject: s2', 'Message-ID: <same@example.com>', DATE)}\r\nTwo\r\n`,
  'the same bytes, once': head('Subject: twin', 'Message-ID: <twin@example.com>', DATE) + BODY,
  'the same bytes, again': head('Subject: twin', 'Message-ID: <twin@example.com>', DATE) + BODY,
  'two Message-IDs in one head': head('Subject: s', 'Message-ID: <m1@example.com>', 'Message-ID: <m2@example.com>', DATE) + BODY,
  'a Message-ID of 20 KB': head('Subject: s', `Message-ID: <${'x'.repeat(20_480)}@example.com>`, DATE) + BODY,
  'a blank Message-ID': head('Subject: s', 'Message-ID: ', DATE) + BODY,
  'a Message-ID without brackets': head('Subject: s', 'Message-ID: bare id@example.com', DATE) + BODY,
  'no Date': head('Subject: s', 'Message-ID: <d0@example.com>') + BODY,
  'a Date that is none': head('Subject: s', 'Message-ID: <d1@example.com>', 'Date: yesterday at noon') + BODY,
  'the year 1': head('Subject: s', 'Message-ID: <d2@example.com>', 'Date: Mon, 01 Jan 0001 00:00:00 +0000') + BODY,
  'the year 9999': head('Subject: s', 'Message-ID: <d3@example.com>', 'Date: Fri, 31 Dec 9999 23:59:59 +0000') + BODY,
  'no header field': '\r\nOnly a body\r\n',
  'no colon anywhere': 'just words\r\nand more words\r\n',
  'an empty line': '\r\n',
  'no byte': '',
  'sixty megabytes': large(),
};

it('M6 odd Message-IDs, dates, heads and sizes are each listed once, in the order of arrival', { timeout: 120_000 }, async () => {
  const kinds = Object.keys(ODD);
  const arrived = Math.floor(Date.now() / 1000) * 1000 - kinds.length * HOUR;
  server = await startImapScript();
  for (const [n, kind] of kinds.entries()) server.store.get('INBOX').add({ raw: ODD[kind]!, internalDate: arrived + n * HOUR });
  rig = await EngineRig.open({ primary: { port: server.port, ...LOGIN } });
  const { store, deps } = rig.engine;
  for (let look = 0; look < 2; look += 1) {
    await rig.mirror();
    const rows = rig.rows('INBOX');
    const uids = rows.map((row) => rig.placements(row.id).map(({ uid }) => uid as number));
    // Newest first, by when the server got it: Date headers have no say in it.
    expect(uids, `look ${look}`).toEqual(kinds.map((_, n) => [kinds.length - n]));
    expect(rows.map((row) => row.internalDate)).toEqual(kinds.map((_, n) => arrived + (kinds.length - 1 - n) * HOUR));
    expect(rows.filter((row) => row.bodyState !== 'complete').map(({ id }) => id)).toEqual([]);
    expect(store.placements.countMissing(rig.accountId, 'primary', MAX_BODY_ATTEMPTS)).toEqual({ present: kinds.length, missing: 0 });
  }
  for (const [n, row] of rig.rows('INBOX').reverse().entries()) {
    const kind = kinds[n]!;
    const stored = createHash('sha256');
    for (const piece of readWhole(store, row.id)) stored.update(piece);
    expect(stored.digest('hex'), kind).toBe(createHash('sha256').update(ODD[kind]!).digest('hex'));
    if (kind === 'sixty megabytes') continue;
    const view = await openMessage(store, deps.ingest, row.id);
    if (/Date|year/u.test(kind)) expect(view.row.sentDate === null || Math.abs(view.row.sentDate) < 8.64e15, kind).toBe(true);
    if (/^no (Date|Message-ID|header|colon|byte)/u.test(kind)) expect(view.problems.length, kind).toBeGreaterThan(0);
  }
  const fetched = server.commands.filter(({ name, args }) => name === 'UID FETCH' && /BODY\.PEEK\[\]<0\./u.test(args));
  expect(fetched).toHaveLength(1);
  reportFigure('M6 odd heads', {
    mails: kinds.length,
    listedOnce: kinds.length,
    largestMib: Math.round((ODD['sixty megabytes'] as Buffer).length / MIB),
  });
});
