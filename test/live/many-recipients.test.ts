import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDovecot, type Dovecot } from '../support/dovecot.ts';
import { EngineRig } from '../support/engine-rig.ts';
import { startPostfix, type Postfix } from '../support/postfix.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { until } from '../support/until.ts';

const AT_ONCE = 10;

let dovecot: Dovecot;
let postfix: Postfix;
/** The servers of everybody else. */
let outside: SmtpScript;
beforeAll(async () => {
  dovecot = await startDovecot({ isForPostfix: true });
  outside = await startSmtpScript({ capabilities: ['8BITMIME', 'SMTPUTF8'] });
  postfix = await startPostfix({ dovecot, outsidePort: outside.port, recipientLimit: AT_ONCE });
});
afterAll(async () => {
  await postfix.dispose();
  await dovecot.dispose();
  await outside.close();
});

it('a mail for more people than Postfix takes at once reaches each of them once, without a wait, and is filed once', async () => {
  const { password } = dovecot.user();
  const rig = await EngineRig.open({
    primary: { port: dovecot.imapPort, user: 'alice', password, smtpPort: postfix.submissionPort },
    config: { email: 'alice@example.com', continuity: { undoSendSeconds: 0 } },
  });
  try {
    await rig.mirror();
    rig.engine.store.outbox.learnFilesOwnCopy('127.0.0.1', false, Date.now());
    rig.engine.start();
    const { outbox } = rig.engine.features;
    const people = Array.from({ length: 2 * AT_ONCE + 5 }, (_, n) => `kunde${n}@partner.test`);
    const outboxId = await rig.send(people, 'an alle');
    await until('filed', () => outbox.item(outboxId).state === 'filed', 30_000);
    const { attempts, recipients } = outbox.item(outboxId);
    expect(attempts).toHaveLength(3);
    expect(recipients.every(({ state }) => state === 'accepted')).toBe(true);
    const reached = (): string[] => outside.mails.flatMap((mail) => mail.to).sort();
    await until('all were reached', () => reached().length >= people.length);
    expect(reached()).toEqual([...people].sort());
    const other = await dovecot.connect();
    expect((await other.select('Sent', { readOnly: true })).exists).toBe(1);
    await other.close();
  } finally {
    await rig.close();
  }
});
