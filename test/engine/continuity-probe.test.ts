import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MailError, type ErrorCode } from '../../shared/errors.ts';
import { accountSchema, type Account } from '../../shared/model/account.ts';
import type { EndpointRef } from '../../shared/model/continuity.ts';
import { limits } from '../../shared/limits.ts';
import { probe, type ProbeDeps } from '../../main/engine/continuity/probe.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import type { Credentials } from '../../main/engine/imap/gateway.ts';
import { createImapGateway } from '../../main/engine/imap/imapflow-gateway.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { startImapScript } from '../support/imap-script.ts';
import { freePort } from '../support/ports.ts';
import { RateClock } from '../support/rate-clock.ts';
import { startSmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const IMAP: EndpointRef = { side: 'primary', service: 'imap' };
const SMTP: EndpointRef = { side: 'primary', service: 'smtp' };

const account = (imapPort: number, smtpPort: number | null = null): Account => {
  const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain', user: 'alice' });
  const primary = { imap: endpoint(imapPort), smtp: smtpPort === null ? null : endpoint(smtpPort) };
  return accountSchema.parse({ id: 1, config: { email: 'alice@example.com', primary } });
};

function deps(password = 'pw-alice', change: Partial<ProbeDeps> = {}): ProbeDeps {
  const clock = new RateClock();
  return {
    ...{
      clock,
      imap: createImapGateway({ clock, log: silentLog }),
      smtp: createSmtpGateway(),
      reject: () => undefined,
      onAlert: () => undefined,
    },
    credentials: () => Promise.resolve({ type: 'password', password }),
    ...change,
  };
}

const never = new AbortController().signal;

/** Accepts and says nothing. */
async function silentServer(): Promise<{ port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

describe('a probe', () => {
  it('of mailboxes logs in, changes nothing and leaves', async () => {
    const server = await startImapScript();
    closers.push(() => server.close());
    expect(await probe(deps(), account(server.port), IMAP, { stop: never })).toEqual({ isGood: true });
    expect(server.commands.map((one) => one.name).at(-1)).toBe('LOGOUT');
    expect(server.mutating()).toEqual([]);
    await until('left', () => server.openConnections === 0);
  });

  it('that only asks whether the server answers logs in nowhere', async () => {
    const server = await startImapScript();
    closers.push(() => server.close());
    expect(await probe(deps(), account(server.port), IMAP, { stop: never, isReachOnly: true })).toEqual({ isGood: true });
    await until('left', () => server.openConnections === 0);
    expect(server.commands.filter(({ name }) => name === 'LOGIN' || name === 'AUTHENTICATE')).toEqual([]);
    expect(await probe(deps(), account(1), IMAP, { stop: never, isReachOnly: true })).toEqual({ isGood: false, code: 'connect-refused' });
  });

  it('of a submission logs in, submits nothing and leaves', async () => {
    const server = await startSmtpScript({ passwords: { alice: 'pw-alice' } });
    closers.push(() => server.close());
    expect(await probe(deps(), account(1, server.port), SMTP, { stop: never })).toEqual({ isGood: true });
    expect(server.mails).toEqual([]);
    await until('left', () => server.openConnections === 0);
  });

  it.each([
    ['imap', IMAP],
    ['smtp', SMTP],
  ] as const)('says that %s refuses the connection, or the log-in', async (_name, of) => {
    const port = await freePort();
    expect(await probe(deps(), account(port, port), of, { stop: never })).toEqual({ isGood: false, code: 'connect-refused' });
    const imap = await startImapScript();
    const smtp = await startSmtpScript({ passwords: { alice: 'pw-alice' } });
    closers.push(
      () => imap.close(),
      () => smtp.close(),
    );
    expect(await probe(deps('wrong'), account(imap.port, smtp.port), of, { stop: never })).toEqual({
      isGood: false,
      code: 'auth-rejected',
    });
  });

  it.each([
    ['imap', IMAP],
    ['smtp', SMTP],
  ] as const)('of a silent %s server ends within its time and closes its connection', async (_name, of) => {
    const { port, sockets } = await silentServer();
    const parts = deps();
    const clock = parts.clock as RateClock;
    clock.rate = 4;
    const startedAt = clock.monotonic();
    expect(await probe(parts, account(port, port), of, { stop: never })).toEqual({ isGood: false, code: 'server-timeout' });
    // A timer of the machine counts whole milliseconds, and may be early by a part of one.
    expect(clock.monotonic() - startedAt).toBeGreaterThan(limits.probeTimeoutMs - clock.rate);
    expect(clock.monotonic() - startedAt).toBeLessThan(2 * limits.probeTimeoutMs);
    await until('closed', () => sockets.size === 0);
  });

  it('ends at once when the engine stops', async () => {
    const { port, sockets } = await silentServer();
    const stop = new AbortController();
    const pending = probe(deps(), account(port, port), IMAP, { stop: stop.signal });
    await until('connected', () => sockets.size === 1);
    stop.abort(new MailError('cancelled', { scope: 'account', retry: 'never' }));
    expect(await pending).toEqual({ isGood: false, code: 'cancelled' });
    await until('closed', () => sockets.size === 0);
  });

  it('has a refused token renewed once before it says so', async () => {
    const token = (accessToken: string): Credentials => ({ type: 'token', mechanism: 'XOAUTH2', accessToken });
    const run = async (renewed: string): Promise<{ outcome: unknown; asked: number; rejected: Credentials[] }> => {
      let asked = 0;
      const rejected: Credentials[] = [];
      const refuse = (credentials: Credentials): Promise<void> => {
        if (credentials.type === 'token' && credentials.accessToken === 'good') return Promise.resolve();
        return Promise.reject(new MailError('auth-rejected', { scope: 'account', retry: 'ask' }));
      };
      const parts = deps('', {
        smtp: { verify: (_endpoint, credentials) => refuse(credentials) },
        credentials: () => Promise.resolve(token((asked += 1) === 1 ? 'withdrawn' : renewed)),
        reject: (_account, _side, _service, credentials) => void rejected.push(credentials),
      });
      return { outcome: await probe(parts, account(1, 2), SMTP, { stop: never }), asked, rejected };
    };
    expect(await run('good')).toEqual({ outcome: { isGood: true }, asked: 2, rejected: [token('withdrawn')] });
    expect(await run('bad')).toMatchObject({ outcome: { isGood: false, code: 'auth-rejected' }, asked: 2 });
  });

  it('does not knock when there is no secret', async () => {
    const server = await startImapScript();
    closers.push(() => server.close());
    const missing = (code: ErrorCode) => () => Promise.reject(new MailError(code, { scope: 'account', retry: 'ask' }));
    const outcome = await probe(deps('', { credentials: missing('keyring-locked') }), account(server.port), IMAP, { stop: never });
    expect(outcome).toEqual({ isGood: false, code: 'keyring-locked' });
    expect(server.attempts).toEqual([]);
  });
});
