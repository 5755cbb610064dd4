import { afterEach, expect, it } from 'vitest';
import { MAX_BODY_ATTEMPTS } from '../../main/engine/mirror/body-fetch.ts';
import { openMessage, readSource } from '../../main/engine/read/read-message.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { asOtherMail, editFetchAnswer } from '../support/fetch-answer.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';
import { profileMail } from '../support/script-profile.ts';

const DAY_MS = 86_400_000;

let server: ImapScript;
let rig: EngineRig;
afterEach(async () => {
  await rig.close();
  await server.close();
});

/** What a server sends of the mail `b`, whose head it answers rightly in summaries. */
async function mirrorWith(edit: (line: string) => string, isOf: (args: string) => boolean, of = profileMail('b')): Promise<void> {
  server = await startImapScript();
  const at = Math.floor(Date.now() / 1000) * 1000 - DAY_MS;
  for (const raw of [profileMail('a'), of, profileMail('c')]) server.store.get('INBOX').add({ raw, internalDate: at });
  const rewrite = (answer: Buffer): Buffer => editFetchAnswer(answer, (part) => (part.includes('UID 2 ') ? edit(part) : part));
  server.fault({ command: 'UID FETCH', nth: 'every', action: ({ args }) => (isOf(args) ? { rewrite } : 'pass') });
  rig = await EngineRig.open({ primary: { port: server.port, user: 'alice', password: 'pw-alice' } });
  await rig.mirror();
  await rig.mirror();
}

const isSource = (args: string): boolean => args.includes('BODY.PEEK[]');
const isHead = (args: string): boolean => args.includes('BODY.PEEK[HEADER]');

it.each([
  ['its head is answered rightly', isSource],
  ['its head is that of the other mail, too', (args: string) => isSource(args) || isHead(args)],
])('the source of another mail is not stored where %s', async (_how, isOf) => {
  await mirrorWith(asOtherMail, isOf);
  const rows = rig.rows('INBOX');
  expect(rows.map(({ subject, bodyState }) => [subject, bodyState]).sort()).toEqual([
    ['subject a', 'complete'],
    ['subject b', 'missing'],
    ['subject c', 'complete'],
  ]);
  const { store, deps } = rig.engine;
  const wrong = rows.find((one) => one.subject === 'subject b')!;
  expect((await openMessage(store, deps.ingest, wrong.id)).problems.map(({ code }) => code)).toContain('not-downloaded');
  expect(store.placements.countMissing(rig.accountId, 'primary', MAX_BODY_ATTEMPTS).missing).toBe(0);
});

it('a source whose Message-ID the server reads in another way is stored', async () => {
  const odd = profileMail('b').replace('Message-ID: <b@example.com>', 'Message-ID: (comment) <b\r\n @example.com> <more@example.com>');
  // As a server with a parser of its own has it in its summaries.
  await mirrorWith(
    (line) => line.replace(/"[^"]*@example\.com>[^"]*"(?=\)? )/u, '"<b@example.com>"'),
    (args) => args.includes('ENVELOPE'),
    odd,
  );
  const row = rig.rows('INBOX').find((one) => one.subject === 'subject b')!;
  expect(row.bodyState).toBe('complete');
  expect(readSource(rig.engine.store, row.id).text).toBe(odd);
});
