/**
 * The part of a long list that this run takes: HOLDOVER_SLICE=2/5 is every fifth case from the second on; without it, all. The five
 * slices together are the list.
 */
export function sliceOf<T>(cases: readonly T[]): T[] {
  const said = process.env['HOLDOVER_SLICE'];
  if (said === undefined) return [...cases];
  const [, k = 0, of = 0] = /^(\d+)\/(\d+)$/u.exec(said)?.map(Number) ?? [];
  if (k < 1 || k > of) throw new Error(`HOLDOVER_SLICE is "k/n" with 1 <= k <= n, not ${said}`);
  return cases.filter((_, n) => n % of === k - 1);
}
