import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { ScriptFixture } from '../support/imap-script/fixture.ts';
import { endlessLine, hugeLiteral, nestedParens, untaggedFlood, withoutUntagged, wrongUid } from '../support/imap-script/lies.ts';
import { tlsIdentity } from '../support/tls.ts';

const raw = (n: number): string =>
  `From: "A, B" <a@example.com>\r\nTo: c@example.org\r\nSubject: n ${n}\r\nMessage-ID: <${n}@example.com>\r\nDate: Wed, 01 Jan 2025 10:00:00 +0000\r\n\r\nLine ${n}\r\n`;
const fixture = new ScriptFixture();
const script = fixture.script.bind(fixture);
const flow = fixture.flow.bind(fixture);
const second = fixture.second.bind(fixture);
afterEach(() => fixture.closeAll());

describe('faults of the scripted server', () => {
  it('cuts, resets and stalls at the exact byte', async () => {
    const server = await script();
    server.store.get('INBOX').add({ raw: raw(1) });
    const bytesUntilEnd = (port: number): Promise<number> =>
      new Promise((resolve) => {
        let count = 0;
        const socket = connect(port, '127.0.0.1', () => socket.write('a CAPABILITY\r\n'));
        socket.on('data', (d) => (count += d.length)).on('error', () => undefined);
        socket.on('close', () => resolve(count));
        setTimeout(() => socket.destroy(), 300);
      });
    server.setStream({ cutAt: 77 });
    expect(await bytesUntilEnd(server.port)).toBe(77);
    server.setStream({ stallAt: 300 });
    expect(await bytesUntilEnd(server.port)).toBe(300);
    server.setStream({ dribble: { bytesPerTick: 10 }, cutAt: 55 });
    expect(await bytesUntilEnd(server.port)).toBe(55);
  });

  it('resets a connection under TLS', async () => {
    const identity = tlsIdentity();
    const server = await script({ tls: { identity, mode: 'implicit' } });
    server.fault({ command: 'NOOP', action: { cutAfterBytes: 3, reset: true } });
    const socket = connectTls({ port: server.port, host: '127.0.0.1', ca: identity.ca, servername: 'localhost' }, () =>
      socket.write('a NOOP\r\n'),
    );
    const ended = new Promise<string>((resolve) => socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')));
    socket.resume();
    expect(await ended).toBe('ECONNRESET');
  });

  it('answers the n-th command of a kind as planned', async () => {
    const server = await script();
    const client = await second(server);
    server.fault({ command: 'NOOP', nth: 2, action: { no: '[OVERQUOTA] full' } });
    server.fault({ command: 'UID SEARCH', nth: 'every', action: { rewrite: (answer) => withoutUntagged(answer, 'SEARCH') } });
    expect((await client.attempt(['NOOP'])).status).toBe('OK');
    expect(await client.attempt(['NOOP'])).toMatchObject({ status: 'NO', text: '[OVERQUOTA] full' });
    expect((await client.attempt(['NOOP'])).status).toBe('OK');
    await client.select('INBOX');
    expect((await client.run('UID SEARCH ALL')).untagged).toEqual([]);
    server.fault({ command: 'NOOP', action: { cutAfterBytes: 1000 } });
    await expect(client.attempt(['NOOP'])).resolves.toMatchObject({ status: 'OK' });
    await expect(client.attempt(['NOOP'])).rejects.toThrow();
  });

  it('changes UIDVALIDITY between SELECT and FETCH', async () => {
    const server = await script();
    const inbox = server.store.get('INBOX');
    inbox.add({ raw: raw(1) });
    server.fault({ command: 'UID FETCH', action: { before: () => inbox.resetUidValidity(99, 10), then: { bye: 'mailbox changed' } } });
    const client = await flow(server);
    await client.mailboxOpen('INBOX');
    await expect(client.fetchOne('1', { uid: true, flags: true }, { uid: true })).rejects.toThrow();
    expect(inbox.messages.map((m) => m.uid)).toEqual([10]);
    const again = await flow(server);
    expect((await again.mailboxOpen('INBOX')).uidValidity).toBe(99n);
  });

  it('injects clear text after STARTTLS', async () => {
    const identity = tlsIdentity();
    const server = await script({ tls: { identity, mode: 'starttls' } });
    server.fault({ command: 'STARTTLS', action: { suffix: '* CAPABILITY IMAP4rev1 EVIL\r\n' } });
    const outcome = await flow(server, { tls: { ca: identity.ca }, doSTARTTLS: true }).then(
      (c) => c.capabilities.has('EVIL'),
      () => false,
    );
    expect(outcome).toBe(false);
  });

  it('lies as asked', async () => {
    const server = await script();
    server.store.get('INBOX').add({ raw: raw(1) });
    const client = await second(server);
    await client.select('INBOX');
    server.fault({ command: 'NOOP', action: (c) => ({ reply: untaggedFlood(100_000, `${c.tag} OK done\r\n`) }) });
    let count = 0;
    await client.attempt(['NOOP'], () => (count += 1));
    expect(count).toBe(100_000);
    server.fault({ command: 'UID FETCH', action: { rewrite: (answer) => wrongUid(answer, 5) } });
    const lied = await client.run('UID FETCH 1 (UID)');
    expect(JSON.stringify(lied.untagged)).toContain('"6"');
    server.fault({ command: 'NOOP', action: (c) => ({ reply: nestedParens(10_000, `${c.tag} OK done\r\n`) }) });
    expect((await client.run('NOOP')).untagged.length).toBe(1);
    server.fault({ command: 'NOOP', action: () => ({ reply: hugeLiteral(2 ** 31, 1 << 20) }) });
    const late = client.attempt(['NOOP']).catch((error: Error) => error.message);
    await expect.poll(() => server.commands.at(-1)?.name).toBe('NOOP');
    server.dropConnections('reset');
    expect(await late).toMatch(/closed|ECONNRESET/);
    const other = await second(server);
    server.fault({ command: 'NOOP', action: { reply: endlessLine('* OK ', 10 << 20) } });
    const endless = other.attempt(['NOOP']).catch((error: Error) => error.message);
    setTimeout(() => server.dropConnections(), 200);
    expect(await endless).toMatch(/closed/);
  });
});
