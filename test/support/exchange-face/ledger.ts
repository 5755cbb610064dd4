/** The size that is told of a message that was never fetched whole. */
export const estimateOf = (size: number): number => 2 * size + 4096;

/** A part of a source that was answered: from which byte, how many, and how many were asked for (null: all). */
export interface AnsweredSource {
  readonly offset: number;
  readonly length: number;
  readonly asked: number | null;
}

/** What all connections of a face know of the messages: which have been fetched whole, so that their size is known. */
export class SourceLedger {
  appended = 0;
  estimated = 0;
  exact = 0;
  readonly #known = new Set<string>();
  /** True sizes, and how much from the beginning on has been answered. */
  readonly #sizes = new Map<string, number>();
  readonly #covered = new Map<string, number>();

  get known(): number {
    return this.#known.size;
  }

  /** The size to tell of a message; null for one of which only its number is told. */
  sizeOf(message: string | null, size: number): number {
    if (message !== null) this.#sizes.set(message, size);
    const isKnown = message !== null && this.#known.has(message);
    if (isKnown) this.exact += 1;
    else this.estimated += 1;
    return isKnown ? size : estimateOf(size);
  }

  answered(message: string, { offset, length, asked }: AnsweredSource): void {
    const before = this.#covered.get(message) ?? 0;
    const covered = offset <= before ? Math.max(before, offset + length) : before;
    this.#covered.set(message, covered);
    const isEnd = asked === null || length < asked;
    if (isEnd || covered >= (this.#sizes.get(message) ?? Number.POSITIVE_INFINITY)) this.#known.add(message);
  }
}
