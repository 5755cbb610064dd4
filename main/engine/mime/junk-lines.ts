/** So many lines that are no header fields may stand between two that are. */
const MAX_LINES = 20;
const MAX_BYTES = 8 * 1024;
const PARAMETER = /^[\w-]{1,40}\*?(?:\d+\*?)?=\S/;

/**
 * Lines of a header block that are no header fields, held until it is known what they are: a fault between two fields, or the body that
 * begins without a blank line.
 */
export class JunkLines {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #lines = 0;

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** More of it than a fault would be. */
  get isBody(): boolean {
    return this.#lines > MAX_LINES || this.#bytes > MAX_BYTES;
  }

  /** Not to be called when it is body. */
  hold(bytes: Buffer, continues: boolean): void {
    this.#chunks.push(Buffer.from(bytes));
    this.#bytes += bytes.length;
    if (!continues) this.#lines++;
  }

  take(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.drop();
    return all;
  }

  drop(): void {
    this.#chunks = [];
    this.#bytes = 0;
    this.#lines = 0;
  }
}

/** A parameter that should stand behind a blank, as the rest of the field before it. */
export function looksLikeParameter(bytes: Buffer, start: number, end: number): boolean {
  return PARAMETER.test(bytes.toString('latin1', start, Math.min(end, start + 60)));
}
