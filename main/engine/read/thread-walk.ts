import type { Clock } from '../core/clock.ts';
import { InPortions } from '../core/in-portions.ts';
import type { Log } from '../core/log.ts';
import type { EngineStore } from '../store/engine-store.ts';

const FIRST_MS = 500;
const PAUSE_MS = 10;
const PORTION = 200;

/** Puts mail into its conversations that was here before there were any; `onDone` is told once, where there was something to do. */
export function threadWalk(store: EngineStore, clock: Clock, log: Log, onDone: () => void): InPortions {
  let hasJoined = false;
  return new InPortions(clock, log, { firstMs: FIRST_MS, pauseMs: PAUSE_MS, calmMs: null, failedAs: 'threads.join-failed' }, () => {
    if (store.threads.isComplete()) {
      if (hasJoined) onDone();
      return false;
    }
    hasJoined = true;
    store.threads.joinPortion(PORTION);
    return true;
  });
}
