/** Sightings that are kept: the newest. */
export const OFFSETS_KEPT = 15;
/** Fewer say nothing. */
const OFFSETS_NEEDED = 5;
/** A difference up to this is none: news of a mail takes a moment, and every clock is off by a little. Milliseconds. */
export const OFFSET_TOLERANCE_MS = 5 * 60_000;

/**
 * How far another clock is ahead of ours, from differences seen one by one; 0 where it is right, or where too few were seen or they
 * do not agree. The median of the newest; two thirds have to be near it, so that mail that is told late (a night's sleep) or a clock
 * that was set a moment ago makes no false offset. Pure.
 *
 * @param offsets milliseconds, oldest first
 */
export function clockOffset(offsets: readonly number[]): number {
  const newest = offsets.slice(-OFFSETS_KEPT);
  if (newest.length < OFFSETS_NEEDED) return 0;
  const median = newest.toSorted((a, b) => a - b)[Math.floor(newest.length / 2)]!;
  const near = newest.filter((one) => Math.abs(one - median) <= OFFSET_TOLERANCE_MS).length;
  return near * 3 < newest.length * 2 || Math.abs(median) <= OFFSET_TOLERANCE_MS ? 0 : Math.round(median);
}

/** `180 min ahead`, `90 min behind`; empty where there is none. */
export function offsetWords(offsetMs: number): string {
  return offsetMs === 0 ? '' : `${Math.round(Math.abs(offsetMs) / 60_000)} min ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}
