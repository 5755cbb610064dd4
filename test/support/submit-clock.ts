import { systemClock, type Clock } from '../../main/engine/core/clock.ts';

/** A clock whose timers are called when a test says that all of them are over, and never by time. */
export class SubmitClock implements Clock {
  readonly #timers = new Set<() => void>();
  readonly now = (): number => systemClock.now();
  readonly monotonic = (): number => systemClock.monotonic();
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => systemClock.sleep(ms, signal);

  after(_ms: number, callback: () => void): () => void {
    this.#timers.add(callback);
    return () => this.#timers.delete(callback);
  }

  /** Every wait that is going on now has lasted too long. */
  passAll(): void {
    for (const callback of [...this.#timers]) {
      this.#timers.delete(callback);
      callback();
    }
  }
}
