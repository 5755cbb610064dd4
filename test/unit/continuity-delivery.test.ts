import { describe, expect, it } from 'vitest';
import { DELIVERY_MEMORY_MS, DELIVERY_PATIENCE_MS, judgeDeliveries, type DeliveryTimes } from '../../main/engine/continuity/delivery.ts';
import type { Delivery } from '../../main/engine/store/relay-arrivals.ts';
import { asEntryId } from '../../shared/model/ids.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 28, 10);

/** A mail that the relay took so many minutes ago. */
function mail(minutesAgo: number, change: Partial<Delivery> = {}): Delivery {
  const at = NOW - minutesAgo * MINUTE;
  const sender = `sender${minutesAgo}@partner.test`;
  return {
    ...{ entryId: asEntryId(minutesAgo + 1), messageId: `<${minutesAgo}@x>`, internalDate: at, seenAt: at, sender, isDelivered: false },
    ...change,
  };
}

const judge = (mails: readonly Delivery[], change: Partial<DeliveryTimes> = {}) =>
  judgeDeliveries(mails, { now: NOW, lookedAt: NOW, countsFrom: NOW - DELIVERY_MEMORY_MS, ...change });

/** Suspicious or not, and how many minutes ago the relay took what is missed. */
const told = (mails: readonly Delivery[], change: Partial<DeliveryTimes> = {}): [boolean, number[]] => {
  const { isSuspicious, undelivered } = judge(mails, change);
  return [isSuspicious, undelivered.map((one) => (NOW - one.internalDate) / MINUTE)];
};

describe('whether the primary still delivers', () => {
  it('is doubted by three mails of two senders that are missed for longer than is normal', () => {
    expect(told([mail(16), mail(20), mail(40)])).toEqual([true, [16, 20, 40]]);
  });

  it('is not by two', () => expect(told([mail(16), mail(20)])).toEqual([false, [16, 20]]));

  it('is not by many mails of one sender, which a rule may throw away', () => {
    const sender = 'news@list.test';
    expect(told([mail(16, { sender }), mail(20, { sender }), mail(40, { sender }), mail(50, { sender })])[0]).toBe(false);
    expect(told([mail(16, { sender }), mail(20, { sender }), mail(40)])[0]).toBe(true);
  });

  it('is not by mail that is young, and is judged anew when the first of it is old enough', () => {
    const { isSuspicious, undelivered, dueAt } = judge([mail(2), mail(14), mail(20), mail(40)]);
    expect([isSuspicious, undelivered.length]).toEqual([false, 2]);
    expect(dueAt).toBe(NOW + MINUTE);
    expect(told([mail(2), mail(14), mail(20), mail(40)], { now: NOW + MINUTE, lookedAt: NOW + MINUTE })[0]).toBe(true);
    expect(judge([mail(16), mail(20)]).dueAt).toBeNull();
  });

  it('counts the patience from when the mail was seen here, where that was later', () => {
    const seenAt = NOW - 5 * MINUTE;
    expect(told([mail(60, { seenAt }), mail(70, { seenAt }), mail(80, { seenAt })])).toEqual([false, []]);
    expect(judge([mail(60, { seenAt })]).dueAt).toBe(seenAt + DELIVERY_PATIENCE_MS);
  });

  it('is not before the primary was looked at after that patience', () => {
    const mails = [mail(16), mail(20), mail(40)];
    expect(told(mails, { lookedAt: null })).toEqual([false, []]);
    expect(told(mails, { lookedAt: NOW - 2 * MINUTE })).toEqual([false, [20, 40]]);
    expect(told(mails, { lookedAt: NOW - MINUTE })[0]).toBe(true);
  });

  it('is not by mail that is older than a day', () => {
    const old = DELIVERY_MEMORY_MS / MINUTE;
    expect(told([mail(20), mail(40), mail(old + 1)])).toEqual([false, [20, 40]]);
    expect(told([mail(20), mail(40), mail(old)])[0]).toBe(true);
  });

  it('is disproved by one later mail that was delivered, whatever came before it', () => {
    expect(told([mail(1, { isDelivered: true }), mail(16), mail(20), mail(40)])).toEqual([false, []]);
    expect(told([mail(16), mail(17, { isDelivered: true }), mail(20), mail(40)])).toEqual([false, [16]]);
    expect(told([mail(16), mail(20), mail(40), mail(41, { isDelivered: true })])[0]).toBe(true);
  });

  it('reads no further than to the newest that was delivered, and says when that was', () => {
    let read = 0;
    function* mails(): Generator<Delivery> {
      for (const one of [mail(1), mail(30, { isDelivered: true }), mail(40), mail(50)]) {
        read += 1;
        yield one;
      }
    }
    expect(judgeDeliveries(mails(), { now: NOW, lookedAt: NOW, countsFrom: 0 }).deliveredAt).toBe(NOW - 30 * MINUTE);
    expect(read).toBe(2);
    expect(judge([mail(1)]).deliveredAt).toBeNull();
  });
});
