import type { EngineRig } from './engine-rig.ts';
import type { ShiftClock } from './shift-clock.ts';
import { until } from './until.ts';

/** Longer than any pause after a cut. */
const LONG_MS = 16 * 60_000;
const LOOK_MS = 60_000;

/**
 * Lets every pause be over, again and again, and each time waits until the running engine has looked at everything: what a primary hangs up at
 * is tried before. Returns after how many rounds it was over; `most` where it never was.
 */
export async function outlast(rig: EngineRig, clock: ShiftClock, isOver: () => boolean, most = 30): Promise<number> {
  const lastLook = (): number => rig.engine.syncStates().find((one) => one.side === 'primary')?.lastCompleteAt ?? 0;
  for (let round = 0; round < most; round += 1) {
    if (isOver()) return round;
    clock.pass(LONG_MS);
    const passedAt = clock.now();
    rig.engine.syncNow();
    await until('a look', () => lastLook() >= passedAt || isOver(), LOOK_MS);
  }
  return most;
}
