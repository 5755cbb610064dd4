import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { allCapabilities, without } from '../support/imap-script.ts';
import { ScriptFixture } from '../support/imap-script/fixture.ts';
import { readSnapshot } from '../support/dovecot-snapshot.ts';
import { tlsIdentity } from '../support/tls.ts';

const raw = (n: number): string =>
  `From: "A, B" <a@example.com>\r\nTo: c@example.org\r\nSubject: n ${n}\r\nMessage-ID: <${n}@example.com>\r\nDate: Wed, 01 Jan 2025 10:00:00 +0000\r\n\r\nLine ${n}\r\n`;
const mixed =
  'From: a@example.com\r\nSubject: parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b 1"\r\n\r\npreamble\r\n--b 1\r\n' +
  'Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n--b 1\r\nContent-Type: application/pdf; name="x.pdf"\r\n' +
  'Content-Disposition: attachment; filename="x.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b 1--\r\n';

const fixture = new ScriptFixture();
const script = fixture.script.bind(fixture);
const flow = fixture.flow.bind(fixture);
const second = fixture.second.bind(fixture);
afterEach(() => fixture.closeAll());

describe('scripted server as an ordinary one', () => {
  it('serves imapflow listing, status, search, fetch and structure', async () => {
    const server = await script();
    server.store.create('Gesendet/Übersicht', { specialUse: '\\Sent' });
    for (const n of [1, 2, 3])
      server.store.get('INBOX').add({ raw: raw(n), internalDate: Date.UTC(2025, 0, n), flags: n === 2 ? ['\\Seen'] : [] });
    server.store.get('INBOX').add({ raw: mixed, internalDate: Date.UTC(2025, 5, 1) });
    const client = await flow(server, { qresync: true });
    const list = await client.list({ statusQuery: { messages: true, uidNext: true } });
    expect(list.map((m) => [m.path, m.specialUse, m.status?.messages])).toEqual([
      ['INBOX', '\\Inbox', 4],
      ['Gesendet/Übersicht', '\\Sent', 0],
    ]);
    const box = await client.mailboxOpen('INBOX', { readOnly: true });
    expect([box.exists, box.uidNext, box.highestModseq]).toEqual([4, 5, 5n]);
    expect(await client.search({ since: new Date('2025-01-02') }, { uid: true })).toEqual([2, 3, 4]);
    expect(await client.search({ header: { 'message-id': '<3@example.com>' } }, { uid: true })).toEqual([3]);
    const message = await client.fetchOne(
      '2',
      { uid: true, flags: true, envelope: true, source: true, internalDate: true, size: true },
      { uid: true },
    );
    if (!message) throw new Error('not fetched');
    expect(message.source?.toString()).toBe(raw(2));
    expect([message.envelope?.subject, message.envelope?.from?.[0]?.name, message.envelope?.messageId]).toEqual([
      'n 2',
      'A, B',
      '<2@example.com>',
    ]);
    expect([message.size, [...(message.flags ?? [])], message.modseq]).toEqual([raw(2).length, ['\\Seen'], 3n]);
    const structured = await client.fetchOne('4', { uid: true, bodyStructure: true }, { uid: true });
    expect(structured && structured.bodyStructure?.childNodes?.map((n) => [n.part, n.type, n.dispositionParameters?.filename])).toEqual([
      ['1', 'text/plain', undefined],
      ['2', 'application/pdf', 'x.pdf'],
    ]);
    const part = await client.download('4', '2', { uid: true });
    expect((await part.content?.toArray())?.join('')).toBe('ABC');
  });

  it('carries out append, flags, copy, move, expunge and mailbox changes by imapflow', async () => {
    const server = await script();
    const client = await flow(server);
    await client.mailboxCreate('Work');
    const appended = await client.append('Work', raw(1), ['\\Flagged'], new Date('2025-03-04T05:06:07Z'));
    expect(appended && appended.uid).toBe(1);
    for (const n of [2, 3]) await client.append('Work', raw(n));
    await client.mailboxOpen('Work');
    await client.messageFlagsAdd('1', ['\\Seen'], { uid: true });
    const copied = await client.messageCopy('1', 'INBOX', { uid: true });
    expect(copied && copied.uidMap).toEqual(new Map([[1, 1]]));
    await client.messageMove('2', 'INBOX', { uid: true });
    await client.messageDelete('3', { uid: true });
    await client.mailboxRename('Work', 'Labour');
    const { store } = server;
    expect(store.get('Labour').messages.map((m) => [m.uid, [...m.flags], m.internalDate])).toEqual([
      [1, ['\\Flagged', '\\Seen'], Date.UTC(2025, 2, 4, 5, 6, 7)],
    ]);
    expect(store.get('INBOX').messages.map((m) => m.raw.toString())).toEqual([raw(1), raw(2)]);
    expect(server.mutating().map((c) => c.name)).toEqual([
      'CREATE',
      'SUBSCRIBE',
      'APPEND',
      'APPEND',
      'APPEND',
      'UID STORE',
      'UID COPY',
      'UID MOVE',
      'UID STORE',
      'UID EXPUNGE',
      'RENAME',
    ]);
  });

  it('tells QRESYNC changes at SELECT and by CHANGEDSINCE VANISHED', async () => {
    const server = await script();
    const inbox = server.store.get('INBOX');
    for (let n = 1; n <= 5; n += 1) inbox.add({ raw: raw(n) });
    const since = inbox.highestModSeq;
    inbox.expunge(2);
    inbox.setFlags(4, ['\\Flagged']);
    const client = await second(server);
    await client.run('ENABLE QRESYNC');
    const selected = await client.run(`SELECT INBOX (QRESYNC (${inbox.uidValidity} ${since}))`);
    const told = JSON.stringify(selected.untagged);
    expect(told).toContain('VANISHED');
    const { untagged } = await client.run(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${since} VANISHED)`);
    expect(untagged.map((t) => t.map((x) => (x.type === 'atom' ? x.value : x.type)).join(' '))).toEqual([
      'VANISHED list 2',
      '3 FETCH list',
    ]);
    const refused = await client.run(`UID STORE 4,5 (UNCHANGEDSINCE ${since}) +FLAGS (x)`);
    expect(refused.text).toContain('[MODIFIED 4]');
  });

  it('pushes arrivals, flags and expunges in IDLE', async () => {
    const server = await script();
    const inbox = server.store.get('INBOX');
    inbox.add({ raw: raw(1) });
    const client = await flow(server, { qresync: true });
    const seen: string[] = [];
    client.on('exists', (e) => seen.push(`exists ${e.count}`));
    client.on('expunge', (e) => seen.push(`expunge ${e.uid}`));
    client.on('flags', (e) => seen.push(`flags ${e.uid} ${[...e.flags].join()}`));
    await client.mailboxOpen('INBOX');
    const idling = client.idle();
    await expect.poll(() => server.commands.at(-1)?.name).toBe('IDLE');
    inbox.add({ raw: raw(2) });
    inbox.setFlags(1, ['\\Seen']);
    await expect.poll(() => seen).toEqual(['exists 2', 'flags 1 \\Seen']);
    inbox.expunge(1);
    await expect.poll(() => seen.at(-1)).toBe('expunge 1');
    await client.noop();
    await idling;
  });

  it('pushes the state of other mailboxes under NOTIFY', async () => {
    const server = await script({ capabilities: [...allCapabilities, 'NOTIFY'] });
    server.store.create('Work');
    const client = await second(server);
    await client.select('INBOX');
    await client.run('NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge))');
    server.store.get('Work').add({ raw: raw(1) });
    server.store.get('INBOX').add({ raw: raw(2) });
    const { untagged } = await client.run('NOOP');
    expect(untagged.map((t) => t[0]?.type === 'atom' && t[0].value)).toEqual(['1', 'STATUS']);
  });

  it('logs in by password, XOAUTH2 and OAUTHBEARER, and refuses the wrong ones', async () => {
    const server = await script({ tokens: { alice: 'tok' } });
    for (const auth of [
      { user: 'alice', pass: 'pw-alice' },
      { user: 'alice', accessToken: 'tok' },
    ])
      await (await flow(server, { auth })).logout();
    for (const auth of [
      { user: 'alice', pass: 'no' },
      { user: 'alice', accessToken: 'no' },
    ]) {
      await expect(flow(server, { auth })).rejects.toMatchObject({ authenticationFailed: true });
    }
    server.setCapabilities(without('AUTH=OAUTHBEARER'));
    await (await flow(server, { auth: { user: 'alice', accessToken: 'tok' } })).logout();
    expect(new Set(server.commands.filter((c) => c.name === 'AUTHENTICATE').map((c) => c.args.split(' ')[0]))).toEqual(
      new Set(['PLAIN', 'XOAUTH2', 'OAUTHBEARER']),
    );
  });

  it('serves STARTTLS and implicit TLS', async () => {
    const identity = tlsIdentity();
    const tls = { ca: identity.ca };
    const starttls = await flow(await script({ tls: { identity, mode: 'starttls' } }), { tls, doSTARTTLS: true });
    const implicit = await flow(await script({ tls: { identity, mode: 'implicit' } }), { tls, secure: true });
    expect([starttls.secureConnection, implicit.secureConnection]).toEqual([true, true]);
    const server = await script({ tls: { identity: tlsIdentity('expired'), mode: 'starttls' } });
    await expect(flow(server, { tls, doSTARTTLS: true })).rejects.toThrow(/expired/);
    expect(server.commands.map((c) => c.name)).not.toContain('LOGIN');
  });

  it('refuses the commands of capabilities that it does not offer', async () => {
    const server = await script({ capabilities: without('MOVE', 'UIDPLUS', 'CONDSTORE', 'QRESYNC', 'IDLE', 'LIST-STATUS') });
    const client = await second(server);
    await client.select('INBOX');
    for (const command of [
      'UID MOVE 1 INBOX',
      'UID EXPUNGE 1',
      'FETCH 1 (MODSEQ)',
      'IDLE',
      'STATUS INBOX (HIGHESTMODSEQ)',
      'LIST "" * RETURN (STATUS (MESSAGES))',
      'FROB',
    ]) {
      expect((await client.attempt([command])).status).toBe('BAD');
    }
  });

  it('gives the same bytes to the oracle', async () => {
    const server = await script();
    server.store.get('INBOX').add({ raw: mixed, flags: ['b', 'a'] });
    const held = await readSnapshot(await second(server));
    expect(held.get('INBOX')?.messages[0]).toMatchObject({
      uid: 1,
      flags: ['a', 'b'],
      sha256: createHash('sha256').update(mixed).digest('hex'),
    });
  });
});
