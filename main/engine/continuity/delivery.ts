import type { Delivery } from '../store/relay-arrivals.ts';

/** Queues, greylisting and a primary that restarts are normal: a mail is not missed before. */
export const DELIVERY_PATIENCE_MS = 15 * 60_000;
/** Older ones have been bounced, or were thrown away by a rule long ago. */
export const DELIVERY_MEMORY_MS = 24 * 3_600_000;
/** So many are missed, ... */
export const DELIVERY_MIN_MAILS = 3;
/** ... of so many senders: a rule of the primary that throws away a list, or one sender's mail, is no fault of its delivery. */
export const DELIVERY_MIN_SENDERS = 2;

export interface DeliveryTimes {
  /** Milliseconds since 1970, as all here. */
  readonly now: number;
  /** When the last complete look at the primary ended; null for none. */
  readonly lookedAt: number | null;
  /** Older mail is not counted. */
  readonly countsFrom: number;
}

export interface DeliveryJudgement {
  /** Newest first: missed for longer than is normal, and nothing that came later was delivered. */
  readonly undelivered: readonly Delivery[];
  /** When the relay took the newest mail that was delivered; null where none is known. */
  readonly deliveredAt: number | null;
  /** Enough of it to look closer. */
  readonly isSuspicious: boolean;
  /** When time alone makes more of it; null for never. */
  readonly dueAt: number | null;
}

/**
 * What mail at the relay says about delivery at the primary. One mail that was delivered disproves all that was missed before it, so
 * nothing is read beyond: in calm weather that is the newest or the one before. Pure.
 *
 * @param mails newest first
 */
export function judgeDeliveries(mails: Iterable<Delivery>, { now, lookedAt, countsFrom }: DeliveryTimes): DeliveryJudgement {
  const undelivered: Delivery[] = [];
  let deliveredAt: number | null = null;
  let dueAt: number | null = null;
  for (const mail of mails) {
    if (mail.isDelivered) {
      deliveredAt = mail.internalDate;
      break;
    }
    if (mail.internalDate < countsFrom) continue;
    // The relay's clock may be late; and what came while nothing ran here is as new to the mirror of the primary.
    const missedAt = Math.max(mail.internalDate, mail.seenAt) + DELIVERY_PATIENCE_MS;
    if (now < missedAt) dueAt = Math.min(dueAt ?? Infinity, missedAt);
    else if (lookedAt !== null && lookedAt >= missedAt) undelivered.push(mail);
  }
  const senders = new Set(undelivered.map(({ sender }) => sender));
  const isSuspicious = undelivered.length >= DELIVERY_MIN_MAILS && senders.size >= DELIVERY_MIN_SENDERS;
  return { undelivered, deliveredAt, isSuspicious, dueAt };
}
