import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { gmailCapabilities, gmailMailboxes, gmailNames, startGmailFace, type GmailFace } from '../support/gmail-face.ts';
import { isAtom, tokenItems, tokenText } from '../support/imap-tokens.ts';
import { buildMail } from '../support/mail-builder.ts';
import { SecondClient } from '../support/second-client.ts';

/** The test double itself: it does what Gmail does. */

let server: Dovecot;
let face: GmailFace;
let client: SecondClient;
let user = '';
let next = 0;
beforeAll(async () => {
  const users = Array.from({ length: 20 }, (_, n) => `user${n}`);
  const mailboxes = [...gmailMailboxes(gmailNames), { path: 'Projects' }];
  server = await startDovecot({ users, mailboxes, capabilities: gmailCapabilities });
  face = await startGmailFace({ dovecot: server, names: gmailNames });
});
afterAll(async () => {
  await face.close();
  await server.dispose();
});
beforeEach(async () => {
  user = `user${next++}`;
  client = await SecondClient.connect({ port: face.port, user, password: server.user(user).password });
});
afterEach(async () => {
  face.set();
  await client.close();
});

const { all, trash, sent, starred, drafts } = gmailNames;
const mail = (subject: string, text = 'Some text.\n') => buildMail({ subject, text, messageId: `<${subject}@example.org>` });

/** Every mailbox that shows a mail, with its flags and its number. */
async function places(subject: string): Promise<{ at: string[]; numbers: string[] }> {
  const at: string[] = [];
  const numbers = new Set<string>();
  for (const { path, attributes } of await client.list()) {
    if (attributes.some((one) => /noselect/i.test(one))) continue;
    await client.select(path, { readOnly: true });
    for (const uid of await client.uids(`HEADER Subject "${subject}"`)) {
      const { untagged } = await client.run(`UID FETCH ${uid} (FLAGS X-GM-MSGID)`);
      const items = tokenItems(untagged.find((one) => isAtom(one[1], 'FETCH'))?.[2]);
      const of = (name: string) => items[items.findIndex((one) => isAtom(one, name)) + 1];
      const flags = tokenItems(of('FLAGS')).map(tokenText);
      at.push([path, ...flags.filter((flag) => flag !== '\\Recent').sort()].join(' '));
      numbers.add(tokenText(of('X-GM-MSGID')));
    }
  }
  return { at: at.sort(), numbers: [...numbers] };
}

const at = async (subject: string): Promise<string[]> => (await places(subject)).at;
const inbox = async (subject: string): Promise<number[]> => {
  await client.select('INBOX');
  return client.uids(`HEADER Subject "${subject}"`);
};

describe('a server that looks like Gmail', () => {
  it('offers what Gmail does, and names the uses of its mailboxes in every LIST', async () => {
    await face.deliver(user, mail('first'), ['INBOX']);
    const { untagged } = await client.run('CAPABILITY');
    expect(untagged[0]!.slice(1).map(tokenText)).toEqual(gmailCapabilities);
    const list = new Map((await client.list()).map((one) => [one.path, one.attributes.join(' ')]));
    expect(list.get('[Gmail]')).toMatch(/\\Noselect/i);
    expect([list.get(all), list.get(trash), list.get(starred)]).toEqual([
      expect.stringContaining('\\All'),
      expect.stringContaining('\\Trash'),
      expect.stringContaining('\\Flagged'),
    ]);
  });

  it('shows a mail in each of its labels and in All Mail, as one message', async () => {
    await face.deliver(user, mail('one'), ['INBOX', 'Projects']);
    const { at: found, numbers } = await places('one');
    expect([found, numbers]).toEqual([['INBOX', 'Projects', all], [expect.stringMatching(/^\d{15,20}$/)]]);
  });

  it('shows flags set in one mailbox in all, and a flagged mail in Starred', async () => {
    await face.deliver(user, mail('flags'), ['INBOX']);
    await client.store(await inbox('flags'), '+', ['\\Seen', '\\Flagged']);
    expect(await at('flags')).toEqual(['INBOX \\Flagged \\Seen', `${all} \\Flagged \\Seen`, `${starred} \\Flagged \\Seen`].sort());
    await client.store(await inbox('flags'), '-', ['\\Flagged']);
    expect(await at('flags')).toEqual(['INBOX \\Seen', `${all} \\Seen`]);
  });

  it('takes the label alone on expunge and on move, and everything on a move to the Trash', async () => {
    await face.deliver(user, mail('moved'), ['INBOX', 'Projects']);
    const known = (await places('moved')).numbers;
    await client.move(await inbox('moved'), all);
    expect(await places('moved')).toEqual({ at: ['Projects', all].sort(), numbers: known });
    await client.select(all);
    await client.copy(await client.uids(), 'INBOX');
    expect(await at('moved')).toEqual(['INBOX', 'Projects', all]);
    await client.expunge(await inbox('moved'));
    expect(await at('moved')).toEqual(['Projects', all].sort());
    await client.select('Projects');
    await client.move(await client.uids(), trash);
    expect(await places('moved')).toEqual({ at: [trash], numbers: known });
    await client.select(trash);
    await client.move(await client.uids(), 'INBOX');
    expect(await at('moved')).toEqual(['INBOX', all]);
  });

  it.each([
    ['archive', [all]],
    ['trash', [trash]],
    ['delete', []],
  ] as const)('does with what was expunged everywhere as it is set: %s', async (lastExpunge, left) => {
    face.set({ lastExpunge, autoExpunge: lastExpunge !== 'trash' });
    await face.deliver(user, mail('last'), ['INBOX']);
    const uids = await inbox('last');
    await client.store(uids, '+', ['\\Deleted']);
    expect(await at('last')).toEqual(lastExpunge === 'trash' ? ['INBOX \\Deleted', all] : left);
    await inbox('last');
    await client.run('UID EXPUNGE 1');
    expect(await at('last')).toEqual(left);
  });

  it('removes from the Trash for good, and from All Mail into the Trash', async () => {
    await face.deliver(user, mail('bin'), ['INBOX']);
    await client.select(all);
    await client.expunge(await client.uids());
    expect(await at('bin')).toEqual([trash]);
    await client.select(trash);
    await client.expunge(await client.uids());
    expect(await at('bin')).toEqual([]);
  });

  it('files a message that is there a second time as a label of it', async () => {
    await client.append(drafts, mail('twice'), { flags: ['\\Draft'] });
    const first = await places('twice');
    const uid = await client.append(sent, mail('twice'));
    expect(await places('twice')).toEqual({
      at: [`${all} \\Draft`, `${drafts} \\Draft`, `${sent} \\Draft`].sort(),
      numbers: first.numbers,
    });
    await client.select(sent);
    expect(await client.uids()).toEqual([uid]);
    face.set({ same: 'message-id' });
    await client.append('INBOX', mail('twice', 'Another text.\n'));
    expect((await places('twice')).numbers).toEqual(first.numbers);
    face.set({ same: 'none' });
    await client.append('INBOX', mail('twice'));
    expect((await places('twice')).numbers).toHaveLength(2);
  });

  it('keeps Sent Mail and All Mail when something is moved out of them', async () => {
    await face.deliver(user, mail('sent'), [sent], { flags: ['\\Seen'] });
    await client.select(sent);
    await client.move(await client.uids(), 'Projects');
    expect(await at('sent')).toEqual(['Projects \\Seen', `${all} \\Seen`, `${sent} \\Seen`].sort());
  });
});
