import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits for what another process brings about; fails with its name after the limit (default 20 s). */
export async function until(name: string, condition: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`did not happen within ${limitMs} ms: ${name}`);
    await sleep(POLL_MS);
  }
}
