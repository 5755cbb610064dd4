import { MAX_BODY_ATTEMPTS } from './body-fetch.ts';
import type { MirrorContext } from './mirror-context.ts';

const HOUR_MS = 3_600_000;
/** Finished operations are kept this long, as evidence of what was carried over. */
const DONE_OPS_DAYS = 30;
const LAST_RUN = 'upkeep:at';

/** Pages of the index merged at the end of a look: some hundredths of a second. */
const MERGE_PAGES = 250;

/** Merges a little of the index when no bodies are on their way, which a first mirror left in many parts. */
export function mergeIndex({ store, accountId, side }: MirrorContext): void {
  if (store.placements.countMissing(accountId, side, MAX_BODY_ATTEMPTS).missing === 0) store.search.merge(MERGE_PAGES);
}

/** Tidies what nobody refers to any more, in small portions and at most once an hour. Local only. */
export function upkeep({ store, deps }: MirrorContext): void {
  const now = deps.clock.now();
  const last = Number(store.meta.get(LAST_RUN) ?? 0);
  // A clock that was ahead must not put the next run off.
  if (last <= now && now - last < HOUR_MS) return;
  store.handle.tx('mirror.upkeep', () => {
    store.search.sweepTerms(1);
    store.ops.forgetDone(now - DONE_OPS_DAYS * 24 * HOUR_MS);
    store.meta.set(LAST_RUN, String(now));
  });
  store.handle.compact();
}
