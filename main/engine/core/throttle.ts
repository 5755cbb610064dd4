import type { Clock } from './clock.ts';

/** Calls back at once, then at most once per interval, and once more after the last trigger. */
export class Throttle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #callback: () => void;
  #cancelTimer: (() => void) | null = null;
  #isDue = false;

  constructor(clock: Clock, intervalMs: number, callback: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#callback = callback;
  }

  trigger(): void {
    if (this.#cancelTimer) {
      this.#isDue = true;
      return;
    }
    this.#cancelTimer = this.#clock.after(this.#intervalMs, () => this.#elapsed());
    this.#callback();
  }

  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#isDue = false;
  }

  #elapsed(): void {
    this.#cancelTimer = null;
    if (!this.#isDue) return;
    this.#isDue = false;
    this.trigger();
  }
}
