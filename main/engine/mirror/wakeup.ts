import type { Clock } from '../core/clock.ts';

export type WakeReason = 'poll' | 'event' | 'stop';

const STRENGTH: Readonly<Record<WakeReason, number>> = { event: 0, poll: 1, stop: 2 };

/** With NOTIFY every mailbox is watched; a slow poll remains as a safety net. */
const WATCHED_POLL_FACTOR = 5;
/** When a mail came at the relay is known by the looks before and after: no wider apart than an account may poll. */
const LONGEST_GAP_MS = 3_600_000;

/** Between two looks at everything, milliseconds. Pure. */
export function lookGapMs(pollMs: number, watchesAll: boolean): number {
  return Math.min(watchesAll ? pollMs * WATCHED_POLL_FACTOR : pollMs, LONGEST_GAP_MS);
}

/** A wait that ends by time or by somebody's call; a call that comes before the wait is not lost. */
export class Wakeup {
  readonly #clock: Clock;
  #pending: WakeReason | null = null;
  #resolve: ((reason: WakeReason) => void) | null = null;
  #cancelSettle: (() => void) | null = null;
  #cancelWait: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait, after `settleMs` so that news which come in a burst are handled once. */
  wake(reason: WakeReason, settleMs = 0): void {
    if (this.#pending === null || STRENGTH[reason] > STRENGTH[this.#pending]) this.#pending = reason;
    if (settleMs === 0) this.#deliver();
    else this.#cancelSettle ??= this.#clock.after(settleMs, () => this.#deliver());
  }

  /** Resolves with why it ended; by time: `poll`. */
  wait(ms: number): Promise<WakeReason> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, () => {
        this.#pending ??= 'poll';
        this.#deliver();
      });
      this.#cancelWait = cancel;
      this.#resolve = (reason) => {
        cancel();
        resolve(reason);
      };
      if (this.#pending !== null && this.#cancelSettle === null) this.#deliver();
    });
  }

  /** Gives up a wait that nobody reads any more. */
  cancel(): void {
    this.#cancelWait?.();
    this.#resolve = null;
  }

  #deliver(): void {
    this.#cancelSettle?.();
    this.#cancelSettle = null;
    const resolve = this.#resolve;
    if (!resolve || this.#pending === null) return;
    const reason = this.#pending;
    this.#resolve = null;
    this.#pending = null;
    resolve(reason);
  }
}
