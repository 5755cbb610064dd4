import { describe, expect, it } from 'vitest';
import { MailError } from '../../shared/errors.ts';
import { asAccountId, asOutboxId } from '../../shared/model/ids.ts';
import type { DeliveryVerdict } from '../../shared/model/outbox.ts';
import { settle } from '../../main/engine/outbox/settle.ts';
import { BodyDigest, bodyDigestOf } from '../../main/engine/outbox/body-digest.ts';
import { DueTimes } from '../../main/engine/outbox/due-times.ts';
import type { SubmissionResult } from '../../main/engine/smtp/gateway.ts';
import type { OutboxRow } from '../../main/engine/store/outbox-item.ts';
import type { Clock } from '../../main/engine/core/clock.ts';

const addresses = ['a@example.com', 'b@example.com', 'c@example.com'];
const pending = addresses.map((address) => ({ address, state: 'pending' as const, replyCode: null, reply: null, enhancedCode: null }));
const row = (change: Partial<OutboxRow> = {}): OutboxRow => ({
  ...{ id: asOutboxId(1), accountId: asAccountId(1), accountEmail: 'x@example.com', state: 'submitting', messageId: '<m@x>', date: 0 },
  ...{
    from: 'x@example.com',
    needsSmtpUtf8: false,
    subject: '',
    to: [],
    bcc: [],
    preview: '',
    rawSha256: new Uint8Array(32),
    sizeBytes: 1,
  },
  ...{ original: null, draftId: null, createdAt: 0, sendAfter: 0, nextAttemptAt: null, retries: 0, waitedMs: 0, lastTryAt: null },
  ...{ route: 'primary', bodyStarted: true, claimedBy: 'x', leaseUntil: 0, uncertainSince: null, wasUncertain: false, acceptedAt: null },
  ...{ outageId: null, sentCopy: null, sentStep: null, error: null, hold: null, originalMarked: false, endedAt: null, dismissedAt: null },
  recipients: pending,
  ...change,
});

const CODE: { readonly [V in DeliveryVerdict]: number | null } = { accepted: 250, transient: 450, permanent: 550, unknown: null };
function result(verdicts: readonly DeliveryVerdict[], change: Partial<SubmissionResult> = {}): SubmissionResult {
  const recipients = verdicts.map((verdict, index) => ({
    ...{ address: addresses[index] ?? '', verdict, replyCode: CODE[verdict], reply: `${verdict} said`, enhancedCode: null },
  }));
  const has = (verdict: DeliveryVerdict): boolean => verdicts.includes(verdict);
  const verdict = has('unknown') ? 'unknown' : has('accepted') ? 'accepted' : has('transient') ? 'transient' : 'permanent';
  const refused = new MailError('recipients-refused', { scope: 'message', retry: 'later' });
  const error = verdicts.every((one) => one === 'accepted') ? null : refused;
  return {
    ...{
      verdict,
      phase: has('accepted') ? 'replied' : 'recipients',
      recipients,
      replyCode: 250,
      reply: '',
      enhancedCode: null,
      queueId: null,
    },
    error,
    ...change,
  };
}

const kinds: DeliveryVerdict[] = ['accepted', 'transient', 'permanent'];
const all27 = kinds.flatMap((a) => kinds.flatMap((b) => kinds.map((c) => [a, b, c] as const)));

describe('what a submission means', () => {
  it.each(all27)('%s, %s, %s (O6)', (...verdicts) => {
    const { event, recipients, error, isAcceptedBySome, delayMs } = settle(row(), result(verdicts), 1_000, 0.5);
    const states = { accepted: 'accepted', transient: 'transient', permanent: 'rejected', unknown: 'unknown' };
    expect(recipients.map((one) => one.state)).toEqual(verdicts.map((one) => states[one]));
    expect(recipients.map((one) => one.reply)).toEqual(verdicts.map((one) => `${one} said`));
    expect(isAcceptedBySome).toBe(verdicts.includes('accepted'));
    const isLeft = verdicts.includes('transient');
    expect(event).toBe(isLeft ? 'retry' : verdicts.includes('accepted') ? 'accept' : 'refuse');
    expect(delayMs === null).toBe(!isLeft);
    if (!isLeft && verdicts.includes('permanent')) expect(error?.code).toBe('recipients-refused');
    if (!isLeft && !verdicts.includes('permanent')) expect(error).toBeNull();
  });

  it.each(kinds)('is uncertain as soon as one recipient is, beside %s', (other) => {
    const { event, error } = settle(row(), result(['unknown', other, 'unknown'], { phase: 'data-sent' }), 1_000, 0.5);
    expect([event, error?.code]).toEqual(['lose', 'delivery-unconfirmed']);
  });

  it('leaves recipients as they were when nothing was said of them', () => {
    const broken = result(['transient', 'transient', 'transient'], { phase: 'login', replyCode: null });
    const silent = { ...broken, recipients: broken.recipients.map((one) => ({ ...one, replyCode: null })) };
    const settled = settle(row(), silent, 1_000, 0.5);
    expect(settled).toMatchObject({ event: 'retry', recipients: [], isServerFailing: true, retries: 0, delayMs: 0 });
  });

  it('leaves recipients as they were when a reply was about the way or the account (O5)', () => {
    const error = new MailError('smtp-refused', { scope: 'account', retry: 'later' });
    const refused = result(['transient', 'transient', 'transient'], { phase: 'login', replyCode: 454, error });
    expect(settle(row(), refused, 1_000, 0.5)).toMatchObject({
      event: 'retry',
      recipients: [],
      retries: 0,
      delayMs: 0,
      isServerFailing: true,
    });
    const busy = result(['transient', 'transient', 'transient'], { phase: 'tls', replyCode: 421 });
    expect(settle(row(), busy, 1_000, 0.5)).toMatchObject({ event: 'retry', recipients: [], retries: 1, isServerFailing: true });
  });

  describe('of a mail for more recipients than the server takes at once (RFC 5321 4.5.3.1.10)', () => {
    const answer = (first: DeliveryVerdict, code: number, enhancedCode: string | null): SubmissionResult => {
      const one = result([first, 'transient', 'transient']);
      const said = { replyCode: code, enhancedCode, reply: enhancedCode === null ? 'Too many recipients' : 'not now' };
      const rest = one.recipients.map((reply, n) => (n === 0 ? reply : { ...reply, ...said }));
      return { ...one, recipients: rest };
    };
    it.each([
      [452, '4.5.3'],
      [452, null],
      [552, '5.5.3'],
    ] as const)('lets the rest follow at once, as no try that failed: %i %s', (code, enhancedCode) => {
      const settled = settle(row({ retries: 9 }), answer('accepted', code, enhancedCode), 1_000, 0.5);
      expect(settled).toMatchObject({ event: 'retry', delayMs: 1_000, retries: 9, isAcceptedBySome: true, isServerFailing: false });
    });

    it.each([
      ['nobody was taken', answer('transient', 452, '4.5.3')],
      ['their mailboxes are full', answer('accepted', 452, '4.2.2')],
      ['the server has no room', answer('accepted', 452, '4.3.1')],
    ] as const)('waits as ever where %s', (_, refused) => {
      const settled = settle(row({ retries: 9 }), refused, 1_000, 0.5);
      expect(settled).toMatchObject({ event: 'retry', retries: 10 });
      expect(settled.delayMs).toBeGreaterThan(60_000);
    });
  });

  it('gives up after its life and tells those who did not get it (O7)', () => {
    const some = [{ ...pending[0], state: 'accepted' as const }, ...pending.slice(1)] as OutboxRow['recipients'];
    const old = row({ waitedMs: 5.5 * 86_400_000, lastTryAt: 0, retries: 300, recipients: some });
    const left = result(['transient', 'transient', 'transient']);
    const settled = settle(old, { ...left, recipients: left.recipients.slice(1) }, 1_000, 0.5);
    expect([settled.event, settled.error?.code, settled.isAcceptedBySome]).toEqual(['give-up', 'delivery-given-up', true]);
    expect(settled.recipients.map((one) => [one.address, one.state])).toEqual([
      ['b@example.com', 'rejected'],
      ['c@example.com', 'rejected'],
    ]);
  });

  it('never judges anew who has it', () => {
    const some = [{ ...pending[0], state: 'accepted' as const }, ...pending.slice(1)] as OutboxRow['recipients'];
    const settled = settle(row({ recipients: some }), result(['permanent', 'accepted', 'accepted']), 1_000, 0.5);
    expect(settled.recipients.map((one) => one.address)).toEqual(['b@example.com', 'c@example.com']);
    expect(settled.event).toBe('accept');
  });
});

describe('the digest of a body', () => {
  it('is the same for any header, any cutting, and any blanks at the end', () => {
    const body = `line one\r\n\r\nline two  \r\n`;
    const wanted = bodyDigestOf([Buffer.from(`A: b\r\n\r\n${body}`)]);
    const longer = Buffer.from(`Received: x\r\nA: b\r\n\r\n${body}\r\n \t\r\n`);
    for (let size = 1; size < longer.length; size += 1) {
      const digest = new BodyDigest();
      for (let at = 0; at < longer.length; at += size) digest.update(longer.subarray(at, at + size));
      expect(digest.digest().equals(wanted), `pieces of ${size}`).toBe(true);
    }
    expect(bodyDigestOf([Buffer.from(`A: b\r\n\r\nline one\r\n\r\nline  two`)]).equals(wanted)).toBe(false);
  });
});

describe('waiting times', () => {
  const at = { wall: 1e12, running: 0 };
  const clock: Clock = { now: () => at.wall, monotonic: () => at.running, sleep: () => Promise.resolve(), after: () => () => undefined };

  it.each([
    ['a jump by a year forwards', 365 * 86_400_000],
    ['a jump by a year back', -365 * 86_400_000],
    ['no jump', 0],
  ])('of the undo window pass in running time, with %s', (_name, jump) => {
    const times = new DueTimes(clock, { maxMs: 300_000, trustsWall: false });
    const target = at.wall + 10_000;
    expect(times.waitMs(asOutboxId(1), target)).toBe(10_000);
    at.wall += jump + 4_000;
    at.running += 4_000;
    expect(times.waitMs(asOutboxId(1), target)).toBe(6_000);
    at.running += 6_000;
    expect(times.waitMs(asOutboxId(1), target)).toBe(0);
  });

  it('of a retry pass while the machine sleeps, and a clock that went back delays nothing', () => {
    const times = new DueTimes(clock, { maxMs: 1_800_000, trustsWall: true });
    const target = at.wall + 600_000;
    expect(times.waitMs(asOutboxId(2), target)).toBe(600_000);
    at.wall += 600_000;
    expect(times.waitMs(asOutboxId(2), target)).toBe(0);
    const next = at.wall + 20_000;
    expect(times.waitMs(asOutboxId(2), next)).toBe(20_000);
    at.wall -= 86_400_000;
    at.running += 20_000;
    expect(times.waitMs(asOutboxId(2), next)).toBe(0);
    // First seen after the clock had gone back: as long as a wait of ours can be.
    expect(times.waitMs(asOutboxId(3), at.wall + 86_400_000)).toBe(1_800_000);
  });
});
