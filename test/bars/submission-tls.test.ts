import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Endpoint } from '../../shared/model/account.ts';
import { reportFigure } from '../support/figures.ts';
import { startSmtpScript, withoutSmtp, type SmtpScript, type SmtpScriptOptions } from '../support/smtp-script.ts';
import { submitTo } from '../support/submit-rig.ts';
import { tlsIdentity, type CertificateKind } from '../support/tls.ts';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

const tally = { cases: 0, refusedBeforeLogin: 0 };
const SECRETS = [
  'pw-alice',
  'alice',
  'AUTH',
  'MAIL',
  'Subject',
  ...['\0alice\0pw-alice', 'alice', 'pw-alice'].map((text) => Buffer.from(text).toString('base64')),
];

/** The submission has to fail with one of these codes, for the connection's sake, and the server may have learned nothing. */
async function mustRefuse(port: number, endpoint: Partial<Endpoint>, codes: readonly ErrorCode[], received: () => Buffer): Promise<void> {
  tally.cases += 1;
  const times = { connectMs: 3_000, greetingMs: 1_000, loginMs: 1_000 };
  const result = await submitTo({ port }, { endpoint: { host: 'localhost', caFile: tlsIdentity().caFile, ...endpoint }, times });
  expect(codes).toContain(result.error?.code);
  expect(result.verdict).toBe('transient');
  expect(['connect', 'tls', 'login']).toContain(result.phase);
  const text = received().toString('latin1');
  for (const secret of SECRETS) expect(text).not.toContain(secret);
  tally.refusedBeforeLogin += 1;
}

async function script(options: SmtpScriptOptions): Promise<SmtpScript> {
  const server = await startSmtpScript(options);
  closers.push(() => server.close());
  return server;
}

const good = (mode: 'implicit' | 'starttls') => ({ tls: { identity: tlsIdentity('good'), mode } });

describe('E12: nothing of the account or the mail goes to a server that has not proved itself', () => {
  const kinds: readonly (readonly [CertificateKind, ErrorCode])[] = [
    ['expired', 'tls-certificate-expired'],
    ['not-yet-valid', 'tls-certificate-expired'],
    ['wrong-host', 'tls-certificate-wrong-host'],
    ['self-signed', 'tls-certificate-untrusted'],
    ['untrusted-ca', 'tls-certificate-untrusted'],
  ];
  for (const [kind, code] of kinds) {
    for (const mode of ['implicit', 'starttls'] as const) {
      it(`certificate ${kind}, ${mode}`, async () => {
        const server = await script({ tls: { identity: tlsIdentity(kind), mode } });
        await mustRefuse(server.port, { security: mode === 'implicit' ? 'tls' : 'starttls' }, [code], () => server.received());
      });
    }
  }

  it('authority withdrawn from the account’s CA file', async () => {
    const server = await script(good('implicit'));
    await mustRefuse(server.port, { security: 'tls', caFile: tlsIdentity('self-signed').certFile }, ['tls-certificate-untrusted'], () =>
      server.received(),
    );
  });

  it('STARTTLS stripped, or offered and refused', async () => {
    const stripped = await script({});
    await mustRefuse(stripped.port, { security: 'starttls' }, ['tls-not-offered'], () => stripped.received());
    for (const reply of ['454 4.7.0 not now', '502 5.5.1 what?']) {
      const server = await script(good('starttls'));
      server.fault({ at: 'STARTTLS', reply });
      await mustRefuse(server.port, { security: 'starttls' }, ['tls-not-offered'], () => server.received());
    }
  });

  it('replies injected between the leave for STARTTLS and the handshake', async () => {
    for (const injected of ['235 2.7.0 you are in', '250-x\n250 AUTH PLAIN', '354 go ahead']) {
      const server = await script({ ...good('starttls'), reply: ({ name }) => (name === 'STARTTLS' ? `220 go\n${injected}` : undefined) });
      await mustRefuse(server.port, { security: 'starttls' }, ['tls-failed'], () => server.received());
    }
  });

  it('a log-in offered before TLS only', async () => {
    const server: SmtpScript = await script({
      ...good('starttls'),
      reply: ({ name }) => {
        if (name === 'STARTTLS') server.setCapabilities(withoutSmtp('AUTH'));
        return undefined;
      },
    });
    await mustRefuse(server.port, { security: 'starttls' }, ['auth-mechanism-missing'], () => server.received());
  });

  it('clear text where TLS is set, and a log-in that is not offered', async () => {
    const clear = await script({});
    await mustRefuse(clear.port, { security: 'tls' }, ['tls-failed', 'connection-lost'], () => clear.received());
    const silent = await script({ capabilities: withoutSmtp('AUTH') });
    await mustRefuse(silent.port, { security: 'plain' }, ['auth-mechanism-missing'], () => silent.received());
  });

  it('clear text to another machine, and a CA file that is not there or holds no certificate, without a connection', async () => {
    const server = await script({});
    await mustRefuse(server.port, { security: 'plain', host: '192.0.2.1' }, ['plain-refused'], () => server.received());
    for (const caFile of ['/nonexistent/ca.pem', import.meta.filename]) {
      await mustRefuse(server.port, { security: 'tls', caFile }, ['ca-file-unreadable'], () => server.received());
    }
    expect(server.attempts).toEqual([]);
  });

  it('TLS 1.1 at most', async () => {
    const { key, cert } = tlsIdentity('good');
    const chunks: Buffer[] = [];
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      const secureContext = createSecureContext({ key, cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    await mustRefuse(port, { security: 'tls' }, ['tls-failed', 'connection-lost'], () => Buffer.concat(chunks));
  });

  it('and the same client submits to a server that proves itself', async () => {
    for (const mode of ['implicit', 'starttls'] as const) {
      const server = await script(good(mode));
      const endpoint = { host: 'localhost', caFile: tlsIdentity().caFile, security: mode === 'implicit' ? 'tls' : 'starttls' } as const;
      expect((await submitTo(server, { endpoint })).verdict).toBe('accepted');
    }
  });

  afterAll(() => reportFigure('E12 TLS (submission)', tally));
});
