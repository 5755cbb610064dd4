const MIN_BYTES = 16 * 1024;
/** Kept for the next ones at most, in all. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/**
 * Buffers that carry sources to a worker and come back with its answer. Made anew for each message they would be garbage by
 * the hundred megabytes, of which the collector lets tens pile up in both threads.
 */
export class Carriers {
  readonly #kept: ArrayBuffer[] = [];
  #keptBytes = 0;

  /** A copy of these bytes in a buffer that can be handed over. */
  load(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const found = this.#kept.findIndex((one) => one.byteLength >= bytes.byteLength);
    const carrier = found < 0 ? new ArrayBuffer(Math.max(MIN_BYTES, 2 ** Math.ceil(Math.log2(bytes.byteLength)))) : this.#take(found);
    const loaded = new Uint8Array(carrier, 0, bytes.byteLength);
    loaded.set(bytes);
    return loaded;
  }

  giveBack(carrier: ArrayBuffer): void {
    if (this.#keptBytes + carrier.byteLength > MAX_KEPT_BYTES) return;
    const larger = this.#kept.findIndex((one) => one.byteLength > carrier.byteLength);
    this.#kept.splice(larger < 0 ? this.#kept.length : larger, 0, carrier);
    this.#keptBytes += carrier.byteLength;
  }

  #take(index: number): ArrayBuffer {
    const carrier = this.#kept.splice(index, 1)[0] as ArrayBuffer;
    this.#keptBytes -= carrier.byteLength;
    return carrier;
  }
}
