import { getHeapStatistics } from 'node:v8';

/** Bytes outside V8's heap, dead ones included, from which looking for the dead is worth its time. */
const COLLECT_FROM_BYTES = 24 * 1024 * 1024;
/** Bytes handed out between two looks. */
const LOOK_EVERY_BYTES = 2 * 1024 * 1024;

/**
 * Gives back buffers that nothing holds any more, where they have come to much: V8 itself looks for them after 64 MB only, which
 * a mirror has made in a second. Does nothing in a process started without `--expose-gc` (`shared/engine-runtime.json`).
 */
export function collectBuffers(): void {
  if (globalThis.gc && getHeapStatistics().external_memory > COLLECT_FROM_BYTES) void globalThis.gc();
}

/** The pieces as they come; what is made of those before them, and held no more, is given back on the way (`collectBuffers`). */
export function* collectBetween(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  let bytes = 0;
  for (const piece of pieces) {
    bytes += piece.length;
    if (bytes >= LOOK_EVERY_BYTES) {
      bytes = 0;
      collectBuffers();
    }
    yield piece;
  }
}
