import type { Side } from '../../../shared/model/account.ts';
import type { HoldReason, Route } from '../../../shared/model/outbox.ts';
import type { OutboxRow } from '../store/outbox-item.ts';

export type Departure =
  | { readonly type: 'go'; readonly side: Side }
  /** `inMs`: by itself after this time; null when time alone changes nothing. */
  | { readonly type: 'hold'; readonly reason: HoldReason; readonly inMs: number | null };

export interface Waits {
  /** Milliseconds until the undo window is over; 0 when it is. */
  readonly undoMs: number;
  /** Milliseconds until the next try is due. */
  readonly retryMs: number;
  /** Milliseconds for which nothing leaves for this account: its server has just failed. */
  readonly pauseMs: number;
  readonly pauseReason: HoldReason;
}

const hold = (reason: HoldReason, inMs: number | null = null): Departure => ({ type: 'hold', reason, inMs });

/**
 * Whether a queued mail leaves now, and by which side. Pure.
 *
 * Bar O8: a mail whose body has begun on one route never goes to another without proof. Such a mail is not `queued`; should one ever be,
 * a person has to look at it.
 */
export function decideDeparture(
  row: Pick<OutboxRow, 'bodyStarted' | 'hold'>,
  isOwnAccount: boolean,
  waits: Waits,
  route: Route,
): Departure {
  if (row.bodyStarted || !isOwnAccount) return hold('waiting-for-person');
  if (waits.undoMs > 0) return hold('undo-window', waits.undoMs);
  if (route.side === null) return hold(route.hold ?? 'no-route');
  if (waits.retryMs > 0) return hold('retry', waits.retryMs);
  if (waits.pauseMs > 0) return hold(waits.pauseReason, waits.pauseMs);
  return { type: 'go', side: route.side };
}
