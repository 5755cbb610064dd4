import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const SAMPLE_MS = 5;

/** Collects garbage now, so that a figure measured next is of what is really held. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** Runs work and gives how far the process's memory (RSS) rose above where it began, in bytes. */
export async function peakMemory<T>(work: () => Promise<T>): Promise<{ result: T; peakBytes: number }> {
  collectGarbage();
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, SAMPLE_MS);
  try {
    const result = await work();
    look();
    return { result, peakBytes: peak - before };
  } finally {
    clearInterval(timer);
  }
}
