import { sleepOver, type Clock } from '../../main/engine/core/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
  handle: NodeJS.Timeout | null;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A clock that runs `rate` times as fast as the machine's; the rate may change while timers run. */
export class RateClock implements Clock {
  readonly #timers = new Set<Timer>();
  #rate = 1;
  #realBase = performance.now();
  #runningBase = 0;
  #wallBase = Date.now();

  get rate(): number {
    return this.#rate;
  }

  set rate(rate: number) {
    this.#runningBase = this.monotonic();
    this.#realBase = performance.now();
    this.#rate = rate;
    for (const timer of this.#timers) this.#arm(timer);
  }

  monotonic(): number {
    return this.#runningBase + (performance.now() - this.#realBase) * this.#rate;
  }

  now(): number {
    return Math.floor(this.#wallBase + this.monotonic());
  }

  /** So much time goes by at once; what falls due in it happens once. */
  pass(ms: number): void {
    this.#runningBase += ms;
    for (const timer of this.#timers) this.#arm(timer);
  }

  /** The machine slept: the wall clock went on, running time stood still. */
  suspend(ms: number): void {
    this.#wallBase += ms;
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { dueAt: this.monotonic() + ms, callback, handle: null };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#drop(timer);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOver(this, ms, signal);
  }

  #arm(timer: Timer): void {
    if (timer.handle) clearTimeout(timer.handle);
    const realMs = Math.max(0, timer.dueAt - this.monotonic()) / this.#rate;
    timer.handle = setTimeout(
      () => {
        this.#drop(timer);
        timer.callback();
      },
      Math.min(LONGEST_TIMER_MS, realMs),
    );
  }

  #drop(timer: Timer): void {
    if (timer.handle) clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }
}
