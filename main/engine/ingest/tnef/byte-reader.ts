/** Thrown where bytes end before what they announce; what was read until then stands. */
export class EndOfBytes extends Error {}

/** Little-endian numbers and slices of a buffer, one after another, never beyond its end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.take(1).readUInt8();
  }

  u16(): number {
    return this.take(2).readUInt16LE();
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  /** A view. @throws EndOfBytes */
  take(count: number): Buffer {
    if (count > this.left) throw new EndOfBytes();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** A value that fills whole groups of four bytes; the last group may be missing at the end. */
  padded(count: number): Buffer {
    const value = this.take(count);
    this.#at = Math.min(this.#bytes.length, this.#at + ((4 - (count % 4)) % 4));
    return value;
  }
}
