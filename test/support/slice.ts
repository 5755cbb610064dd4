/**
 * The part of a long list that this run takes: HOLDOVER_SLICE=2/5 is every fifth case from the second on; without it, all. The five
 * slices together are the list.
 */
export function sliceOf<T>(cases: readonly T[]): T[] {
  const { k, of } = sliceNow();
  return cases.filter((_, n) => n % of === k - 1);
}

/** What of a floor for the whole list one slice has to reach. */
export function shareOf(floor: number): number {
  return Math.floor(floor / sliceNow().of);
}

function sliceNow(): { k: number; of: number } {
  const said = process.env['HOLDOVER_SLICE'];
  if (said === undefined) return { k: 1, of: 1 };
  const [, k = 0, of = 0] = /^(\d+)\/(\d+)$/u.exec(said)?.map(Number) ?? [];
  if (k < 1 || k > of) throw new Error(`HOLDOVER_SLICE is "k/n" with 1 <= k <= n, not ${said}`);
  return { k, of };
}
