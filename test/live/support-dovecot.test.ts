import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { snapshot } from '../support/dovecot-snapshot.ts';
import { isFull } from '../support/this-run.ts';
import { tlsIdentity } from '../support/tls.ts';

const raw = (n: number): Buffer =>
  Buffer.from(`From: a@example.com\r\nSubject: n ${n}\r\nMessage-ID: <${n}@example.com>\r\n\r\nLine ${n}\r\n`);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function flow(server: Dovecot, options: { port?: number; secure?: boolean } = {}): ImapFlow {
  const { name, password } = server.user();
  return new ImapFlow({
    host: 'localhost',
    port: options.port ?? server.imapPort,
    secure: options.secure ?? false,
    tls: { ca: tlsIdentity().ca },
    auth: { user: name, pass: password },
    logger: false,
  });
}

function portAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

describe('Dovecot of the tests', () => {
  let server: Dovecot;
  let startMs: number;

  beforeAll(async () => {
    tlsIdentity();
    const began = performance.now();
    server = await startDovecot({ users: ['alice', 'bob'], tls: tlsIdentity() });
    startMs = performance.now() - began;
  });
  afterAll(() => server.dispose());

  it('starts within a second', () => expect(startMs).toBeLessThan(1000));

  it('keeps seeded messages as they were given, UIDs in order', async () => {
    const messages = [1, 2, 3].map((n) => ({
      raw: raw(n),
      internalDate: Date.UTC(2025, 0, n, 12, 0, 5),
      flags: n === 2 ? ['\\Seen', '$Forwarded'] : [],
    }));
    await seedMailbox(server, 'alice', 'INBOX', messages);
    await seedMailbox(server, 'alice', 'Projekte/Übersicht', messages.slice(0, 1));
    const held = await snapshot(server);
    expect([...held.keys()]).toEqual(['Archive', 'Drafts', 'INBOX', 'Junk', 'Projekte/Übersicht', 'Sent', 'Trash']);
    expect(held.get('INBOX')?.messages).toEqual(
      messages.map((m, i) => ({
        uid: i + 1,
        flags: i === 1 ? ['$Forwarded', '\\Seen'] : [],
        internalDate: m.internalDate,
        size: m.raw.length,
        sha256: sha256(m.raw),
      })),
    );
  });

  it('indexes thousands of seeded messages in order', async () => {
    const count = isFull ? 10_000 : 3_000;
    const messages = Array.from({ length: count }, (_, n) => ({ raw: raw(n), internalDate: 1_700_000_000_000 + n * 1000 }));
    await seedMailbox(server, 'bob', 'INBOX', messages);
    const held = (await snapshot(server, 'bob', { paths: ['INBOX'] })).get('INBOX');
    expect(held?.messages.map((m) => m.sha256)).toEqual(messages.map((m) => sha256(m.raw)));
  }, 30_000);

  it('shows what a client sent, and what of it could change a mailbox', async () => {
    const mark = server.mark();
    const client = flow(server);
    await client.connect();
    await client.mailboxOpen('INBOX');
    await client.append('Sent', Buffer.concat([raw(9), Buffer.from('t0 UID STORE 1 +FLAGS (\\Deleted)\r\n')]), ['\\Seen']);
    for await (const message of client.fetch('1:*', { uid: true, flags: true, source: true }, { uid: true }))
      expect(message.source).toBeDefined();
    expect(server.mutatingSince(mark).map((c) => c.name)).toEqual(['APPEND']);
    const later = server.mark();
    await client.messageFlagsAdd('1', ['\\Flagged'], { uid: true });
    await client.logout();
    expect(server.mutatingSince(later).map((c) => c.text)).toEqual(['UID STORE 1 +FLAGS (\\Flagged)']);
    expect(server.commandsSince(mark).some((c) => c.name === 'SELECT')).toBe(true);
    expect(server.commandsSince(mark).every((c) => c.user === 'alice')).toBe(true);
  });

  it('reads on in the log after a literal that was refused', async () => {
    const mark = server.mark();
    const second = await server.connect('alice');
    expect((await second.attempt(['APPEND Nowhere ', raw(1)])).text).toContain('TRYCREATE');
    await second.append('Drafts', raw(1));
    await second.select('INBOX');
    await second.close();
    expect(server.commandsSince(mark)).toEqual([]);
    expect(server.commandsSince(mark, { withSecondClients: true }).map((c) => c.name)).toEqual([
      'ID',
      'APPEND',
      'APPEND',
      'SELECT',
      'LOGOUT',
    ]);
  });

  it('offers STARTTLS and implicit TLS under the test authority', async () => {
    for (const options of [{}, { port: server.imapsPort, secure: true }]) {
      const client = flow(server, options);
      await client.connect();
      expect(client.secureConnection).toBe(true);
      await client.logout();
    }
  });

  it('takes changes by a second client', async () => {
    const second = await server.connect('alice');
    await second.create('Work');
    expect(await second.append('Work', raw(20), { flags: ['\\Flagged'], internalDate: Date.UTC(2024, 5, 1) })).toBe(1);
    await second.append('Work', raw(21));
    await second.append('Work', raw(22));
    await second.select('Work');
    await second.store([1], '+', ['\\Seen']);
    await second.copy([1], 'Archive');
    await second.move([2], 'Archive');
    await second.expunge([3]);
    await second.rename('Work', 'Labour');
    await second.close();
    const held = await snapshot(server, 'alice', { paths: ['Labour', 'Archive'] });
    expect(held.get('Labour')?.messages.map((m) => [m.uid, m.flags])).toEqual([[1, ['\\Flagged', '\\Seen']]]);
    expect(held.get('Archive')?.messages.map((m) => m.sha256)).toEqual([sha256(raw(20)), sha256(raw(21))]);
  });

  it('changes a UIDVALIDITY and keeps the mail', async () => {
    const before = (await snapshot(server, 'alice', { paths: ['Archive'] })).get('Archive');
    await server.setUidValidity('alice', 'Archive', 4_000_000_000);
    const after = (await snapshot(server, 'alice', { paths: ['Archive'] })).get('Archive');
    expect(after?.uidValidity).toBe(4_000_000_000n);
    expect(after?.messages).toEqual(before?.messages);
  });

  it('is back on its port with its mail after TERM and after KILL', async () => {
    const before = await snapshot(server);
    for (const signal of ['TERM', 'KILL'] as const) {
      await server.stop(signal);
      expect(await portAnswers(server.imapPort)).toBe(false);
      await server.start();
      expect(await snapshot(server)).toEqual(before);
    }
  });
});

describe('an instance with limits', () => {
  it('answers with the given capabilities, connection limit and quota', async () => {
    const server = await startDovecot({ capabilities: ['IMAP4rev1', 'UIDPLUS', 'ID'], maxUserIpConnections: 2, quota: '1M' });
    try {
      const first = await server.connect();
      expect((await first.run('CAPABILITY')).untagged.flat().map((t) => (t.type === 'atom' ? t.value : ''))).toEqual([
        'CAPABILITY',
        'IMAP4rev1',
        'UIDPLUS',
        'ID',
      ]);
      const second = await server.connect();
      await expect(server.connect()).rejects.toThrow(/LOGIN/);
      await expect(first.append('INBOX', Buffer.alloc(2_000_000, 'x\r\n'))).rejects.toThrow(/OVERQUOTA/);
      await first.close();
      await second.close();
    } finally {
      await server.dispose();
    }
  });
});

describe('a test process that is killed', () => {
  it('leaves no server and no files behind', async () => {
    const script = `import { runnerImport } from 'vite';
      const { module } = await runnerImport('./test/support/dovecot.ts', { configFile: false, logLevel: 'silent' });
      const server = await module.startDovecot();
      console.log(JSON.stringify({ port: server.imapPort, root: server.root }));
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { port, root } = JSON.parse(line.toString()) as { port: number; root: string };
    expect(await portAnswers(port)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => portAnswers(port)).toBe(false);
    await expect.poll(() => existsSync(root)).toBe(false);
  });
});
