import { OFFSET_TOLERANCE_MS } from '../core/clock-offset.ts';
import type { ReceivedFact } from './facts.ts';

/**
 * Mail in transit when the outage began belongs to it: a primary that is about to fail takes mail late, and the first sign of
 * trouble is not its beginning.
 */
export const TRANSIT_MARGIN_MS = 60 * 60_000;

/** `uncertain`: a clock is wrong, and nobody watched it come. */
export type Standing = 'of-outage' | 'older' | 'uncertain';

type Arrived = Pick<ReceivedFact, 'internalDate' | 'arrivedAfter' | 'seenAt' | 'isNew' | 'isWatched'>;

/** When the relay took a mail by our clock, as well as is known, milliseconds since 1970: never before a look that did not find it. Pure. */
export function arrivedAt({ internalDate, arrivedAfter }: Pick<Arrived, 'internalDate' | 'arrivedAfter'>, relayClockMs: number): number {
  return Math.max(internalDate - relayClockMs, arrivedAfter ?? -Infinity);
}

/** No clock that anybody works by is further out: mail with an older date was put there later, such as by an import of old mail. */
const MOST_WRONG_MS = 24 * 60 * 60_000;

const isCopiedLate = ({ internalDate }: Arrived, of: { startedAt: number; relayClockMs: number }): boolean =>
  internalDate - of.relayClockMs < of.startedAt - TRANSIT_MARGIN_MS - MOST_WRONG_MS;

/**
 * Whether mail held by the relay was received in the outage (README.md, "When a mail was received"): what we have seen ourselves comes
 * before any date, and a date by a clock that is known to be wrong lets nothing fall without a word. Pure.
 */
export function standingOf(mail: Arrived, of: { startedAt: number; relayClockMs: number; now: number }): Standing {
  const { internalDate, arrivedAfter, seenAt, isNew, isWatched } = mail;
  const from = of.startedAt - TRANSIT_MARGIN_MS;
  if (isWatched || (arrivedAfter !== null && arrivedAfter >= from)) return isCopiedLate(mail, of) ? 'uncertain' : 'of-outage';
  const at = arrivedAt(mail, of.relayClockMs);
  const isPossible = at <= of.now + TRANSIT_MARGIN_MS;
  // Dated into it and seen before it: one of the clocks is wrong, and ours may be.
  if (at >= from && isPossible) return seenAt < from - OFFSET_TOLERANCE_MS ? 'uncertain' : 'of-outage';
  // What stood there when the outage was confirmed, and is not dated into it, came before.
  if (!isNew) return 'older';
  // Right by now, or wronger then: one of the two readings says that it came in the outage, or both are impossible.
  const isDatedSo = of.relayClockMs !== 0 && internalDate >= from;
  return !isPossible || isDatedSo ? 'uncertain' : 'older';
}
