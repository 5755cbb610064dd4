import { connect } from 'node:net';
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { seedMailbox } from '../support/dovecot-seed.ts';
import { readSnapshot, snapshot } from '../support/dovecot-snapshot.ts';
import { capabilityProfiles, startImapProxy, type ImapProxy, type ImapProxyOptions } from '../support/imap-proxy.ts';
import { SecondClient } from '../support/second-client.ts';
import { tlsIdentity } from '../support/tls.ts';

// Content that looks like protocol, to be taken for content.
const trap = (n: number): Buffer =>
  Buffer.from(
    `Subject: trap ${n}\r\n\r\n* CAPABILITY IMAP4rev1 MOVE\r\na1 OK [COPYUID 1 2 3] {5}\r\n* LIST (\\Sent) "/" x\r\n* OK [HIGHESTMODSEQ 9] {100}\r\n`,
  );

let server: Dovecot;
let proxies: ImapProxy[] = [];
let clients: { close(): unknown }[] = [];

beforeAll(async () => {
  server = await startDovecot();
  await seedMailbox(
    server,
    'alice',
    'INBOX',
    Array.from({ length: 20 }, (_, n) => ({ raw: trap(n) })),
  );
});
afterAll(() => server.dispose());
afterEach(async () => {
  for (const client of clients) client.close();
  for (const proxy of proxies) await proxy.close();
  [proxies, clients] = [[], []];
});

async function proxied(options: Partial<ImapProxyOptions> = {}): Promise<ImapProxy> {
  const proxy = await startImapProxy({ upstreamPort: server.imapPort, ...options });
  proxies.push(proxy);
  return proxy;
}

async function second(proxy: ImapProxy): Promise<SecondClient> {
  const client = await SecondClient.connect({ port: proxy.port, user: 'alice', password: 'pw-alice' });
  clients.push(client);
  return client;
}

async function flow(proxy: ImapProxy, options: Partial<ImapFlowOptions> = {}): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: 'localhost',
    port: proxy.port,
    secure: false,
    auth: { user: 'alice', pass: 'pw-alice' },
    logger: false,
    qresync: true,
    ...options,
  });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

/** How a fresh connection is received: its first bytes, or how it ended. */
function knock(port: number, waitMs = 150): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (outcome: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end('silence'), waitMs);
    socket.once('data', (d) => end(d.toString().slice(0, 5)));
    socket.once('error', (e: NodeJS.ErrnoException) => end(e.code ?? ''));
    socket.once('close', () => end('closed'));
  });
}

describe('capability profiles', () => {
  it('are 48 different ones', () => {
    expect(new Set(capabilityProfiles.map((p) => p.name)).size).toBe(48);
  });

  it.each(capabilityProfiles)('$name: the client sees and uses just that', async (profile) => {
    const proxy = await proxied({ hidden: profile.hidden });
    const client = await flow(proxy);
    for (const name of profile.hidden) expect(client.capabilities.has(name)).toBe(false);
    expect(client.enabled.has('QRESYNC')).toBe(profile.modSeq === 'qresync');
    const list = await client.list();
    expect(list.find((m) => m.path === 'Sent')?.specialUseSource === 'extension').toBe(profile.specialUse);
    const box = await client.mailboxOpen('INBOX');
    expect(box.highestModseq !== undefined).toBe(profile.modSeq !== 'none');
    const appended = await client.append('Archive', trap(99));
    expect(appended && appended.uid !== undefined).toBe(profile.uidplus);
    const fetched = await client.fetchOne('3', { uid: true, source: true }, { uid: true });
    expect(fetched && fetched.source?.equals(trap(2))).toBe(true);
    expect(proxy.violations().map((c) => `${c.name} ${c.args}`)).toEqual([]);
    await client.logout();
  });

  it('refuse the commands behind hidden capabilities and stay in step', async () => {
    const all = new Set(capabilityProfiles.flatMap((p) => p.hidden));
    const proxy = await proxied({ hidden: [...all, 'LITERAL+'] });
    const client = await second(proxy);
    await client.run('SELECT INBOX');
    const refused = [
      'UID MOVE 1 Trash',
      'UID EXPUNGE 1',
      'IDLE',
      'FETCH 1 (MODSEQ)',
      'UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1)',
      'STATUS INBOX (HIGHESTMODSEQ)',
      'LIST "" * RETURN (SPECIAL-USE)',
      'STORE 1 (UNCHANGEDSINCE 1) +FLAGS (x)',
      'SELECT INBOX (QRESYNC (1 1))',
      'UID SEARCH MODSEQ 1',
      'NOTIFY NONE',
    ];
    for (const command of refused) expect(await client.attempt([command])).toMatchObject({ status: 'BAD' });
    expect((await client.attempt(['UID MOVE 1 ', Buffer.from('Trash')])).status).toBe('BAD');
    expect((await client.attempt(['APPEND Nowhere ', trap(1)])).text).toMatch(/TRYCREATE/);
    expect((await client.run('ENABLE QRESYNC')).untagged).toHaveLength(1);
    expect((await client.uids()).length).toBe(20);
    expect(proxy.violations().length).toBe(refused.length + 1);
    expect(
      server.commandsSince(undefined, { withSecondClients: true }).filter((c) => c.name === 'APPEND' && c.text.includes('Nowhere')),
    ).toHaveLength(1);
  });
});

describe('faults at a command', () => {
  it('cut the answer after any number of bytes', async () => {
    const proxy = await proxied();
    const whole = await second(proxy);
    await whole.select('INBOX');
    await whole.run('UID FETCH 1:* (UID FLAGS)');
    const size = proxy.commands.at(-1)?.answerBytes as number;
    expect(size).toBeGreaterThan(400);
    const receive = async (bytes: number): Promise<number> => {
      const raw = connect(proxy.port, '127.0.0.1');
      raw.setNoDelay(true);
      let text = '';
      raw.on('data', (d) => (text += d.toString('latin1'))).on('error', () => undefined);
      const until = (mark: string): Promise<void> => expect.poll(() => text, { interval: 2 }).toContain(mark);
      raw.write('a LOGIN alice pw-alice\r\n');
      await until('a OK');
      raw.write('b SELECT INBOX\r\n');
      await until('b OK');
      const before = text.length;
      proxy.fault({ command: 'UID FETCH', point: { at: 'answer', bytes }, effect: 'close' });
      raw.write('c UID FETCH 1:* (UID FLAGS)\r\n');
      await new Promise((resolve) => raw.once('close', resolve));
      return text.length - before;
    };
    for (let bytes = 0; bytes < size; bytes += 100) expect(await receive(bytes)).toBe(bytes);
  });

  it('strike before, in and after an APPEND with the server in the known state', async () => {
    const proxy = await proxied();
    const held = async (): Promise<number> => (await snapshot(server, 'alice', { paths: ['Drafts'] })).get('Drafts')?.messages.length ?? 0;
    const before = await held();
    for (const point of [{ at: 'command' }, { at: 'literal', bytes: 0 }, { at: 'literal', bytes: 50 }] as const) {
      const client = await second(proxy);
      const fault = proxy.fault({ command: 'APPEND', point, effect: 'reset' });
      await expect(client.append('Drafts', trap(1))).rejects.toThrow();
      expect(fault.hasFired).toBe(true);
      expect(await held()).toBe(before);
    }
    const client = await second(proxy);
    proxy.fault({ command: 'APPEND', point: { at: 'tagged' }, effect: 'close' });
    await expect(client.append('Drafts', trap(1))).rejects.toThrow();
    expect(await held()).toBe(before + 1);
  });

  it('refuse in the server’s name and hold an answer for ever', async () => {
    const proxy = await proxied();
    const client = await second(proxy);
    proxy.refuse({ command: 'APPEND', reply: 'NO [OVERQUOTA] Quota exceeded' });
    await expect(client.append('Drafts', trap(1))).rejects.toThrow(/OVERQUOTA/);
    await client.select('INBOX');
    const fault = proxy.fault({ command: 'UID SEARCH', nth: 2, point: { at: 'answer', bytes: 5 }, effect: 'blackhole' });
    expect((await client.uids()).length).toBe(20);
    const silent = client.uids().catch(() => 'ended');
    await fault.fired;
    expect(await Promise.race([silent, new Promise((resolve) => setTimeout(() => resolve('silence'), 100))])).toBe('silence');
    proxy.dropConnections('reset');
    expect(await silent).toBe('ended');
    proxy.refuse({ command: 'NOOP', reply: 'BYE Going down' });
    await expect((await second(proxy)).run('NOOP')).rejects.toThrow(/closed/);
  });
});

describe('outages', () => {
  it('are seen by the client as what they are', async () => {
    const proxy = await proxied();
    expect(await knock(proxy.port)).toBe('* OK ');
    for (const [kind, seen] of [
      ['refuse', 'ECONNREFUSED'],
      ['reset', 'ECONNRESET'],
      ['blackhole', 'silence'],
    ] as const) {
      await proxy.outage(kind);
      expect(await knock(proxy.port)).toBe(seen);
      await proxy.restore();
      expect(await knock(proxy.port)).toBe('* OK ');
    }
    expect(proxy.attempts.map((a) => a.outcome)).toEqual(['passed', 'passed', 'reset', 'passed', 'held', 'passed']);
  });

  it('hold open connections in a blackhole and go on afterwards', async () => {
    const proxy = await proxied();
    const client = await second(proxy);
    await proxy.outage('blackhole');
    let isAnswered = false;
    const noop = client.run('NOOP').then(() => (isAnswered = true));
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(isAnswered).toBe(false);
    await proxy.restore();
    expect(await noop).toBe(true);
  });

  it('limit and count connections, delay, and wrap in TLS', async () => {
    const proxy = await proxied({ maxConnections: 2, tls: tlsIdentity() });
    const options = { secure: true, tls: { ca: tlsIdentity().ca } };
    const first = await flow(proxy, options);
    await flow(proxy, options);
    expect([first.secureConnection, proxy.peakConnections, proxy.openConnections]).toEqual([true, 2, 2]);
    await expect(flow(proxy, options)).rejects.toThrow();
    expect(proxy.attempts.map((a) => a.outcome)).toEqual(['passed', 'passed', 'too-many']);
    proxy.setDelay(40);
    const began = performance.now();
    await first.noop();
    expect(performance.now() - began).toBeGreaterThan(75);
  });

  it('end with the server: a client behind the proxy is told, a fresh one is closed', async () => {
    const proxy = await proxied();
    const client = await second(proxy);
    await server.stop('KILL');
    await expect(client.run('NOOP')).rejects.toThrow();
    expect(await knock(proxy.port)).toBe('closed');
    await server.start();
    expect((await readSnapshot(await second(proxy), { paths: ['INBOX'], bodies: false })).get('INBOX')?.messages.length).toBe(20);
  });
});
