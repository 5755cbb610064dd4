import { sleepOver, type Clock } from '../../main/engine/core/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that stands still until it is told to go on: days pass in a moment, always in the same order. */
export class ManualClock implements Clock {
  /** Running time that goes by at each look at it, ms. */
  tickMs = 0;
  /** So much before their time timers fire, as the system's do by a part of a millisecond. */
  earlyMs = 0;
  readonly #timers = new Set<Timer>();
  #running = 0;
  #wall: number;

  constructor(start = Date.UTC(2026, 10, 23, 9)) {
    this.#wall = start;
  }

  monotonic(): number {
    this.#running += this.tickMs;
    return this.#running;
  }

  now(): number {
    return Math.floor(this.#wall + this.#running);
  }

  /** Timers that somebody still waits for. */
  get timers(): number {
    return this.#timers.size;
  }

  /** The machine slept: the wall clock went on, running time stood still. */
  suspend(ms: number): void {
    this.#wall += ms;
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { dueAt: this.#running + Math.max(0, ms - this.earlyMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOver(this, ms, signal);
  }

  /** Lets this much time pass: every timer at its time, and what it sets off is done before the next one. */
  async advance(ms: number): Promise<void> {
    const end = this.#running + ms;
    for (;;) {
      await settled();
      const next = this.#next(end);
      if (next === null) break;
      this.#timers.delete(next);
      this.#running = Math.max(this.#running, next.dueAt);
      next.callback();
    }
    this.#running = Math.max(this.#running, end);
  }

  /** Lets time pass until the condition holds; gives the milliseconds that took. Fails after the limit. */
  async until(name: string, condition: () => boolean, limitMs: number): Promise<number> {
    const start = this.#running;
    for (;;) {
      await settled();
      if (condition()) return this.#running - start;
      const next = this.#next(start + limitMs);
      if (next === null) throw new Error(`did not happen within ${limitMs} ms: ${name}`);
      this.#timers.delete(next);
      this.#running = Math.max(this.#running, next.dueAt);
      next.callback();
    }
  }

  #next(end: number): Timer | null {
    let found: Timer | null = null;
    for (const timer of this.#timers) if (timer.dueAt <= end && (found === null || timer.dueAt < found.dueAt)) found = timer;
    return found;
  }
}
