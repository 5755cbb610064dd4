import { packError } from '../../../shared/errors.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { MAX_BODY_ATTEMPTS } from './body-fetch.ts';
import type { MirrorContext } from './mirror-context.ts';

const HOUR_MS = 3_600_000;
/** Finished operations are kept this long, as evidence of what was carried over. */
const DONE_OPS_DAYS = 30;
const LAST_RUN = 'upkeep:at';

/** Pages of the index merged at once: some hundredths of a second. */
const MERGE_PAGES = 250;
const MERGE_PAUSE_MS = 100;
const merging = new WeakSet<EngineStore>();

/** Merges what a first mirror left in many parts of the index, with pauses, until nothing is left or bodies are on their way. */
export async function mergeIndex({ store, deps, accountId, side }: MirrorContext, signal: AbortSignal): Promise<void> {
  if (merging.has(store)) return;
  merging.add(store);
  const isQuiet = (): boolean => store.placements.countMissing(accountId, side, MAX_BODY_ATTEMPTS).missing === 0;
  try {
    while (!signal.aborted && isQuiet() && store.search.merge(MERGE_PAGES)) await deps.clock.sleep(MERGE_PAUSE_MS, signal);
  } catch (error) {
    // The signal ended the pause, or the disk is full: what is not merged is only slower to search
    deps.log.debug({ ev: 'mirror.merge-ended', code: packError(error).code });
  } finally {
    merging.delete(store);
  }
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
