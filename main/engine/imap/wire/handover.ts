/**
 * Hands items from the reader of a connection to a consumer that takes them one by one. When more than `maxWeight` waits,
 * the reader is held back until half of it has been taken: memory stays bounded, and the two still overlap.
 */
export class Handover<T> {
  readonly #maxWeight: number;
  readonly #items: { readonly item: T; readonly weight: number }[] = [];
  #weight = 0;
  #isDone = false;
  #isLeft = false;
  #error: unknown = null;
  #wakeReader: (() => void) | null = null;
  #wakeConsumer: (() => void) | null = null;

  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  /** Puts an item in; the promise, if any, resolves when there is room again. */
  push(item: T, weight: number): void | Promise<void> {
    if (this.#isLeft) return undefined;
    this.#items.push({ item, weight });
    this.#weight += weight;
    this.#wakeConsumer?.();
    if (this.#weight < this.#maxWeight) return undefined;
    return new Promise((resolve) => (this.#wakeReader = resolve));
  }

  /** No more items come; with an error, the consumer gets it after the items that are there. */
  finish(error?: unknown): void {
    this.#isDone = true;
    this.#error = error ?? null;
    this.#wakeConsumer?.();
  }

  /** The consumer has gone: what still comes is dropped. */
  leave(): void {
    this.#isLeft = true;
    this.#items.length = 0;
    this.#wakeReader?.();
  }

  /** The next item, or undefined at the end. @throws what finish() was given */
  async next(): Promise<T | undefined> {
    while (this.#items.length === 0) {
      if (this.#isDone) {
        if (this.#error !== null) throw this.#error;
        return undefined;
      }
      await new Promise<void>((resolve) => (this.#wakeConsumer = resolve));
      this.#wakeConsumer = null;
    }
    return this.#take();
  }

  #take(): T {
    const { item, weight } = this.#items.shift()!;
    this.#weight -= weight;
    if (this.#weight * 2 <= this.#maxWeight && this.#wakeReader) {
      this.#wakeReader();
      this.#wakeReader = null;
    }
    return item;
  }
}
