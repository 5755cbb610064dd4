import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useSystemStore } from '../../main/engine/core/trusted-authorities.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { openGatewaySession } from '../support/gateway-session.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { mailOf, submitTo } from '../support/submit-rig.ts';
import { tlsIdentity } from '../support/tls.ts';

// A company's own authority is rolled out to its machines, where every other mail program finds it; nobody names a file.

const KINDS = ['tls', 'starttls'] as const;
const identity = tlsIdentity();
let dovecot: Dovecot;
let restore = (): void => undefined;
beforeAll(async () => {
  dovecot = await startDovecot({ users: ['alice'], tls: identity });
});
afterEach(() => restore());
afterAll(() => dovecot.dispose());

const machineTrusts = (pems: readonly string[]): void => {
  restore = useSystemStore(() => pems);
};

async function logIn(security: (typeof KINDS)[number]): Promise<string> {
  const port = security === 'tls' ? dovecot.imapsPort : dovecot.imapPort;
  const credentials = { type: 'password', password: dovecot.user('alice').password } as const;
  try {
    const session = await openGatewaySession({ port, credentials, endpoint: { user: 'alice', host: 'localhost', security } });
    await session.close();
    return 'logged in';
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

async function submit(server: SmtpScript, security: (typeof KINDS)[number]): Promise<string> {
  const { verdict, error } = await submitTo(server, {
    raw: mailOf('words\r\n'),
    to: ['bob@example.com'],
    endpoint: { host: 'localhost', security },
  });
  return error?.code ?? verdict;
}

describe.each(KINDS)('a server whose certificate comes from the company, by %s', (security) => {
  it('is read from where the machine trusts that authority, and refused where it does not', async () => {
    machineTrusts([]);
    expect(await logIn(security)).toBe('tls-certificate-untrusted');
    restore();
    machineTrusts([identity.ca]);
    expect(await logIn(security)).toBe('logged in');
  });

  it('is sent by where the machine trusts that authority, and refused where it does not', async () => {
    const server = await startSmtpScript({ tls: { identity, mode: security === 'tls' ? 'implicit' : 'starttls' } });
    try {
      machineTrusts([]);
      expect(await submit(server, security)).toBe('tls-certificate-untrusted');
      restore();
      machineTrusts([identity.ca]);
      expect(await submit(server, security)).toBe('accepted');
    } finally {
      await server.close();
    }
  });
});
