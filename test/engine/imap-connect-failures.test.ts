import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { allCapabilities, startImapScript, type ImapScript, type ImapScriptOptions } from '../support/imap-script.ts';
import { openGatewaySession, type GatewaySessionOptions } from '../support/gateway-session.ts';

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

describe('a refused or failed connection says why', () => {
  const fails = async (options: GatewaySessionOptions, error: Record<string, unknown>) => {
    await expect(openGatewaySession(options)).rejects.toMatchObject({ name: 'MailError', side: options.side ?? 'primary', ...error });
  };

  it('wrong password', async () => {
    const server = await script();
    await fails(
      { port: server.port, credentials: { type: 'password', password: 'wrong' } },
      { code: 'auth-rejected', scope: 'account', retry: 'ask', detail: 'AUTHENTICATIONFAILED' },
    );
    await expect.poll(() => server.openConnections).toBe(0);
  });

  it.each([
    ['[UNAVAILABLE] Temporary authentication failure', 'command-refused', 'later'],
    ['Temporary authentication failure', 'command-refused', 'later'],
    ['[LIMIT] Maximum number of connections exceeded', 'too-many-connections', 'later'],
    ['Too many simultaneous connections', 'too-many-connections', 'later'],
    ['[ALERT] Account exceeded command or bandwidth limits. (Failure)', 'command-refused', 'later'],
    ['[OVERQUOTA] Account exceeded its limits', 'command-refused', 'later'],
    ['[ALERT] Application-specific password required (Failure)', 'auth-rejected', 'ask'],
    ['[EXPIRED] Password expired for alice@example.com', 'auth-rejected', 'ask'],
    ['no', 'auth-rejected', 'ask'],
  ])('log-in answered NO %s', async (text, code, retry) => {
    const server = await script();
    server.fault({ command: 'AUTHENTICATE', action: { no: text } });
    await fails({ port: server.port }, { code, retry, detail: expect.not.stringContaining('alice') });
  });

  it.each([
    ['AUTHENTICATE', 'Command syntax error', 'protocol-violation', 'connection', 'later'],
    ['LOGIN', 'Internal error', 'protocol-violation', 'connection', 'later'],
    ['AUTHENTICATE', '[AUTHENTICATIONFAILED] Invalid credentials', 'auth-rejected', 'account', 'ask'],
    ['AUTHENTICATE', '[UNAVAILABLE] Overloaded', 'command-refused', 'connection', 'later'],
  ] as const)('%s answered BAD %s', async (command, text, code, scope, retry) => {
    const server = await script(command === 'LOGIN' ? { capabilities: allCapabilities.filter((name) => !name.startsWith('AUTH=')) } : {});
    server.fault({ command, action: { bad: text } });
    await fails({ port: server.port }, { code, scope, retry });
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

  it('no such host', () =>
    fails({ port: 1, endpoint: { host: 'no-such-host.invalid', security: 'tls' } }, { code: 'dns-failed', retry: 'later' }));

  it('plain connection to another machine', () =>
    fails({ port: 1, endpoint: { host: 'mail.example.com', security: 'plain' } }, { code: 'plain-refused', retry: 'ask' }));

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
  ])('CA file that is %s', (_, file) =>
    fails(
      { port: 1, endpoint: { host: 'localhost', security: 'tls', caFile: file() } },
      { code: 'ca-file-unreadable', scope: 'account', retry: 'ask' },
    ),
  );
});
