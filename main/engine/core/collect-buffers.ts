import { getHeapStatistics } from 'node:v8';

/** Bytes outside V8's heap, dead ones included, from which looking for the dead is worth its time. */
const COLLECT_FROM_BYTES = 24 * 1024 * 1024;

/**
 * Gives back buffers that nothing holds any more, where they have come to much: V8 itself looks for them after 64 MB only, which
 * a mirror has made in a second. Does nothing in a process started without `--expose-gc` (`shared/engine-runtime.json`).
 */
export function collectBuffers(): void {
  if (globalThis.gc && getHeapStatistics().external_memory > COLLECT_FROM_BYTES) void globalThis.gc();
}
