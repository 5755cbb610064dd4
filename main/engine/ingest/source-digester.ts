import { createHash, type Hash } from 'node:crypto';
import type { Piece } from './piece.ts';
import type { SourceDigest } from './protocol.ts';

/** Digests of a source, fed piece by piece in bounded memory. */
export class SourceDigester {
  readonly #raw = createHash('sha256');
  readonly #header = createHash('sha256');
  readonly #body = createHash('sha256');
  /** The body's hash up to its last byte that is not white space, while white space follows it. */
  #bodyBeforeSpace: Hash | null = null;
  #sizeBytes = 0;

  update(piece: Pick<Piece, 'raw' | 'isHeader'>): void {
    const { raw } = piece;
    this.#sizeBytes += raw.length;
    this.#raw.update(raw);
    if (piece.isHeader) this.#header.update(raw);
    else this.#updateBody(raw);
  }

  finish(): SourceDigest {
    return {
      raw: this.#raw.digest(),
      header: this.#header.digest(),
      body: (this.#bodyBeforeSpace ?? this.#body).digest(),
      sizeBytes: this.#sizeBytes,
    };
  }

  #updateBody(raw: Buffer): void {
    let end = raw.length;
    while (end > 0 && isSpace(raw[end - 1] as number)) end--;
    if (end > 0) {
      this.#body.update(raw.subarray(0, end));
      this.#bodyBeforeSpace = null;
    }
    if (end === raw.length) return;
    this.#bodyBeforeSpace ??= this.#body.copy();
    this.#body.update(raw.subarray(end));
  }
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}
