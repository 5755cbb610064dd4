import type { Clock } from '../core/clock.ts';

/**
 * Does the work with a signal that ends it after `ms` milliseconds, whatever comes in between, or when `stop` does.
 * @throws what the work makes of the signal; its reason is an error with the code `ETIMEDOUT` when the time is over
 */
export async function inTime<T>(clock: Clock, ms: number, stop: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const cancel = clock.after(ms, () => late.abort(Object.assign(new Error('too late'), { code: 'ETIMEDOUT' })));
  try {
    return await work(AbortSignal.any([stop, late.signal]));
  } finally {
    cancel();
  }
}
