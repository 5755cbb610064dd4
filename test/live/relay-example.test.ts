import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineRig } from '../support/engine-rig.ts';
import { FilterMilter } from '../support/filter-milter.ts';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { canRunPostfix, startPostfix, type Postfix } from '../support/postfix.ts';
import { RelayExample } from '../support/relay-example.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { mailOf, submitTo } from '../support/submit-rig.ts';
import { tlsIdentity } from '../support/tls.ts';
import { until } from '../support/until.ts';

const users = ['anna', 'bernd'];
let outside: SmtpScript;
let filter: FilterMilter;
let mailServer: { dovecot: Dovecot; postfix: Postfix };
let relay: RelayExample;

beforeAll(async () => {
  if (!canRunPostfix()) return;
  outside = await startSmtpScript({ capabilities: ['8BITMIME', 'SMTPUTF8'] });
  filter = await FilterMilter.start('[odd]', 'X-Relay-Verdict: quarantine');
  const dovecot = await startDovecot({ users, isForPostfix: true });
  mailServer = { dovecot, postfix: await startPostfix({ dovecot, users, hostName: 'mail.example.com' }) };
  const primaryPort = mailServer.postfix.inboundPort;
  relay = await RelayExample.start({ users, tls: tlsIdentity(), primaryPort, outsidePort: outside.port, filterPort: filter.port });
});
afterAll(async () => {
  await relay?.dispose();
  await mailServer?.postfix.dispose();
  await mailServer?.dovecot.dispose();
  await filter?.close();
  await outside?.close();
});

interface Sent {
  readonly port: number;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send({ port, from, to, subject, headers = {} }: Sent): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
  await transport.sendMail({ from, to, subject, text: `Text of ${subject}.\r\n`, headers });
  transport.close();
}

const fromOutside = (to: string, subject: string, headers = {}) =>
  send({ port: relay.ports.incoming, from: 'kunde@partner.test', to, subject, headers });

async function atMailServer(user: string): Promise<string> {
  return mailServer.dovecot.doveadm(['-f', 'flow', 'fetch', '-u', user, 'hdr.subject', 'mailbox', 'INBOX']);
}

const has = (user: string, path: string, subject: string) =>
  until(`${subject} in ${path} of ${user}`, async () => (await relay.subjects(user, path)).includes(subject));

// Postfix becomes its own users, which only root may do.
describe.runIf(canRunPostfix())('the self-hosted relay of the admin guide, with its own files', () => {
  it('hands incoming mail on and keeps a copy', async () => {
    await fromOutside('anna@example.com', 'offer');
    await has('anna', 'INBOX', 'offer');
    await until('it is with the mail server', async () => (await atMailServer('anna')).includes('offer'));
  });

  it('refuses mail for nobody, and mail for elsewhere from just anybody', async () => {
    await expect(fromOutside('nobody@example.com', 'x')).rejects.toMatchObject({ responseCode: 550 });
    await expect(fromOutside('who@elsewhere.test', 'x')).rejects.toMatchObject({ responseCode: 554 });
  });

  it('keeps quarantined mail to itself, in a mailbox of its own, once, and lets nobody outside say what is quarantined', async () => {
    await fromOutside('anna@example.com', '[odd] invoice');
    await has('anna', 'Quarantine', '[odd] invoice');
    await fromOutside('anna@example.com', 'pretends', { 'X-Relay-Verdict': 'quarantine' });
    await has('anna', 'INBOX', 'pretends');
    expect(await relay.subjects('anna', 'Quarantine')).toEqual(['[odd] invoice']);
    expect(await relay.subjects('anna', 'INBOX')).not.toContain('[odd] invoice');
    expect(await atMailServer('anna')).not.toContain('invoice');
  });

  it('keeps copies of what goes out from the mail server, and of nothing that only says it does', async () => {
    await send({ port: relay.ports.smarthost, from: 'anna@example.com', to: 'kunde@partner.test', subject: 'answer' });
    await has('anna', 'Sent', 'answer');
    await until('it is outside', () => outside.mails.some((one) => one.raw.includes('answer')));
    await send({ port: relay.ports.incoming, from: 'anna@example.com', to: 'bernd@example.com', subject: 'forged' });
    await has('bernd', 'INBOX', 'forged');
    expect(await relay.subjects('anna', 'Sent')).toEqual(['answer']);
  });

  it('takes submissions by both kinds of TLS, under the own address only', async () => {
    const endpoint = { host: 'localhost', caFile: tlsIdentity().caFile };
    const credentials = { type: 'password', password: 'pw-anna' } as const;
    const from = 'anna@example.com';
    for (const security of ['tls', 'starttls'] as const) {
      const port = security === 'tls' ? relay.ports.submissions : relay.ports.submission;
      const how = { credentials, from, to: ['kunde@partner.test'], raw: mailOf(`by ${security}`) };
      const result = await submitTo({ port }, { endpoint: { ...endpoint, security, user: 'anna' }, ...how });
      expect(result).toMatchObject({ verdict: 'accepted' });
      const forged = await submitTo({ port }, { endpoint: { ...endpoint, security, user: 'anna' }, ...how, from: 'bernd@example.com' });
      expect(forged).toMatchObject({ verdict: 'permanent', phase: 'recipients' });
    }
    await until('both are in Sent', async () => (await relay.subjects('anna', 'Sent')).length === 3);
  });

  it('keeps what arrives while the mail server is gone, for the person and for the mail server', async () => {
    await mailServer.postfix.stop();
    await fromOutside('anna@example.com', 'in the outage');
    await has('anna', 'INBOX', 'in the outage');
    await mailServer.postfix.start();
    relay.flush();
    await until('it is with the mail server', async () => (await atMailServer('anna')).includes('in the outage'));
  });

  it('keeps a journal of everything that passes, and takes that of the mail server for what never does', async () => {
    await has('journal', 'INBOX', 'offer');
    await has('journal', 'INBOX', 'answer');
    // As the mail server's own always_bcc sends it: from colleague to colleague, with the journal as the only recipient.
    await send({ port: relay.ports.smarthost, from: 'bernd@example.com', to: 'journal@copies.internal', subject: 'among us' });
    await has('journal', 'INBOX', 'among us');
    await has('bernd', 'Sent', 'among us');
    const copies = (await relay.subjects('journal', 'INBOX')).filter((one) => one === 'among us');
    expect(copies).toHaveLength(1);
    expect(await relay.subjects('anna', 'INBOX')).not.toContain('among us');
    // Nobody else can write into it, nor into what somebody is said to have sent: not from outside, and not with a log-in.
    for (const to of ['journal@copies.internal', 'anna+Sent@copies.internal', 'anna@copies.internal'])
      await expect(fromOutside(to, 'smuggled')).rejects.toMatchObject({ responseCode: 554 });
    const endpoint = { host: 'localhost', security: 'tls', caFile: tlsIdentity().caFile, user: 'anna' } as const;
    const credentials = { type: 'password', password: 'pw-anna' } as const;
    const how = { endpoint, credentials, from: 'anna@example.com', to: ['bernd+Sent@copies.internal'], raw: mailOf('smuggled') };
    expect(await submitTo({ port: relay.ports.submissions }, how)).toMatchObject({ verdict: 'permanent', phase: 'recipients' });
  });

  it('is mirrored beside the mail server, with its quarantine marked as such', async () => {
    const { dovecot } = mailServer;
    const own = { user: 'anna', password: dovecot.user('anna').password };
    const rig = await EngineRig.open({ primary: { ...own, port: dovecot.imapPort }, relay: { ...own, port: relay.ports.imap } });
    try {
      await rig.mirror();
      const offer = rig.rows('INBOX').find((row) => row.subject === 'offer');
      expect(offer).toMatchObject({ sides: ['primary', 'relay'] });
      const quarantine = rig.engine.store.mailboxes.list(rig.accountId, 'relay').find((one) => one.kind === 'quarantined');
      expect(quarantine).toMatchObject({ path: 'Quarantine' });
      expect(rig.rows('Quarantine', 'relay').map((row) => row.subject)).toEqual(['[odd] invoice']);
      expect(rig.rows('Sent')).toHaveLength(3);
    } finally {
      await rig.engine.stop();
    }
  });

  it('lets each kind of mail expire after its own time', async () => {
    // The quarantine's week becomes a second; the days of the other kinds stay.
    await relay.restartDovecot([['autoexpunge = 7d', 'autoexpunge = 1s']]);
    const before = await relay.subjects('anna', 'INBOX');
    expect(before).toContain('offer');
    const rig = { primary: { user: 'anna', password: 'pw-anna', port: relay.ports.imap } };
    await until('the quarantine is empty', async () => {
      // It is done whenever somebody logs out.
      const visit = await EngineRig.open(rig);
      await visit.mirror();
      await visit.engine.stop();
      return (await relay.subjects('anna', 'Quarantine')).length === 0;
    });
    expect(await relay.subjects('anna', 'INBOX')).toEqual(before);
    expect(await relay.subjects('anna', 'Sent')).toHaveLength(3);
  });
});
