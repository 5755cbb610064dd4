import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MailError } from '../../shared/errors.ts';
import type { OutboxContext } from '../../main/engine/outbox/context.ts';
import { startSmtpScript, type SmtpScript } from '../support/smtp-script.ts';
import { refused, takenBack } from '../../shared/outbox-kind.ts';
import { OutboxRig } from '../support/outbox-rig.ts';
import { until } from '../support/until.ts';
import { codeOf } from '../support/error-code.ts';

let primary: SmtpScript;
let relay: SmtpScript;
let rig: OutboxRig;

beforeEach(async () => {
  primary = await startSmtpScript();
  relay = await startSmtpScript();
  rig = new OutboxRig({ primary: primary.port, relay: relay.port });
  rig.outbox.start();
});
afterEach(async () => {
  await rig.close();
  await primary.close();
  await relay.close();
});

const three = { from: 'anna@example.com', to: ['a@example.com', 'b@example.com', 'c@example.com'] };
describe('a mail handed over', () => {
  it('leaves by the primary with the bytes that were frozen, and is accepted with the name the server gave it', async () => {
    const id = rig.send({ original: { entryId: 9 as never, kind: 'reply' } });
    const row = await rig.reaches(id, 'accepted');
    expect(row).toMatchObject({ route: 'primary', sentCopy: 'waiting', error: null, outageId: null, bodyStarted: false });
    expect(primary.mails[0]?.raw.equals(Buffer.concat([...rig.store.bytes.pieces(id)]))).toBe(true);
    expect(primary.mails[0]).toMatchObject({ from: 'anna@example.com', to: ['bernd@example.com'] });
    const item = rig.outbox.item(id);
    expect(item.attempts).toMatchObject([{ route: 'primary', phase: 'replied', verdict: 'accepted', replyCode: 250, queueId: 'Q00001' }]);
    expect(item.recipients).toMatchObject([{ state: 'accepted' }]);
    expect(rig.reports).toEqual([{ side: 'primary', error: null }]);
    await until('marked', () => rig.marked.length > 0);
    expect(rig.marked).toEqual([id]);
  });

  it('leaves by the relay in continuity and belongs to the outage', async () => {
    rig.route = { side: 'relay', hold: null };
    expect(await rig.reaches(rig.send(), 'accepted')).toMatchObject({ route: 'relay', outageId: 7 });
    expect(relay.mails).toHaveLength(1);
    expect(primary.mails).toHaveLength(0);
  });

  it('waits without a route, says why, and leaves when there is one', async () => {
    rig.route = { side: null, hold: 'offline' };
    const id = rig.send();
    await until('held', () => rig.row(id).hold === 'offline');
    expect(rig.outbox.item(id)).toMatchObject({ state: 'queued', hold: 'offline', nextAttemptAt: null, canCancel: true });
    rig.route = { side: 'relay', hold: null };
    rig.outbox.routeChanged(rig.account.id);
    await rig.reaches(id, 'accepted');
  });

  it('is tried again after a 4xx, by the same bytes, and the way may have changed', async () => {
    primary.fault({ at: 'BODY', reply: '451 4.3.0 try later' });
    const id = rig.send();
    await until('put off', () => rig.row(id).hold === 'retry');
    expect(rig.outbox.item(id)).toMatchObject({
      state: 'queued',
      route: null,
      recipients: [{ state: 'transient', reply: '451 4.3.0 try later' }],
    });
    expect(rig.reports.at(-1)?.error?.code).toBe('smtp-refused');
    expect(rig.row(id).nextAttemptAt).toBeGreaterThan(rig.clock.now());
    rig.route = { side: 'relay', hold: null };
    rig.clock.rate = 500;
    await rig.reaches(id, 'accepted');
    expect(relay.mails).toHaveLength(1);
    expect(primary.mails).toHaveLength(0);
    expect(rig.outbox.item(id).attempts.map((one) => [one.route, one.verdict])).toEqual([
      ['primary', 'transient'],
      ['relay', 'accepted'],
    ]);
  });

  it('stops at once at a 5xx, says why, and can be changed', async () => {
    primary.fault({ at: 'BODY', reply: '554 5.7.1 spam' });
    const id = rig.send();
    const row = await rig.reaches(id, 'rejected');
    expect(rig.outbox.item(id)).toMatchObject({
      canEdit: true,
      canCancel: false,
      recipients: [{ state: 'rejected', enhancedCode: '5.7.1' }],
    });
    expect(rig.outbox.edit(id)).toBe(row.draftId);
    expect(rig.reopened).toEqual([{ id, only: null }]);
    expect(rig.outbox.items()).toEqual([]);
  });

  it('asks nobody any more about a refused recipient who was written to again, unless that was taken back', async () => {
    primary.fault({ at: 'RCPT', nth: 1, reply: '550 5.1.1 who' });
    const id = rig.send({ envelope: { from: 'anna@example.com', to: ['a@example.com', 'b@example.com'] } });
    const { draftId } = await rig.reaches(id, 'accepted');
    expect(rig.outbox.item(id)).toMatchObject({ isReplaced: false, canEdit: true });
    expect(rig.outbox.edit(id)).toBe(draftId);
    expect(rig.outbox.item(id)).toMatchObject({ isReplaced: false, canEdit: true });
    const again = rig.send({ draftId: draftId!, sendAfter: rig.clock.now() + 60_000 });
    expect(rig.outbox.item(id)).toMatchObject({ isReplaced: true, canEdit: false });
    rig.outbox.cancel(again);
    expect(rig.outbox.item(id)).toMatchObject({ isReplaced: false, canEdit: true });
  });

  it('goes to each recipient once: 4xx again alone, 5xx shown (O6)', async () => {
    primary.fault({ at: 'RCPT', nth: 2, reply: '450 4.2.1 busy' });
    primary.fault({ at: 'RCPT', nth: 2, reply: '550 5.1.1 who' });
    const id = rig.send({ envelope: three });
    await until('first part', () => rig.row(id).acceptedAt !== null);
    expect(rig.row(id)).toMatchObject({ state: 'queued', sentCopy: 'waiting' });
    rig.clock.rate = 500;
    await rig.reaches(id, 'accepted');
    expect(primary.mails.map((mail) => mail.to)).toEqual([['a@example.com'], ['b@example.com']]);
    expect(rig.row(id).recipients.map((one) => one.state)).toEqual(['accepted', 'accepted', 'rejected']);
    expect(rig.row(id).error?.code).toBe('recipients-refused');
  });

  it('is taken back from those who are put off while others have it, and can be sent to them as another mail (O12)', async () => {
    primary.fault({ at: 'RCPT', nth: 2, reply: '450 4.2.1 busy' });
    primary.fault({ at: 'RCPT', nth: 2, reply: '550 5.1.1 who' });
    const id = rig.send({ envelope: three });
    await until('first part', () => rig.row(id).acceptedAt !== null);
    expect(rig.outbox.item(id)).toMatchObject({ state: 'queued', canCancel: true });
    expect(rig.outbox.cancel(id)).toBeNull();
    expect(rig.row(id)).toMatchObject({ state: 'accepted', sentCopy: 'waiting', hold: null, nextAttemptAt: null });
    expect(codeOf(() => rig.outbox.cancel(id))).toBe('too-late');
    rig.clock.rate = 5_000;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(primary.mails.map((mail) => mail.to)).toEqual([['a@example.com']]);
    const item = rig.outbox.item(id);
    expect([takenBack(item), refused(item)].map((list) => list.map((one) => one.address))).toEqual([['b@example.com'], ['c@example.com']]);
    expect(item).toMatchObject({ canEdit: true, canCancel: false, error: { code: 'cancelled' } });
    rig.outbox.edit(id);
    expect(rig.reopened).toEqual([{ id, only: ['b@example.com', 'c@example.com'] }]);
  });

  it.each([
    ['before its body had begun: it leaves after all', 'pieces', 'accepted', 1],
    ['after it: its fate is uncertain, and it does not leave again', 'audited', 'unknown', 1],
  ] as const)('does not stay under way when the store fails %s', async (_name, at, state, mails) => {
    let failing = 1;
    const failOnce = (): void => {
      failing -= 1;
      if (failing >= 0) throw new MailError('store-io', { scope: at === 'pieces' ? 'store' : 'message', retry: 'later' });
    };
    const around = ({ store }: OutboxContext): Partial<OutboxContext> =>
      at === 'audited'
        ? { audited: failOnce }
        : {
            store: {
              ...store,
              bytes: {
                ...store.bytes,
                pieces: (id) => {
                  failOnce();
                  return store.bytes.pieces(id);
                },
              },
            },
          };
    const other = new OutboxRig({ primary: primary.port, relay: relay.port, around });
    try {
      other.outbox.start();
      const id = other.send();
      await until('failed', () => failing < 1);
      const next = other.send();
      other.clock.rate = 500;
      expect((await other.reaches(id, 'accepted', 'unknown')).state).toBe(state);
      await other.reaches(next, 'accepted');
      expect(primary.mails).toHaveLength(mails + 1);
      if (state === 'unknown') expect(other.outbox.item(id).attempts).toMatchObject([{ verdict: 'unknown' }]);
    } finally {
      await other.close();
    }
  });

  it('is uncertain after a lost reply and never leaves again by itself (O2)', async () => {
    primary.fault({ at: 'BODY', when: 'unanswered', cut: 'reset' });
    const id = rig.send();
    const row = await rig.reaches(id, 'unknown');
    expect(row).toMatchObject({ route: 'primary', bodyStarted: true });
    expect(row.error?.code).toBe('delivery-unconfirmed');
    rig.route = { side: 'relay', hold: null };
    rig.outbox.routeChanged(rig.account.id);
    rig.clock.rate = 5_000;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(rig.row(id).state).toBe('unknown');
    expect([primary.mails.length, relay.mails.length]).toEqual([1, 0]);
    expect(codeOf(() => rig.outbox.cancel(id))).toBe('too-late');
    expect(codeOf(() => rig.outbox.dismiss(id))).toBe('operation-unsafe');
  });

  it('leaves once more when a person says so, with the same bytes; or is marked as sent', async () => {
    primary.fault({ at: 'BODY', when: 'unanswered', cut: 'reset', nth: 1 });
    const id = rig.send();
    await rig.reaches(id, 'unknown');
    expect(rig.outbox.resend(id).state).toMatch(/queued|submitting/u);
    expect(await rig.reaches(id, 'accepted')).toMatchObject({ wasUncertain: false });
    expect(primary.mails).toHaveLength(2);
    expect(primary.mails[0]?.raw.equals(primary.mails[1]?.raw ?? Buffer.alloc(0))).toBe(true);
    primary.fault({ at: 'BODY', when: 'unanswered', cut: 'reset' });
    const other = rig.send();
    await rig.reaches(other, 'unknown');
    expect(rig.outbox.markSent(other)).toMatchObject({ state: 'accepted', sentCopy: 'waiting' });
    expect(primary.mails).toHaveLength(3);
  });

  it('taken back while a second sending waits is uncertain again, not "not sent"', async () => {
    primary.fault({ at: 'BODY', when: 'unanswered', cut: 'end' });
    const id = rig.send();
    await rig.reaches(id, 'unknown');
    rig.route = { side: null, hold: 'no-route' };
    rig.outbox.resend(id);
    expect(rig.outbox.cancel(id)).toBeNull();
    expect(rig.outbox.item(id)).toMatchObject({ state: 'unknown', recipients: [{ state: 'unknown' }] });
    expect(rig.reopened).toEqual([]);
  });

  it('does not use up its life while the log-in is refused (O5)', async () => {
    await rig.stop();
    await primary.close();
    primary = await startSmtpScript({ passwords: { alice: 'other' }, port: primary.port });
    rig.open();
    rig.outbox.start();
    const id = rig.send();
    await until('refused', () => rig.row(id).hold === 'login-refused');
    expect(rig.row(id)).toMatchObject({ state: 'queued', retries: 0 });
    expect(rig.row(id).error?.code).toBe('auth-rejected');
    expect(rig.reports.at(-1)?.error?.code).toBe('auth-rejected');
  });

  it('is not sent when its bytes are not those that were frozen (O4)', async () => {
    rig.route = { side: null, hold: null };
    const id = rig.send();
    rig.handle.db.prepare('UPDATE outbox_chunks SET content = ? WHERE outbox_id = ?').run(Buffer.from('other'), id);
    rig.route = { side: 'primary', hold: null };
    rig.outbox.routeChanged(rig.account.id);
    await rig.reaches(id, 'quarantined');
    expect(primary.mails).toHaveLength(0);
  });
});

describe('taking back (O12)', () => {
  it('works in the undo window, and gives the draft back', async () => {
    const id = rig.send({ sendAfter: rig.clock.now() + 20_000 });
    await until('held', () => rig.row(id).hold === 'undo-window');
    expect(rig.outbox.cancel(id)).toBe(rig.row(id).draftId);
    expect(rig.row(id).state).toBe('cancelled');
    rig.clock.rate = 1_000;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(primary.attempts).toHaveLength(0);
  });

  it('ends the undo window by "send now"', async () => {
    const id = rig.send({ sendAfter: rig.clock.now() + 3_600_000 });
    await until('held', () => rig.row(id).hold === 'undo-window');
    rig.outbox.sendNow(id);
    await rig.reaches(id, 'accepted');
  });

  it.each(['greeting', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA'] as const)('works while the server thinks about %s', async (at) => {
    primary.fault({ at, delayMs: 1_000 });
    const id = rig.send();
    await rig.reaches(id, 'submitting');
    await until('server asked', () => primary.attempts.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 150));
    rig.outbox.cancel(id);
    expect(rig.row(id).state).toBe('cancelled');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(rig.row(id).state).toBe('cancelled');
    expect(primary.mails).toHaveLength(0);
  });

  it('is refused once the body has begun', async () => {
    primary.fault({ at: 'BODY', when: 'unanswered', delayMs: 800 });
    const id = rig.send();
    await until('body', () => rig.row(id).bodyStarted);
    expect(codeOf(() => rig.outbox.cancel(id))).toBe('too-late');
    expect(rig.outbox.item(id).canCancel).toBe(false);
  });
});

describe('two that send the same mail', () => {
  it('finds out after a kill that nothing had left, or that it may have (O1, O2)', async () => {
    await rig.outbox.stop();
    const [before, during] = [rig.send({ envelope: three }), rig.send({ envelope: three })];
    for (const id of [before, during]) {
      rig.store.change(id, { state: 'submitting', route: 'relay', claimedBy: 'here/x', leaseUntil: rig.clock.now() + 1e6 });
      rig.store.evidence.beginAttempt(id, 5, 'relay');
    }
    rig.store.change(during, { bodyStarted: true });
    rig.store.setRecipient(during, 'c@example.com', { state: 'rejected', replyCode: 550, reply: 'no', enhancedCode: null });
    await rig.restart();
    rig.route = { side: null, hold: null };
    rig.outbox.start();
    expect(rig.row(before)).toMatchObject({ state: 'queued', route: null });
    expect(rig.row(during)).toMatchObject({ state: 'unknown', route: 'relay', error: { code: 'delivery-unconfirmed' } });
    expect(rig.row(during).recipients.map((one) => one.state)).toEqual(['unknown', 'unknown', 'rejected']);
    expect(rig.outbox.item(during).attempts).toMatchObject([{ verdict: 'unknown' }]);
  });

  it("respects another machine's claim until its lease is over (O9)", async () => {
    await rig.outbox.stop();
    const id = rig.send();
    rig.store.change(id, { state: 'submitting', route: 'primary', claimedBy: 'there/x', leaseUntil: rig.clock.now() + 60_000 });
    await rig.restart();
    rig.outbox.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(rig.row(id).state).toBe('submitting');
    rig.clock.rate = 2_000;

    await rig.reaches(id, 'accepted');
  });

  it('a full disk ends neither its start nor its daily upkeep, nor what another machine left: that is taken up when there is space', async () => {
    const full = new MailError('store-full', { scope: 'store', retry: 'later' });
    const refusals = { upkeep: 0, recover: 0 };
    const around = ({ store, handle }: OutboxContext): Partial<OutboxContext> => ({
      store: {
        ...store,
        forgetEnded: (...of) => {
          if (refusals.upkeep++ < 2) throw full;
          return store.forgetEnded(...of);
        },
      },
      handle: {
        ...handle,
        tx: (name, work) => {
          if (name === 'outbox.recover' && refusals.recover++ < 2) throw full;
          return handle.tx(name, work);
        },
      },
    });
    const other = new OutboxRig({ primary: primary.port, around });
    try {
      const id = other.send();
      const leaseUntil = other.clock.now() + 60_000;
      other.store.change(id, { state: 'submitting', route: 'primary', claimedBy: 'there/x', leaseUntil });
      other.outbox.start();
      other.clock.rate = 5_000;
      await other.reaches(id, 'accepted');
      other.clock.pass(2.5 * 86_400_000);
      await until('upkeep again', () => refusals.upkeep >= 3);
      expect(refusals.recover).toBeGreaterThanOrEqual(3);
    } finally {
      await other.close();
    }
  });
});
