import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { testConnections } from '../../main/engine/enrol/connection-test.ts';
import type { ImapGateway, ImapSession } from '../../main/engine/imap/gateway.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { MailError } from '../../shared/errors.ts';
import { accountConfigSchema, type Security } from '../../shared/model/account.ts';
import { accountSecretsSchema } from '../../shared/model/enrolment-file.ts';
import type { ConnectionStep } from '../../shared/model/sync.ts';
import { reportFigure } from '../support/figures.ts';
import { freePort } from '../support/ports.ts';
import { tlsIdentity, type CertificateKind } from '../support/tls.ts';

const PASSWORD = 'canary-password';
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

interface Smtp {
  readonly port: number;
  /** Everything that clients said that could hold credentials. */
  readonly logins: string[];
}

async function smtpServer(options: SMTPServerOptions = {}): Promise<Smtp> {
  const logins: string[] = [];
  const server = new SMTPServer({
    logger: false,
    disabledCommands: ['STARTTLS'],
    authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'],
    onAuth: (auth, _session, done) => {
      logins.push(`${auth.method} ${auth.username} ${auth.password ?? auth.accessToken ?? ''}`);
      const isRight = auth.username === 'jane' && (auth.password === PASSWORD || auth.accessToken === 'token');
      done(isRight ? null : new Error('no'), isRight ? { user: auth.username } : undefined);
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { port: (server.server.address() as AddressInfo).port, logins };
}

/** A server that is no server: says what it is told and records what it hears. */
async function rawServer(
  talk: (socket: Socket) => void,
  tls?: ReturnType<typeof tlsIdentity>,
): Promise<{ port: number; heard: () => string }> {
  let heard = '';
  const serve = (socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => (heard += data.toString('latin1')));
    closers.push(() => socket.destroy());
    talk(socket);
  };
  const server: Server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, serve) : createServer(serve);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, heard: () => heard };
}

const session = { list: () => Promise.resolve([{ path: 'INBOX' }]), close: () => Promise.resolve() } as unknown as ImapSession;
const goodImap: ImapGateway = {
  connect: (_endpoint, _credentials, { onStep }) => {
    for (const step of ['resolve', 'connect', 'login'] as const) onStep?.(step);
    return Promise.resolve(session);
  },
};

interface Target {
  readonly port: number;
  readonly security?: Security;
  readonly host?: string;
  readonly caFile?: string;
  readonly user?: string;
  readonly password?: string;
  readonly oauth?: boolean;
}

function configOf({ port, security = 'plain', host = '127.0.0.1', caFile, user = 'jane', oauth = false }: Target) {
  const auth = oauth
    ? { type: 'oauth2', mechanism: 'XOAUTH2', tokenEndpoint: 'https://127.0.0.1/token', clientId: 'x' }
    : { type: 'password' };
  const smtp = { host, port, security, user, auth, ...(caFile === undefined ? {} : { caFile }) };
  const imap = { host: '127.0.0.1', port: 143, security: 'plain', user: 'jane' };
  return accountConfigSchema.parse({ email: 'jane@example.org', primary: { imap, smtp } });
}

function secretsOf({ password = PASSWORD, oauth = false }: Target) {
  const smtp = oauth
    ? { type: 'oauth2', refreshToken: 'r', accessToken: password, expiresAt: Date.now() + 3_600_000 }
    : { type: 'password', password };
  return accountSecretsSchema.parse({ primary: { imap: { type: 'password', password: PASSWORD }, smtp } });
}

async function trySmtp(target: Target, imap = goodImap): Promise<string[]> {
  const parts = { imap, smtp: createSmtpGateway(), clock: systemClock };
  const steps = await testConnections(parts, configOf(target), secretsOf(target));
  return steps.filter(({ service }) => service === 'smtp').map(words);
}

const words = ({ step, status, error }: ConnectionStep) => `${step} ${error ? error.code : status}`;

describe('submission server', () => {
  it('that takes the log-in passes every step, and gets no message', async () => {
    const received: string[] = [];
    const server = await smtpServer({ onData: (stream, _session, done) => (received.push('data'), stream.resume(), done()) });
    expect(await trySmtp(server)).toEqual(['resolve ok', 'connect ok', 'login ok', 'submission ok']);
    expect(server.logins).toEqual([`PLAIN jane ${PASSWORD}`]);
    expect(received).toEqual([]);
  });

  it.each(['tls', 'starttls'] as const)('is verified over %s with the company authority', async (security) => {
    const { key, cert, caFile } = tlsIdentity('good');
    const server = await smtpServer({ key, cert, ...(security === 'tls' ? { secure: true } : { disabledCommands: [] }) });
    const target = { ...server, security, host: 'localhost', caFile };
    expect(await trySmtp(target)).toEqual(['resolve ok', 'connect ok', 'tls ok', 'login ok', 'submission ok']);
  });

  it('takes an access token', async () => {
    const server = await smtpServer();
    expect(await trySmtp({ ...server, oauth: true, password: 'token' })).toEqual(['resolve ok', 'connect ok', 'login ok', 'submission ok']);
    expect(server.logins).toEqual(['XOAUTH2 jane token']);
    expect(await trySmtp({ ...server, oauth: true, password: 'wrong' })).toEqual([
      'resolve ok',
      'connect ok',
      'login auth-rejected',
      'submission skipped',
    ]);
  });

  it('that refuses the password fails at the log-in, without quoting the server', async () => {
    const server = await smtpServer();
    const steps = await testConnections(
      { imap: goodImap, smtp: createSmtpGateway(), clock: systemClock },
      configOf(server),
      secretsOf({ ...server, password: 'wrong' }),
    );
    const failed = steps.find(({ status }) => status === 'failed');
    expect(failed).toMatchObject({ step: 'login', error: { code: 'auth-rejected', scope: 'account', retry: 'ask', side: 'primary' } });
    expect(failed?.error?.detail).toMatch(/^reply 535/);
  });

  it('fails at the step that failed, and at no other', async () => {
    const closing = await rawServer((socket) => socket.end('220 hello\r\n'));
    const garbage = await rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const unwilling = await rawServer((socket) => socket.end('554 5.7.1 go away jane@example.org\r\n'));
    const noAuth = await smtpServer({ disabledCommands: ['AUTH', 'STARTTLS'] });
    expect(await trySmtp({ port: await freePort() })).toEqual([
      'resolve ok',
      'connect connect-refused',
      'login skipped',
      'submission skipped',
    ]);
    expect(await trySmtp({ ...closing, security: 'starttls', host: 'localhost' })).toEqual([
      'resolve ok',
      'connect ok',
      'tls connection-lost',
      'login skipped',
      'submission skipped',
    ]);
    expect((await trySmtp(garbage))[2]).toMatch(/^login (smtp-refused|protocol-violation|connection-lost)$/);
    expect((await trySmtp(unwilling))[2]).toBe('login smtp-refused');
    expect((await trySmtp(noAuth))[2]).toBe('login auth-mechanism-missing');
    expect((await trySmtp({ port: 25, host: 'no-such-host.invalid', security: 'tls' }))[0]).toBe('resolve dns-failed');
  });

  it('that says nothing is given up, and the other service is not held back', async () => {
    const silent = await rawServer(() => undefined);
    let now = 0;
    const timers: (() => void)[] = [];
    const clock = { ...systemClock, monotonic: () => now, after: (_ms: number, run: () => void) => (timers.push(run), () => undefined) };
    const pending = testConnections({ imap: goodImap, smtp: createSmtpGateway(), clock }, configOf(silent), secretsOf(silent));
    await new Promise((resolve) => setTimeout(resolve, 100));
    now = 20_000;
    timers.forEach((run) => run());
    const steps = await pending;
    expect(steps.filter(({ service }) => service === 'imap').map(words)).toEqual(['resolve ok', 'connect ok', 'login ok', 'mailboxes ok']);
    expect(steps.filter(({ service }) => service === 'smtp').map(words)).toEqual([
      'resolve ok',
      'connect ok',
      'login server-timeout',
      'submission skipped',
    ]);
    expect(steps.at(-2)?.durationMs).toBe(20_000);
  });

  it('never sees the password before its certificate is proved (E12)', async () => {
    const kinds: [CertificateKind, string][] = [
      ['expired', 'tls-certificate-expired'],
      ['not-yet-valid', 'tls-certificate-expired'],
      ['wrong-host', 'tls-certificate-wrong-host'],
      ['self-signed', 'tls-certificate-untrusted'],
      ['untrusted-ca', 'tls-certificate-untrusted'],
    ];
    let refused = 0;
    for (const [kind, code] of kinds) {
      for (const security of ['tls', 'starttls'] as const) {
        const { key, cert, caFile } = tlsIdentity(kind);
        const server = await smtpServer({ key, cert, ...(security === 'tls' ? { secure: true } : { disabledCommands: [] }) });
        const steps = await trySmtp({ ...server, security, host: 'localhost', caFile });
        expect(steps, `${kind} over ${security}`).toEqual([
          'resolve ok',
          'connect ok',
          `tls ${code}`,
          'login skipped',
          'submission skipped',
        ]);
        expect(server.logins).toEqual([]);
        refused += 1;
      }
    }
    const stripped = await smtpServer({ disabledCommands: ['STARTTLS'] });
    expect(await trySmtp({ ...stripped, security: 'starttls', host: 'localhost' })).toContain('tls tls-not-offered');
    expect(stripped.logins).toEqual([]);
    const injected = await rawServer((socket) => {
      socket.write('220 x ESMTP\r\n');
      socket.on('data', (data) => {
        const line = data.toString('latin1');
        if (line.startsWith('EHLO')) socket.write('250-x\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n');
        if (line.startsWith('\x16')) socket.destroy();
        if (line.startsWith('STARTTLS')) socket.write('220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 logged in\r\n250 reset\r\n');
      });
    });
    const steps = await trySmtp({ ...injected, security: 'starttls', host: 'localhost' });
    expect(steps.slice(0, 2)).toEqual(['resolve ok', 'connect ok']);
    expect(steps[2]).toMatch(/^tls (tls-failed|connection-lost|server-timeout)$/);
    expect(injected.heard()).not.toMatch(/AUTH/);
    reportFigure('E12 TLS (SMTP)', { cases: refused + 2, refusedBeforeLogin: refused + 2 });
  });

  it('is not spoken to in clear text outside this machine', async () => {
    const config = configOf({ port: 25 });
    const smtp = { ...config.primary.smtp, host: 'mail.example.org' } as NonNullable<typeof config.primary.smtp>;
    const verify = createSmtpGateway().verify(smtp, { type: 'password', password: PASSWORD }, { side: 'primary' });
    await expect(verify).rejects.toMatchObject({ code: 'plain-refused' });
  });

  it('with an authority file that cannot be read fails at TLS', async () => {
    const steps = await trySmtp({ port: 1, security: 'tls', caFile: '/nonexistent/ca.pem' });
    expect(steps).toContain('tls ca-file-unreadable');
  });
});

describe('mailbox server', () => {
  const failing =
    (...passed: ('resolve' | 'connect' | 'tls' | 'login')[]) =>
    (code: ConstructorParameters<typeof MailError>[0]): ImapGateway => ({
      connect: (_endpoint, _credentials, { onStep }) => {
        passed.forEach((step) => onStep?.(step));
        return Promise.reject(new MailError(code, { scope: 'connection', retry: 'later' }));
      },
    });
  const tryImap = async (imap: ImapGateway) => {
    const config = configOf({ port: 25 });
    const steps = await testConnections(
      { imap, smtp: createSmtpGateway(), clock: systemClock },
      { ...config, primary: { ...config.primary, smtp: null } },
      secretsOf({ port: 25 }),
    );
    return steps.map(words);
  };

  it('shows how far it came, by the error and by the progress', async () => {
    expect(await tryImap(failing()('dns-failed'))).toEqual(['resolve dns-failed', 'connect skipped', 'login skipped', 'mailboxes skipped']);
    expect(await tryImap(failing('resolve')('connection-lost'))).toEqual([
      'resolve ok',
      'connect connection-lost',
      'login skipped',
      'mailboxes skipped',
    ]);
    expect(await tryImap(failing('resolve', 'connect')('auth-rejected'))).toEqual([
      'resolve ok',
      'connect ok',
      'login auth-rejected',
      'mailboxes skipped',
    ]);
  });

  it('without any mailbox fails at the last step', async () => {
    const empty = { list: () => Promise.resolve([]), close: () => Promise.resolve() } as unknown as ImapSession;
    expect(await tryImap({ connect: () => Promise.resolve(empty) })).toEqual([
      'resolve ok',
      'connect ok',
      'login ok',
      'mailboxes mailbox-missing',
    ]);
  });

  it('is let go after the test, also when it fails', async () => {
    let closed = 0;
    const broken = {
      list: () => Promise.reject(new MailError('command-refused', { scope: 'mailbox', retry: 'later' })),
      close: () => Promise.resolve(void (closed += 1)),
    } as unknown as ImapSession;
    expect((await tryImap({ connect: () => Promise.resolve(broken) })).at(-1)).toBe('mailboxes command-refused');
    expect(closed).toBe(1);
  });
});
