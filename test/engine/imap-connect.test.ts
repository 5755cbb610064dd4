import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../main/engine/core/log.ts';
import { allCapabilities, startImapScript, without, type ImapScript, type ImapScriptOptions } from '../support/imap-script.ts';
import { openGatewaySession, type GatewaySessionOptions } from '../support/gateway-session.ts';
import { tlsIdentity } from '../support/tls.ts';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

async function script(options: ImapScriptOptions = {}): Promise<ImapScript> {
  const server = await startImapScript(options);
  closers.push(() => server.close());
  return server;
}

async function open(options: GatewaySessionOptions) {
  const session = await openGatewaySession(options);
  closers.push(() => session.close());
  return session;
}

/** A server that does with each connection what the test says. */
async function rawServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

const quick = { connectTimeoutMs: 400, greetingTimeoutMs: 300, commandTimeoutMs: 300, stallTimeoutMs: 200 };

describe('connecting', () => {
  it.each([
    ['plain', 'plain', undefined, ['resolve', 'connect', 'login']],
    ['TLS', 'tls', 'implicit', ['resolve', 'connect', 'tls', 'login']],
    ['STARTTLS', 'starttls', 'starttls', ['resolve', 'connect', 'tls', 'login']],
  ] as const)('over %s tells each step as it succeeds', async (_, security, mode, wanted) => {
    const server = await script(mode ? { tls: { identity: tlsIdentity(), mode } } : {});
    const steps: string[] = [];
    const session = await open({ port: server.port, endpoint: { host: 'localhost', security, caFile: tlsIdentity().caFile }, onStep: (step) => steps.push(step) });
    expect(steps).toEqual(wanted);
    expect(session.isOpen).toBe(true);
    expect(server.commands.filter(({ name }) => /^(LOGIN|AUTHENTICATE)$/.test(name)).every(({ isSecure }) => isSecure === (security !== 'plain'))).toBe(true);
  });

  it('tells servers its name and version and nothing else, after log-in', async () => {
    const server = await script();
    await open({ port: server.port });
    const ids = server.commands.filter(({ name }) => name === 'ID');
    expect(ids).toHaveLength(1);
    expect(ids[0]?.args).toMatch(/^\("name" "Holdover" "version" "[0-9.]+"\)$/);
    expect(server.commands.map(({ name }) => name).join(' ')).toMatch(/AUTHENTICATE.*ID/);
  });

  it('logs no address, host, user, password or server text', async () => {
    const entries: LogEntry[] = [];
    const note = (entry: LogEntry) => void entries.push(entry);
    const server = await script();
    await open({ port: server.port, log: { debug: note, info: note, warn: note, error: note } });
    expect(entries.length).toBeGreaterThan(0);
    expect(JSON.stringify(entries)).not.toMatch(/alice|127\.0\.0\.1|pw-|ready|Logged/);
  });

  it.each([
    [[...allCapabilities, 'NOTIFY'], { qresync: true, condstore: true, uidplus: true, move: true, idle: true, notify: true, specialUse: true, listStatus: true, objectId: true, esearch: true }],
    [without('QRESYNC'), { qresync: false, condstore: true }],
    [without('QRESYNC', 'ENABLE'), { qresync: false, condstore: true }],
    [without('ENABLE'), { qresync: false, condstore: true }],
    [without('QRESYNC', 'CONDSTORE'), { qresync: false, condstore: false }],
    [without('LIST-EXTENDED', 'UIDPLUS', 'MOVE', 'IDLE'), { listStatus: false, uidplus: false, move: false, idle: false }],
    [['IMAP4rev1', 'AUTH=PLAIN'], { qresync: false, condstore: false, uidplus: false, move: false, idle: false, notify: false, specialUse: false, listStatus: false, objectId: false, esearch: false }],
    [['IMAP4rev2', 'AUTH=PLAIN'], { uidplus: true, move: true, idle: true, listStatus: true, esearch: true, condstore: false }],
  ])('knows what the server offers (%#)', async (capabilities, caps) => {
    const server = await script({ capabilities });
    expect((await open({ port: server.port })).caps).toMatchObject(caps);
  });

  it('uses LOGIN where no SASL mechanism is offered', async () => {
    const server = await script({ capabilities: ['IMAP4rev1'] });
    await open({ port: server.port });
    expect(server.commands.some(({ name }) => name === 'LOGIN')).toBe(true);
  });
});

describe('a refused or failed connection says why', () => {
  const fails = async (options: GatewaySessionOptions, error: Record<string, unknown>) => {
    await expect(openGatewaySession(options)).rejects.toMatchObject({ name: 'MailError', side: options.side ?? 'primary', ...error });
  };

  it('wrong password', async () => {
    const server = await script();
    await fails({ port: server.port, credentials: { type: 'password', password: 'wrong' } }, { code: 'auth-rejected', scope: 'account', retry: 'ask', detail: 'AUTHENTICATIONFAILED' });
    await expect.poll(() => server.openConnections).toBe(0);
  });

  it.each([
    ['[UNAVAILABLE] Temporary authentication failure', 'command-refused', 'later'],
    ['Temporary authentication failure', 'command-refused', 'later'],
    ['[LIMIT] Maximum number of connections exceeded', 'too-many-connections', 'later'],
    ['Too many simultaneous connections', 'too-many-connections', 'later'],
    ['[EXPIRED] Password expired for alice@example.com', 'auth-rejected', 'ask'],
    ['no', 'auth-rejected', 'ask'],
  ])('log-in answered NO %s', async (text, code, retry) => {
    const server = await script();
    server.fault({ command: 'AUTHENTICATE', action: { no: text } });
    await fails({ port: server.port }, { code, retry, detail: expect.not.stringContaining('alice') });
  });

  it.each([
    ['* BYE Too many connections from your IP\r\n', 'too-many-connections'],
    ['* BYE Autologout; try later\r\n', 'server-bye'],
    ['* BYE\r\n', 'server-bye'],
  ])('greeting %s', async (greeting, code) => {
    const server = await script({ greeting });
    await fails({ port: server.port }, { code, scope: 'connection', retry: 'later' });
  });

  it('PREAUTH greeting', async () => {
    const server = await script({ greeting: '* PREAUTH welcome alice\r\n' });
    await fails({ port: server.port }, { code: 'protocol-violation', detail: 'PREAUTH' });
    expect(server.commands).toEqual([]);
  });

  it('nobody listens', async () => {
    const server = await script();
    const { port } = server;
    await server.close();
    await fails({ port, side: 'relay' }, { code: 'connect-refused', scope: 'connection', retry: 'later' });
  });

  it('no such host', () => fails({ port: 1, endpoint: { host: 'no-such-host.invalid', security: 'tls' } }, { code: 'dns-failed', retry: 'later' }));

  it('plain connection to another machine', () => fails({ port: 1, endpoint: { host: 'mail.example.com', security: 'plain' } }, { code: 'plain-refused', retry: 'ask' }));

  it('no greeting in time', async () => {
    const port = await rawServer(() => undefined);
    await fails({ port, times: quick }, { code: 'server-timeout' });
  });

  it('no TLS handshake in time', async () => {
    const port = await rawServer(() => undefined);
    await fails({ port, times: quick, endpoint: { security: 'tls' } }, { code: 'server-timeout', detail: 'TLS' });
  });

  it('silence in the middle of the log-in', async () => {
    const server = await script();
    server.fault({ command: 'AUTHENTICATE', action: { stallAfterBytes: 0 } });
    await fails({ port: server.port, times: quick }, { code: 'server-timeout', detail: 'login' });
    await expect.poll(() => server.openConnections).toBe(0);
  });

  it('another protocol on the port', async () => {
    const port = await rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await fails({ port, times: quick }, { scope: 'connection' });
  });

  it('TLS spoken to a plain port', async () => {
    const server = await script();
    await fails({ port: server.port, endpoint: { host: 'localhost', security: 'tls' }, times: quick }, { code: 'tls-failed' });
  });

  it('a flood before log-in', async () => {
    const port = await rawServer((socket) => {
      socket.write('* OK hello\r\n');
      const flood = '* OK more\r\n'.repeat(1000);
      const timer = setInterval(() => socket.write(flood), 1);
      socket.on('close', () => clearInterval(timer));
    });
    await fails({ port }, { code: 'answer-too-large' });
  });

  it('a greeting without end', async () => {
    const port = await rawServer((socket) => {
      socket.write(`* OK ${'x'.repeat(200_000)}`);
    });
    await fails({ port }, { code: 'answer-too-large' });
  });

  it('cut off while logging in', async () => {
    const server = await script();
    server.fault({ command: 'AUTHENTICATE', action: { cutAfterBytes: 3, reset: true } });
    await fails({ port: server.port }, { code: 'connection-lost', retry: 'later' });
  });

  it('cancelled before and while connecting', async () => {
    const aborted = new AbortController();
    aborted.abort();
    await fails({ port: 1, signal: aborted.signal }, { code: 'cancelled' });
    const port = await rawServer(() => undefined);
    const later = new AbortController();
    setTimeout(() => later.abort(), 50);
    await fails({ port, signal: later.signal }, { code: 'cancelled' });
  });

  it.each([
    ['missing', () => join(tmpdir(), 'no-such-file.pem')],
    [
      'not a certificate',
      () => {
        const dir = mkdtempSync(join(tmpdir(), 'holdover-ca-'));
        closers.push(() => rmSync(dir, { recursive: true }));
        writeFileSync(join(dir, 'ca.pem'), 'hello');
        return join(dir, 'ca.pem');
      },
    ],
  ])('CA file that is %s', (_, file) => fails({ port: 1, endpoint: { host: 'localhost', security: 'tls', caFile: file() } }, { code: 'ca-file-unreadable', scope: 'account', retry: 'ask' }));
});

describe('tokens', () => {
  const options = (port: number, mechanism: 'XOAUTH2' | 'OAUTHBEARER', accessToken = 'good-token'): GatewaySessionOptions => ({ port, credentials: { type: 'token', mechanism, accessToken } });
  const tokens = { alice: 'good-token' };

  it.each(['XOAUTH2', 'OAUTHBEARER'] as const)('log in by %s, with and without SASL-IR', async (mechanism) => {
    for (const capabilities of [allCapabilities, without('SASL-IR')]) {
      const server = await script({ tokens, capabilities });
      expect((await open(options(server.port, mechanism))).isOpen).toBe(true);
      const [auth] = server.commands.filter(({ name }) => name === 'AUTHENTICATE');
      expect(auth?.args.split(' ')[0]).toBe(mechanism);
    }
  });

  it.each(['XOAUTH2', 'OAUTHBEARER'] as const)('refused by %s with its challenge are a refused log-in', async (mechanism) => {
    const server = await script({ tokens });
    await expect(openGatewaySession(options(server.port, mechanism, 'old-token'))).rejects.toMatchObject({ code: 'auth-rejected', scope: 'account', detail: 'AUTHENTICATIONFAILED' });
  });

  it.each([
    ['XOAUTH2', 'AUTH=XOAUTH2'],
    ['OAUTHBEARER', 'AUTH=OAUTHBEARER'],
  ] as const)('are not sent by another mechanism than %s', async (mechanism, capability) => {
    const server = await script({ tokens, capabilities: without(capability) });
    await expect(openGatewaySession(options(server.port, mechanism))).rejects.toMatchObject({ code: 'auth-mechanism-missing', retry: 'ask', detail: mechanism });
    expect(server.commands.some(({ name }) => name === 'AUTHENTICATE' || name === 'LOGIN')).toBe(false);
  });

  it('that could smuggle in another field are not sent', async () => {
    const server = await script({ tokens });
    await expect(openGatewaySession(options(server.port, 'XOAUTH2', 'a\x01auth=Bearer b'))).rejects.toMatchObject({ scope: 'connection' });
    expect(server.commands.some(({ name }) => name === 'AUTHENTICATE')).toBe(false);
  });
});

describe('many connections', () => {
  it('leave nothing behind: 100 times connect and close', async () => {
    const server = await script();
    const count = () => process.getActiveResourcesInfo().length;
    const round = async () => {
      const session = await openGatewaySession({ port: server.port });
      await session.select('INBOX');
      await session.close();
    };
    for (let i = 0; i < 5; i += 1) await round();
    await expect.poll(() => server.openConnections).toBe(0);
    const before = count();
    for (let i = 0; i < 100; i += 1) await round();
    await expect.poll(() => server.openConnections).toBe(0);
    await expect.poll(count).toBeLessThanOrEqual(before + 2);
  });

  it('refused ones too: 50 wrong passwords, 50 refused connections', async () => {
    const server = await script();
    const dead = await script();
    const deadPort = dead.port;
    await dead.close();
    const count = () => process.getActiveResourcesInfo().length;
    const before = count();
    for (let i = 0; i < 50; i += 1) {
      await expect(openGatewaySession({ port: server.port, credentials: { type: 'password', password: 'no' } })).rejects.toMatchObject({ code: 'auth-rejected' });
      await expect(openGatewaySession({ port: deadPort })).rejects.toMatchObject({ code: 'connect-refused' });
    }
    await expect.poll(() => server.openConnections).toBe(0);
    await expect.poll(count).toBeLessThanOrEqual(before + 2);
  });
});
