import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { exchangeCapabilities, exchangeMailboxesGerman, startExchangeFace, type ExchangeFace } from '../support/exchange-face.ts';
import { estimateOf } from '../support/exchange-face/ledger.ts';
import { exchangeForm } from '../support/exchange-form.ts';
import { tokenItems, tokenText } from '../support/imap-tokens.ts';
import { buildMail } from '../support/mail-builder.ts';
import { SecondClient } from '../support/second-client.ts';

let server: Dovecot;
let face: ExchangeFace;
let client: SecondClient;
let direct: SecondClient;
beforeAll(async () => {
  server = await startDovecot({ users: ['alice'], mailboxes: exchangeMailboxesGerman, capabilities: exchangeCapabilities });
  face = await startExchangeFace({ upstreamPort: server.imapPort });
  client = await SecondClient.connect({ port: face.port, user: 'alice', password: server.user('alice').password });
  direct = await server.connect();
});
afterAll(async () => {
  await client.close();
  await direct.close();
  await face.close();
  await server.dispose();
});

/** What FETCH tells of a message by name, sources as buffers. */
async function fetched(of: SecondClient, uid: number, items: string): Promise<Record<string, string>> {
  const { untagged } = await of.run(`UID FETCH ${uid} (${items})`);
  const list = tokenItems(untagged.find((one) => tokenText(one[1]) === 'FETCH')?.[2]);
  return Object.fromEntries(list.flatMap((one, n) => (n % 2 === 0 ? [[tokenText(one), tokenText(list[n + 1])]] : [])));
}

const mail = (subject: string, text = 'Some text.\n') => buildMail({ subject, text, html: `<p>${text}</p>` });
const sizeOf = async (uid: number, of = client): Promise<number> => Number((await fetched(of, uid, 'RFC822.SIZE'))['RFC822.SIZE']);

describe('a server that looks like Exchange', () => {
  it('offers what Exchange does, and mailboxes without a use', async () => {
    const { untagged } = await client.run('CAPABILITY');
    expect(untagged[0]!.slice(1).map(tokenText)).toEqual(exchangeCapabilities);
    const list = await client.list();
    expect(list.map((one) => one.path).sort()).toEqual(['INBOX', ...exchangeMailboxesGerman.map((one) => one.path)].sort());
    expect(list.flatMap((one) => one.attributes).filter((one) => !/children$/i.test(one))).toEqual([]);
    const { untagged: selected } = await client.run('SELECT INBOX');
    expect(selected.flatMap((one) => one.map(tokenText)).join(' ')).not.toContain('MODSEQ');
  });

  it('keeps what is appended in its own form, with a literal that waits and one that does not, and in a mailbox named by a literal', async () => {
    const one = mail('one');
    const before = face.appended;
    await client.append('Entwürfe', one, { flags: ['\\Draft'] });
    await client.run(`APPEND "Archiv" (\\Seen) {${one.length}+}\r\n${one.toString('latin1')}`);
    await client.run('APPEND ', Buffer.from('Archiv'), ' (\\Seen) ', one);
    expect(face.appended - before).toBe(3);
    for (const [path, count] of [
      ['Entwürfe', 1],
      ['Archiv', 2],
    ] as const) {
      await direct.select(path);
      const uids = await direct.uids();
      expect(uids).toHaveLength(count);
      for (const uid of uids) expect((await fetched(direct, uid, 'BODY.PEEK[]'))['BODY[]']).toBe(exchangeForm(one).toString('latin1'));
    }
    const refused = await client.attempt(['APPEND "None such" ', one]);
    expect([refused.status, refused.text]).toEqual(['NO', expect.stringContaining('TRYCREATE')]);
  });

  it('tells an estimate of the size until the message has been fetched whole, and of a copy again', async () => {
    const form = exchangeForm(mail('RFC822.SIZE 17 UID 9'));
    const uid = (await direct.append('INBOX', form))!;
    await client.select('INBOX');
    expect(await sizeOf(uid)).toBe(estimateOf(form.length));
    const both = await fetched(client, uid, 'ENVELOPE BODY.PEEK[HEADER] RFC822.SIZE');
    expect([both['RFC822.SIZE'], both['BODY[HEADER]']]).toEqual([
      `${estimateOf(form.length)}`,
      expect.stringContaining('Subject: RFC822.SIZE 17 UID 9'),
    ]);
    expect((await fetched(client, uid, 'BODY.PEEK[]'))['BODY[]']).toBe(form.toString('latin1'));
    expect(await sizeOf(uid)).toBe(form.length);
    await client.move([uid], 'Archiv');
    await client.select('Archiv');
    const moved = (await client.uids()).at(-1)!;
    expect(await sizeOf(moved)).toBe(estimateOf(form.length));
    await client.select('INBOX');
  });

  it.each([
    ['the last of which is shorter than asked', 1000],
    ['of which one covers it to the byte', null],
  ])('knows a message by slices %s', async (_, length) => {
    const noise = createHash('sha512').update('noise').digest('hex').repeat(30);
    const form = exchangeForm(mail('large', noise));
    const uid = (await direct.append('INBOX', form))!;
    await client.select('INBOX');
    const step = length ?? form.length;
    expect(await sizeOf(uid)).toBe(estimateOf(form.length));
    for (let at = 0; at < form.length; at += step) {
      expect(await sizeOf(uid)).toBe(estimateOf(form.length));
      await client.run(`UID FETCH ${uid} (BODY.PEEK[]<${at}.${step}>)`);
    }
    expect(await sizeOf(uid)).toBe(form.length);
    expect(face.known).toBeGreaterThan(0);
  });
});
