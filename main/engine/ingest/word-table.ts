/** Slots must stay at most this full, so that a probe ends soon. */
const MAX_LOAD = 0.6;

/**
 * A set of words by 64 bits of hash: no strings are made or kept for words that are known already, which are nearly all.
 * The seeds are chosen by chance, so that nobody can craft two words for one hash.
 */
export class WordTable {
  readonly #seedA: number;
  readonly #seedB: number;
  #slots: Int32Array;
  #mask: number;
  size = 0;

  constructor(seedA: number, seedB: number, capacity = 4096) {
    this.#seedA = seedA;
    this.#seedB = seedB;
    const slots = 2 ** Math.ceil(Math.log2(capacity / MAX_LOAD));
    this.#slots = new Int32Array(slots * 2);
    this.#mask = slots - 1;
  }

  /** Calls `visit` for every word of a text in search form, with its place and hash. */
  eachWord(text: string, visit: (start: number, end: number, a: number, b: number) => void): void {
    const length = text.length;
    for (let start = 0; start < length;) {
      let a = this.#seedA;
      let b = this.#seedB;
      let end = start;
      for (; end < length; end++) {
        const unit = text.charCodeAt(end);
        if (unit === 32) break;
        a = Math.imul(a ^ unit, 0x01000193);
        b = Math.imul(b ^ unit, 0x5bd1e995);
      }
      // Zero marks an empty slot.
      if (end > start) visit(start, end, a === 0 ? 1 : a, b ^ (b >>> 15));
      start = end + 1;
    }
  }

  has(a: number, b: number): boolean {
    return this.#slots[this.#find(a, b) * 2] !== 0;
  }

  /** True when it was not there before. */
  add(a: number, b: number): boolean {
    const at = this.#find(a, b) * 2;
    if (this.#slots[at] !== 0) return false;
    this.#slots[at] = a;
    this.#slots[at + 1] = b;
    if (++this.size > (this.#mask + 1) * MAX_LOAD) this.#grow();
    return true;
  }

  clear(): void {
    if (this.size > 0) this.#slots.fill(0);
    this.size = 0;
  }

  #find(a: number, b: number): number {
    const slots = this.#slots;
    let slot = (a ^ (a >>> 16)) & this.#mask;
    while (slots[slot * 2] !== 0 && (slots[slot * 2] !== a || slots[slot * 2 + 1] !== b)) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#slots.length / 2 - 1;
    for (let i = 0; i < old.length; i += 2) {
      const a = old[i] as number;
      if (a === 0) continue;
      const at = this.#find(a, old[i + 1] as number) * 2;
      this.#slots[at] = a;
      this.#slots[at + 1] = old[i + 1] as number;
    }
  }
}
