import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DraftContent } from '../../shared/model/compose.ts';
import { asAccountId } from '../../shared/model/ids.ts';
import type { DeliveryReport } from '../../shared/model/outbox.ts';
import { createDraftStore } from '../../main/engine/store/drafts.ts';
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

const EMPTY: DraftContent = { accountId: asAccountId(1), to: [], cc: [], bcc: [], subject: '', format: 'rich', html: '', text: '' };
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

  it('opens the mail again for those who did not get it, and for no others, until they were written to again', async () => {
    const draft = { content: EMPTY, email: 'anna@example.com', original: null, files: [], thread: { inReplyTo: null, references: [] } };
    const draftId = createDraftStore(rig.handle).create(draft, AT);
    rig.outbox.start();
    const id = rig.send({ draftId, envelope: { from: 'anna@example.com', to: ['bernd@example.com', 'carla@example.com'] } });
    await rig.reaches(id, 'accepted');
    const note = (action: 'failed' | 'delivered', at: number) =>
      rig.outbox.noteReport(rig.account.id, reportOf(rig.row(id).messageId, { ...late, action }), at);
    expect(rig.outbox.item(id).canEdit).toBe(false);
    expect(() => rig.outbox.edit(id)).toThrow('too-late');
    note('failed', AT);
    expect(rig.outbox.item(id).canEdit).toBe(true);
    // What was reported last holds.
    note('delivered', AT + 1);
    expect(rig.outbox.item(id).canEdit).toBe(false);
    note('failed', AT + 2);
    expect(rig.outbox.edit(id)).toBe(draftId);
    expect(rig.reopened).toEqual([{ id, only: ['bernd@example.com'] }]);
    rig.send({ draftId, sendAfter: rig.clock.now() + 60_000 });
    expect(rig.outbox.item(id)).toMatchObject({ isReplaced: true, canEdit: false });
    expect(smtp.mails).toHaveLength(1);
  });

  it('offers nothing once what was written is no longer here', async () => {
    rig.outbox.start();
    const id = rig.send();
    await rig.reaches(id, 'accepted');
    rig.outbox.noteReport(rig.account.id, reportOf(rig.row(id).messageId, { ...late, action: 'failed' }), AT);
    expect(rig.outbox.item(id)).toMatchObject({ canEdit: false, notices: [{ action: 'failed' }] });
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
