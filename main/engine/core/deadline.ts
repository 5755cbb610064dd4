import type { Clock } from './clock.ts';

/**
 * Gives work a bounded time. Rejects with `late()` when the time is over; what the work does afterwards is ignored, so the
 * caller has to end it (close a socket, abort a signal).
 */
export async function withDeadline<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let cancel = (): void => undefined;
  const timeout = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(late()));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
}
