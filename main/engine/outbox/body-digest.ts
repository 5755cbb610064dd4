import { createHash } from 'node:crypto';

const CR = 13;
const LF = 10;
const isBlank = (byte: number): boolean => byte === CR || byte === LF || byte === 32 || byte === 9;

/**
 * SHA-256 of what follows the header block of a mail given in pieces, without white space at its end: what is left the same by servers
 * that put trace fields in front, or a line end behind.
 */
export class BodyDigest {
  readonly #hash = createHash('sha256');
  #isInBody = false;
  /** Last bytes of the header seen, to find its end across pieces. */
  #tail = Buffer.alloc(0);
  #held: Uint8Array[] = [];

  update(piece: Uint8Array): this {
    if (this.#isInBody) this.#take(piece);
    else this.#head(piece);
    return this;
  }

  digest(): Buffer {
    return this.#hash.digest();
  }

  #head(piece: Uint8Array): void {
    const joined = Buffer.concat([this.#tail, piece]);
    const end = joined.indexOf('\r\n\r\n');
    if (end < 0) {
      this.#tail = joined.subarray(Math.max(0, joined.length - 3));
      return;
    }
    this.#isInBody = true;
    this.#take(joined.subarray(end + 4));
  }

  #take(piece: Uint8Array): void {
    let end = piece.length;
    while (end > 0 && isBlank(piece[end - 1] ?? 0)) end -= 1;
    if (end > 0) {
      for (const held of this.#held) this.#hash.update(held);
      this.#hash.update(piece.subarray(0, end));
      this.#held = [];
    }
    if (end < piece.length) this.#held.push(piece.subarray(end));
  }
}

export function bodyDigestOf(pieces: Iterable<Uint8Array>): Buffer {
  const digest = new BodyDigest();
  for (const piece of pieces) digest.update(piece);
  return digest.digest();
}
