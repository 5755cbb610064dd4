import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/engine/core/clock.ts';
import { silentLog } from '../../main/engine/core/log.ts';
import { SERVER_WORDS_CHARS } from '../../main/engine/core/server-words.ts';
import { testConnections } from '../../main/engine/enrol/connection-test.ts';
import { createImapGateway } from '../../main/engine/imap/imapflow-gateway.ts';
import { createSmtpGateway } from '../../main/engine/smtp/nodemailer-gateway.ts';
import { accountConfigSchema, type Security } from '../../shared/model/account.ts';
import { accountSecretsSchema } from '../../shared/model/enrolment-file.ts';
import type { ConnectionStep } from '../../shared/model/sync.ts';
import { startImapScript, type ImapScript } from '../support/imap-script.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function imapServer(): Promise<ImapScript> {
  const server = await startImapScript();
  closers.push(() => server.close());
  return server;
}

/** A submission server that greets, offers a log-in and answers it so. */
async function smtpServer({ greeting = '220 hello', reply = '235 ok' }: { greeting?: string; reply?: string }): Promise<number> {
  const server = createServer((socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(`${greeting}\r\n`);
    createInterface(socket).on('line', (line) => {
      const answer = line.startsWith('EHLO') ? '250-hello\r\n250 AUTH PLAIN' : line.startsWith('AUTH') ? reply : '250 ok';
      socket.write(`${answer}\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

interface Asked {
  readonly imapPort: number;
  readonly smtpPort: number;
  readonly security?: Security;
}

async function tested({ imapPort, smtpPort, security = 'plain' }: Asked): Promise<ConnectionStep[]> {
  const of = { host: security === 'plain' ? '127.0.0.1' : 'localhost', user: 'alice', auth: { type: 'password' } } as const;
  const imap = { ...of, host: '127.0.0.1', port: imapPort, security: 'plain' };
  const config = accountConfigSchema.parse({ email: 'alice@example.com', primary: { imap, smtp: { ...of, port: smtpPort, security } } });
  const password = { type: 'password', password: 'pw-alice' };
  const gateways = { imap: createImapGateway({ clock: systemClock, log: silentLog }), smtp: createSmtpGateway() };
  return testConnections(
    { ...gateways, clock: systemClock },
    config,
    accountSecretsSchema.parse({ primary: { imap: password, smtp: password } }),
  );
}

const saidOf = (steps: readonly ConnectionStep[]) =>
  steps.flatMap(({ service, step, said }) => (said === null ? [] : [[service, step, said]]));

describe('what a server says of a log-in that it refuses', () => {
  it('is quoted to the person, for receiving', async () => {
    const server = await imapServer();
    const text = 'Application-specific password required: https://support.example.com/185833 (Failure)';
    server.fault({ command: 'AUTHENTICATE', action: { no: `[ALERT] ${text}` } });
    const steps = await tested({ imapPort: server.port, smtpPort: await smtpServer({}) });
    expect(saidOf(steps)).toEqual([['imap', 'login', text]]);
    expect(JSON.stringify(steps.map((one) => one.error))).not.toContain('password required');
  });

  it.each([
    ['in one line', '535 5.7.139 Authentication unsuccessful', '535 5.7.139 Authentication unsuccessful'],
    [
      'in several, with marks that turn text',
      '535-5.7.8 Username and\u202e\r\n535 5.7.8 password',
      '535-5.7.8 Username and 5.7.8 password',
    ],
    ['without end', `535 ${'x'.repeat(5000)}`, `535 ${'x'.repeat(SERVER_WORDS_CHARS - 4)}`],
  ])('is quoted for sending, %s', async (_how, reply, said) => {
    const { port } = await imapServer();
    const steps = await tested({ imapPort: port, smtpPort: await smtpServer({ reply }) });
    expect(saidOf(steps)).toEqual([['smtp', 'login', said]]);
    expect(JSON.stringify(steps.map((one) => one.error))).not.toMatch(/unsuccessful|Username|xxx/u);
  });

  it('is not where it came before the encryption that was asked for', async () => {
    const { port } = await imapServer();
    const smtpPort = await smtpServer({ greeting: '454 4.7.0 call this number to log in' });
    const steps = await tested({ imapPort: port, smtpPort, security: 'starttls' });
    expect(steps.some((one) => one.service === 'smtp' && one.status === 'failed')).toBe(true);
    expect(saidOf(steps)).toEqual([]);
  });
});
