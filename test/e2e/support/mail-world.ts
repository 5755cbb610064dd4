import { SMTPServer } from 'smtp-server';
import type { AddressInfo } from 'node:net';
import type { AccountConfigInput } from '../../../shared/model/account.ts';
import { seedMailbox } from '../../support/dovecot-seed.ts';
import { startDovecot, type Dovecot } from '../../support/dovecot.ts';
import { buildSampleMailbox, sampleOwner, type SampleMailbox } from '../../support/sample-mail/index.mjs';

/** Two mail servers with the sample mailbox, and the configuration that reaches them. */
export interface MailWorld {
  readonly primary: Dovecot;
  readonly relay: Dovecot;
  readonly sample: { readonly primary: readonly SampleMailbox[]; readonly relay: readonly SampleMailbox[] };
  readonly password: string;
  readonly config: AccountConfigInput;
  readonly secrets: unknown;
  readonly smtpPort: number;
  /** Both servers gone at once, connections included; nothing listens any more. */
  pullPlug(): Promise<void>;
  plugIn(): Promise<void>;
  dispose(): Promise<void>;
}

const USER = 'alice';
const PASSWORD = 'canary-pw-6f1d';
const DAYS = 14;

/** Starts them, with the sample mail of so many days. */
export async function startMailWorld({ days = DAYS } = {}): Promise<MailWorld> {
  const sample = buildSampleMailbox({ now: new Date(), days });
  const [primary, relay] = await Promise.all([seeded(sample.primary), seeded(sample.relay)]);
  const smtp = await submissionServer();
  const endpoint = (port: number) => ({ host: '127.0.0.1', port, security: 'plain' as const, user: USER });
  const side = (server: Dovecot) => ({ imap: endpoint(server.imapPort), smtp: endpoint(smtp.port) });
  const secret = { type: 'password', password: PASSWORD };
  return {
    primary,
    relay,
    sample,
    password: PASSWORD,
    smtpPort: smtp.port,
    config: { email: sampleOwner.address, displayName: sampleOwner.name, primary: side(primary), relay: side(relay) },
    secrets: { primary: { imap: secret, smtp: secret }, relay: { imap: secret, smtp: secret } },
    pullPlug: async () => void (await Promise.all([primary.stop('KILL'), relay.stop('KILL')])),
    plugIn: async () => void (await Promise.all([primary.start(), relay.start()])),
    dispose: async () => {
      smtp.close();
      await Promise.all([primary.dispose(), relay.dispose()]);
    },
  };
}

async function seeded(mailboxes: readonly SampleMailbox[]): Promise<Dovecot> {
  const server = await startDovecot({ users: { [USER]: PASSWORD } });
  for (const { path, messages } of mailboxes) {
    const seeds = messages.map(({ raw, internalDate, flags }) => ({ raw, internalDate: internalDate.getTime(), flags }));
    await seedMailbox(server, USER, path, seeds);
  }
  return server;
}

async function submissionServer(): Promise<{ port: number; close(): void }> {
  const server = new SMTPServer({
    logger: false,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) => done(password === PASSWORD ? null : new Error('refused'), { user: username }),
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() };
}
