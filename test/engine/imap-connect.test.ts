import { afterEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../main/engine/core/log.ts';
import { asUid } from '../../shared/model/ids.ts';
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

describe('connecting', () => {
  it.each([
    ['plain', 'plain', undefined, ['resolve', 'connect', 'login']],
    ['TLS', 'tls', 'implicit', ['resolve', 'connect', 'tls', 'login']],
    ['STARTTLS', 'starttls', 'starttls', ['resolve', 'connect', 'tls', 'login']],
  ] as const)('over %s tells each step as it succeeds', async (_, security, mode, wanted) => {
    const server = await script(mode ? { tls: { identity: tlsIdentity(), mode } } : {});
    const steps: string[] = [];
    const session = await open({
      port: server.port,
      endpoint: { host: 'localhost', security, caFile: tlsIdentity().caFile },
      onStep: (step) => steps.push(step),
    });
    expect(steps).toEqual(wanted);
    expect(session.isOpen).toBe(true);
    expect(
      server.commands
        .filter(({ name }) => /^(LOGIN|AUTHENTICATE)$/.test(name))
        .every(({ isSecure }) => isSecure === (security !== 'plain')),
    ).toBe(true);
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
    [
      [...allCapabilities, 'NOTIFY'],
      {
        qresync: true,
        condstore: true,
        uidplus: true,
        move: true,
        idle: true,
        notify: true,
        specialUse: true,
        listStatus: true,
        objectId: true,
        esearch: true,
        labels: false,
      },
    ],
    [without('QRESYNC'), { qresync: false, condstore: true }],
    [without('QRESYNC', 'ENABLE'), { qresync: false, condstore: true }],
    [without('ENABLE'), { qresync: false, condstore: true }],
    [without('QRESYNC', 'CONDSTORE'), { qresync: false, condstore: false }],
    [without('LIST-EXTENDED', 'UIDPLUS', 'MOVE', 'IDLE'), { listStatus: false, uidplus: false, move: false, idle: false }],
    [
      ['IMAP4rev1', 'AUTH=PLAIN'],
      {
        qresync: false,
        condstore: false,
        uidplus: false,
        move: false,
        idle: false,
        notify: false,
        specialUse: false,
        listStatus: false,
        objectId: false,
        esearch: false,
        labels: false,
      },
    ],
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

describe('tokens', () => {
  const options = (port: number, mechanism: 'XOAUTH2' | 'OAUTHBEARER', accessToken = 'good-token'): GatewaySessionOptions => ({
    port,
    credentials: { type: 'token', mechanism, accessToken },
  });
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
    await expect(openGatewaySession(options(server.port, mechanism, 'old-token'))).rejects.toMatchObject({
      code: 'auth-rejected',
      scope: 'account',
      detail: 'AUTHENTICATIONFAILED',
    });
  });

  it.each([
    ['XOAUTH2', 'AUTH=XOAUTH2'],
    ['OAUTHBEARER', 'AUTH=OAUTHBEARER'],
  ] as const)('are not sent by another mechanism than %s', async (mechanism, capability) => {
    const server = await script({ tokens, capabilities: without(capability) });
    await expect(openGatewaySession(options(server.port, mechanism))).rejects.toMatchObject({
      code: 'auth-mechanism-missing',
      retry: 'ask',
      detail: mechanism,
    });
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
      await expect(openGatewaySession({ port: server.port, credentials: { type: 'password', password: 'no' } })).rejects.toMatchObject({
        code: 'auth-rejected',
      });
      await expect(openGatewaySession({ port: deadPort })).rejects.toMatchObject({ code: 'connect-refused' });
    }
    await expect.poll(() => server.openConnections).toBe(0);
    await expect.poll(count).toBeLessThanOrEqual(before + 2);
  });
});

describe('what a server takes back while it is enabled', () => {
  it('holds from there on', async () => {
    const server = await script();
    const left = without('UIDPLUS', 'MOVE').join(' ');
    server.fault({ command: 'ENABLE', action: { garbage: `* CAPABILITY ${left}\r\n` } });
    const session = await open({ port: server.port });
    expect(session.caps).toMatchObject({ uidplus: false, move: false, condstore: true });
    await session.select('INBOX', { forChange: true });
    await expect(session.expunge([asUid(1)])).rejects.toMatchObject({ code: 'operation-unsafe' });
    expect(server.commands.filter(({ name }) => name === 'UID EXPUNGE')).toEqual([]);
    const other = await open({ port: server.port });
    expect(other.caps).toMatchObject({ uidplus: true, move: true });
  });
});
