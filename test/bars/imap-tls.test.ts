import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../shared/model/account.ts';
import { allCapabilities, startImapScript, without, type ImapScript, type ImapScriptOptions } from '../support/imap-script.ts';
import { reportFigure } from '../support/figures.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import { tlsIdentity, type CertificateKind } from '../support/tls.ts';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

let cases = 0;
let refused = 0;

interface Seen {
  /** Everything the client sent, TLS taken off where there was any. */
  readonly text: string;
}

/** Tries to log in; the attempt has to fail with one of these codes, and no credential may have been sent. */
async function mustRefuse(port: number, endpoint: Partial<Endpoint>, codes: readonly string[], seen: () => Seen): Promise<void> {
  cases += 1;
  const error: unknown = await openGatewaySession({
    port,
    endpoint: { host: 'localhost', ...endpoint },
    times: { connectTimeoutMs: 2000, greetingTimeoutMs: 1000, commandTimeoutMs: 1000 },
  }).then(
    (session) => session.close().then(() => new Error('it was accepted')),
    (reason: unknown) => reason,
  );
  expect(codes).toContain((error as { code?: string }).code);
  const { text } = seen();
  expect(text).not.toMatch(/LOGIN|AUTHENTICATE|pw-alice|alice/i);
  expect(text).not.toContain(Buffer.from('\0alice\0pw-alice').toString('base64'));
  refused += 1;
}

async function script(options: ImapScriptOptions): Promise<ImapScript> {
  const server = await startImapScript(options);
  closers.push(() => server.close());
  return server;
}

const commands = (server: ImapScript) => (): Seen => ({ text: server.commands.map(({ name, args }) => `${name} ${args}`).join('\n') });
const trusted = (): Partial<Endpoint> => ({ caFile: tlsIdentity().caFile });

/** A server that speaks by script in clear text; what the client sends is kept. */
async function clearServer(onLine: (line: string, socket: Socket) => void, greeting: string): Promise<{ port: number; seen: () => Seen }> {
  let text = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write(greeting);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (const line of chunk.toString('latin1').split('\r\n')) if (line !== '') onLine(line, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen: () => ({ text }) };
}

const capabilityLine = `* CAPABILITY ${allCapabilities.join(' ')} STARTTLS\r\n`;

describe('E12: no credential goes to a server that has not proved itself', () => {
  const badCertificates: readonly (readonly [CertificateKind, string])[] = [
    ['expired', 'tls-certificate-expired'],
    ['wrong-host', 'tls-certificate-wrong-host'],
    ['self-signed', 'tls-certificate-untrusted'],
    ['untrusted-ca', 'tls-certificate-untrusted'],
  ];
  for (const [kind, code] of badCertificates) {
    for (const mode of ['implicit', 'starttls'] as const) {
      it(`certificate ${kind}, ${mode}`, async () => {
        const server = await script({ tls: { identity: tlsIdentity(kind), mode } });
        await mustRefuse(server.port, { ...trusted(), security: mode === 'implicit' ? 'tls' : 'starttls' }, [code], commands(server));
      });
    }
  }

  it('authority withdrawn: good yesterday, no longer in the account’s CA file', async () => {
    const server = await script({ tls: { identity: tlsIdentity('good'), mode: 'implicit' } });
    await mustRefuse(
      server.port,
      { caFile: tlsIdentity('self-signed').certFile, security: 'tls' },
      ['tls-certificate-untrusted'],
      commands(server),
    );
    await mustRefuse(server.port, { security: 'tls' }, ['tls-certificate-untrusted'], commands(server));
  });

  it('certificate not yet valid', async () => {
    const server = await script({ tls: { identity: tlsIdentity('not-yet-valid'), mode: 'implicit' } });
    await mustRefuse(server.port, { ...trusted(), security: 'tls' }, ['tls-certificate-expired'], commands(server));
  });

  it('STARTTLS stripped from the capabilities', async () => {
    const server = await script({});
    await mustRefuse(server.port, { ...trusted(), security: 'starttls' }, ['tls-not-offered'], commands(server));
  });

  it('STARTTLS offered and then refused', async () => {
    for (const action of [{ no: 'not today' }, { bad: 'what?' }]) {
      const server = await script({ tls: { identity: tlsIdentity('good'), mode: 'starttls' } });
      server.fault({ command: 'STARTTLS', action });
      await mustRefuse(server.port, { ...trusted(), security: 'starttls' }, ['tls-not-offered'], commands(server));
    }
  });

  it('plain text injected between the answer to STARTTLS and the handshake', async () => {
    const server = await script({ tls: { identity: tlsIdentity('good'), mode: 'starttls' } });
    server.fault({ command: 'STARTTLS', action: { suffix: `${capabilityLine}* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n` } });
    await mustRefuse(server.port, { ...trusted(), security: 'starttls' }, ['tls-failed'], commands(server));
  });

  it('greeting that claims we are logged in (PREAUTH), in clear text before TLS and under TLS', async () => {
    const starttls = await script({ greeting: '* PREAUTH welcome\r\n', tls: { identity: tlsIdentity('good'), mode: 'starttls' } });
    await mustRefuse(starttls.port, { ...trusted(), security: 'starttls' }, ['protocol-violation'], commands(starttls));
    const implicit = await script({ greeting: '* PREAUTH welcome\r\n', tls: { identity: tlsIdentity('good'), mode: 'implicit' } });
    await mustRefuse(implicit.port, { ...trusted(), security: 'tls' }, ['protocol-violation'], commands(implicit));
  });

  it('capabilities told before TLS do not choose the log-in after it', async () => {
    // In clear text: PLAIN is offered. Under TLS: nothing is; whoever edited the first list must not decide.
    const identity = tlsIdentity('good');
    let text = '';
    const { port } = await clearServer(
      (line, socket) => {
        const tag = line.split(' ')[0] ?? '';
        if (!/STARTTLS/i.test(line)) return void socket.write(`${capabilityLine}${tag} OK\r\n`);
        socket.removeAllListeners('data');
        socket.write(`${tag} OK begin\r\n`);
        const secure = new TLSSocket(socket, {
          isServer: true,
          secureContext: createSecureContext({ key: identity.key, cert: identity.cert }),
        });
        secure.on('error', () => undefined);
        secure.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
          for (const one of chunk.toString('latin1').split('\r\n')) {
            const its = one.split(' ')[0] ?? '';
            if (/CAPABILITY/i.test(one)) secure.write(`* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n${its} OK\r\n`);
            else if (one !== '') secure.write(`${its} OK\r\n`);
          }
        });
      },
      `* OK [CAPABILITY ${allCapabilities.join(' ')} STARTTLS] hello\r\n`,
    );
    await mustRefuse(port, { ...trusted(), security: 'starttls' }, ['auth-mechanism-missing'], () => ({ text }));
  });

  it('clear text where TLS is set', async () => {
    const { port, seen } = await clearServer(
      (line, socket) => socket.write(`${line.split(' ')[0]} OK\r\n`),
      `* OK [CAPABILITY ${allCapabilities.join(' ')}] hello\r\n`,
    );
    await mustRefuse(port, { ...trusted(), security: 'tls' }, ['tls-failed', 'connection-lost'], seen);
  });

  it('log-in in clear text switched off by the server', async () => {
    const server = await script({ capabilities: [...without('AUTH=PLAIN', 'AUTH=XOAUTH2', 'AUTH=OAUTHBEARER'), 'LOGINDISABLED'] });
    await mustRefuse(server.port, { security: 'plain' }, ['auth-mechanism-missing'], commands(server));
  });

  it('TLS 1.1 at most', async () => {
    const identity = tlsIdentity('good');
    const sockets = new Set<Socket>();
    let text = '';
    const server = createServer((socket) => {
      sockets.add(socket);
      const context = createSecureContext({
        key: identity.key,
        cert: identity.cert,
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      const secure = new TLSSocket(socket, { isServer: true, secureContext: context });
      secure.on('error', () => undefined);
      secure.on('data', (chunk: Buffer) => (text += chunk.toString()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await mustRefuse((server.address() as AddressInfo).port, { ...trusted(), security: 'tls' }, ['tls-failed', 'connection-lost'], () => ({
      text,
    }));
  });

  it('and the same client accepts a server that proves itself', async () => {
    for (const mode of ['implicit', 'starttls'] as const) {
      const server = await script({ tls: { identity: tlsIdentity('good'), mode } });
      const session = await openGatewaySession({
        port: server.port,
        endpoint: { host: 'localhost', ...trusted(), security: mode === 'implicit' ? 'tls' : 'starttls' },
      });
      await session.close();
    }
  });

  afterAll(() => reportFigure('E12 TLS (IMAP)', { cases, refusedBeforeCredentials: refused }));
});
