import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Side } from '../../shared/model/account.ts';
import { startMailPair, type MailPair } from '../support/mail-pair.ts';
import { canRunPostfix } from '../support/postfix.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { mailOf, submitTo, type SubmitHow } from '../support/submit-rig.ts';
import { tlsIdentity } from '../support/tls.ts';
import { until } from '../support/until.ts';

let pair: MailPair;
let outside: SmtpScript;
beforeAll(async () => {
  if (!canRunPostfix()) return;
  outside = await startSmtpScript({ capabilities: ['8BITMIME', 'SMTPUTF8'] });
  pair = await startMailPair({ users: ['alice', 'bob'], tls: tlsIdentity(), outsidePort: outside.port });
});
afterAll(async () => {
  await pair?.dispose();
  await outside?.close();
});

const secure = { host: 'localhost', caFile: tlsIdentity().caFile };

function submit(side: Side, how: SubmitHow, security: 'tls' | 'starttls' = 'starttls') {
  const { postfix } = pair[side];
  const port = security === 'tls' ? postfix.smtpsPort : postfix.submissionPort;
  return submitTo({ port }, { endpoint: { ...secure, security }, ...how });
}

/** Sources in one mailbox, newest last. */
async function mailsIn(side: Side, user: string, path: string): Promise<string[]> {
  const text = await pair[side].dovecot.doveadm(['-f', 'flow', 'fetch', '-u', user, 'text', 'mailbox', path]);
  return text === '' ? [] : text.split('text=').slice(1);
}

// Postfix becomes its own users, which only root may do; everywhere else the scripted server stands for it.
describe.runIf(canRunPostfix())('Postfix of the tests', () => {
  it('takes mail from those who log in, over both kinds of TLS, and delivers it', async () => {
    for (const security of ['tls', 'starttls'] as const) {
      const raw = mailOf(`body by ${security}\r\n.dot\r\n`);
      const result = await submit('primary', { raw, to: ['bob@example.com'] }, security);
      expect(result).toMatchObject({ verdict: 'accepted', enhancedCode: '2.0.0', error: null });
      expect(pair.primary.postfix.log()).toContain(`${result.queueId}: client=`);
    }
    await until('two mails with bob', async () => (await mailsIn('primary', 'bob', 'INBOX')).length === 2);
    expect((await mailsIn('primary', 'bob', 'INBOX')).join('')).toContain('body by tls\n.dot\n');
  });

  it('refuses a wrong password, an unknown recipient and one that is too large, each in its own way', async () => {
    const wrong = await submit('primary', { credentials: { type: 'password', password: 'no' } });
    expect(wrong).toMatchObject({ verdict: 'transient', phase: 'login', error: { code: 'auth-rejected' } });
    const partly = await submit('primary', { to: ['nobody@example.com', 'bob@example.com'] });
    expect(partly.recipients.map(({ verdict }) => verdict)).toEqual(['permanent', 'accepted']);
    expect(partly.recipients[0]).toMatchObject({ replyCode: 550, enhancedCode: '5.1.1' });
    const block = Buffer.from(`${'x'.repeat(78)}\r\n`.repeat(1_000));
    const large = await submit('primary', { raw: () => Array.from({ length: 2_000 }, () => block), sizeBytes: 160_000_000 });
    expect(large).toMatchObject({ verdict: 'permanent', error: { code: 'message-too-large-for-server' } });
  });

  it('hands other domains on, bytes unchanged', async () => {
    const raw = mailOf('grüße\r\n..\r\n');
    const result = await submit('relay', { raw, to: ['carol@outside.test', 'jörg@outside.test'] });
    expect(result.verdict).toBe('accepted');
    await until('both outside', () => outside.mails.flatMap(({ to }) => to).length === 2);
    for (const mail of outside.mails) expect(mail.raw.includes(raw.subarray(raw.indexOf('From: ')))).toBe(true);
  });

  it('as a relay keeps copies, queues while the primary is away and delivers when it is back', async () => {
    await pair.primary.down('KILL');
    const result = await submit('relay', { raw: mailOf('in the outage\r\n'), to: ['bob@example.com'] });
    expect(result.verdict).toBe('accepted');
    await until('copies at the relay', async () => {
      const sent = await mailsIn('relay', 'alice', 'Sent');
      const inbox = await mailsIn('relay', 'bob', 'INBOX');
      return sent.some((text) => text.includes('in the outage')) && inbox.some((text) => text.includes('in the outage'));
    });
    expect((await pair.relay.postfix.queue()).flatMap(({ recipients }) => recipients)).toContain('bob@example.com');
    await pair.primary.up();
    await pair.flush();
    await until('the mail at the primary', async () =>
      (await mailsIn('primary', 'bob', 'INBOX')).some((text) => text.includes('in the outage')),
    );
    expect((await mailsIn('primary', 'bob', 'INBOX')).filter((text) => text.includes('in the outage'))).toHaveLength(1);
    await until('an empty queue', async () => (await pair.relay.postfix.queue()).length === 0);
  });
});
