/** Time and timers as the engine sees them; tests move it by hand. All values in milliseconds. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  monotonic(): number;
  /** Resolves after the time has passed; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once; returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** A clock's sleep, over its own timers. */
export function sleepOver(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      cancel();
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', fail);
      resolve();
    });
    if (signal?.aborted) fail();
    else signal?.addEventListener('abort', fail, { once: true });
  });
}

/** The machine's own clock. The only place in the engine that touches time. */
export const systemClock: Clock = {
  sleep: (ms, signal) => sleepOver(systemClock, ms, signal),
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Lets everything else that waits go first: long work in pieces keeps the process answering. No time of the clock passes. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
