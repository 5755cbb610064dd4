import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryReport } from '../../shared/model/outbox.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { OutboxRig } from '../support/outbox-rig.ts';

let smtp: SmtpScript;
let rig: OutboxRig;
beforeEach(async () => {
  smtp = await startSmtpScript();
  rig = new OutboxRig({ primary: smtp.port });
});
afterEach(async () => {
  await rig.close();
  await smtp.close();
});

const AT = Date.UTC(2026, 10, 28, 9);
const late = { address: 'BERND@example.com', action: 'delayed', status: '4.4.1', text: 'no route', retryUntil: AT + 1 } as const;
const reportOf = (originalMessageId: string, ...recipients: DeliveryReport['recipients'][number][]): DeliveryReport => ({
  originalMessageId,
  recipients: recipients.length > 0 ? recipients : [late],
});

describe('a report about the delivery', () => {
  it('is shown once with the mail it is about, and changes nothing of it', async () => {
    rig.outbox.start();
    const id = rig.send();
    await rig.reaches(id, 'accepted');
    const before = rig.row(id);
    const report = reportOf(before.messageId);
    // Both sides hold a copy of it.
    rig.outbox.noteReport(rig.account.id, report, AT);
    rig.outbox.noteReport(rig.account.id, report, AT);
    rig.outbox.noteReport(rig.account.id, reportOf(before.messageId, { ...late, action: 'failed', status: '5.1.1' }), AT + 5);
    expect(rig.outbox.item(id).notices).toEqual([
      { ...late, address: 'bernd@example.com', at: AT },
      { ...late, address: 'bernd@example.com', at: AT + 5, action: 'failed', status: '5.1.1' },
    ]);
    expect(rig.row(id)).toEqual(before);
    expect(smtp.mails).toHaveLength(1);
    await rig.restart();
    expect(rig.outbox.item(id).notices).toHaveLength(2);
  });

  it('is nothing to a mail that no server has, to another mail, or of a recipient that it never had', async () => {
    rig.route = { side: null, hold: 'offline' };
    rig.outbox.start();
    const waiting = rig.send();
    rig.outbox.noteReport(rig.account.id, reportOf(rig.row(waiting).messageId), AT);
    expect(rig.outbox.item(waiting).notices).toEqual([]);
    rig.route = { side: 'primary', hold: null };
    rig.outbox.routeChanged(rig.account.id);
    await rig.reaches(waiting, 'accepted');
    rig.outbox.noteReport(rig.account.id, reportOf('<another@example.com>'), AT);
    rig.outbox.noteReport(rig.account.id, reportOf(rig.row(waiting).messageId, { ...late, address: 'mallory@example.com' }), AT);
    expect(rig.outbox.item(waiting).notices).toEqual([]);
  });
});
