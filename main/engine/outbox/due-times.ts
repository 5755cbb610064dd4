import type { OutboxId } from '../../../shared/model/ids.ts';
import type { Clock } from '../core/clock.ts';

interface Mark {
  readonly target: number;
  /** On the monotonic clock. */
  readonly dueAt: number;
}

/**
 * Waiting times that survive a wall clock that jumps: how long is still to wait is noted on the monotonic clock when a time is first
 * seen, and never longer than such a wait can be.
 */
export class DueTimes {
  readonly #clock: Clock;
  readonly #maxMs: number;
  /** A machine that slept has waited too: the wall clock counts where it is ahead. */
  readonly #trustsWall: boolean;
  readonly #marks = new Map<OutboxId, Mark>();

  constructor(clock: Clock, options: { readonly maxMs: number; readonly trustsWall: boolean }) {
    this.#clock = clock;
    this.#maxMs = options.maxMs;
    this.#trustsWall = options.trustsWall;
  }

  /** Milliseconds until `target` (since 1970); 0 when it is due, or null. */
  waitMs(id: OutboxId, target: number | null): number {
    if (target === null) return 0;
    const leftByWall = target - this.#clock.now();
    let mark = this.#marks.get(id);
    if (mark?.target !== target) {
      mark = { target, dueAt: this.#clock.monotonic() + Math.min(this.#maxMs, Math.max(0, leftByWall)) };
      this.#marks.set(id, mark);
    }
    const left = mark.dueAt - this.#clock.monotonic();
    return Math.max(0, this.#trustsWall ? Math.min(left, leftByWall) : left);
  }

  forget(id: OutboxId): void {
    this.#marks.delete(id);
  }
}
