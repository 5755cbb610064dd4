import { systemClock, type Clock } from '../../main/engine/core/clock.ts';

/** The machine's clock, whose wall time a test moves: days pass in no time, timers run as ever. */
export class ShiftClock implements Clock {
  #shift = 0;
  #wallShift = 0;

  now(): number {
    return systemClock.now() + this.#shift + this.#wallShift;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#shift;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  after(ms: number, callback: () => void): () => void {
    return systemClock.after(ms, callback);
  }

  pass(ms: number): void {
    this.#shift += ms;
  }

  /** The wall clock alone is put back; running time goes on. */
  putBack(ms: number): void {
    this.#wallShift -= ms;
  }
}
