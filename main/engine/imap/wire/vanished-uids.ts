import type { Uid } from '../../../../shared/model/ids.ts';
import { AnswerSyntaxError } from './answer-reader.ts';

const MAX_UID = 0xffff_ffff;
const COLON = 0x3a;
const COMMA = 0x2c;

/**
 * Which of the known UIDs are named in VANISHED lines (RFC 7162 3.2.10). A server may name all it ever gave: ranges are
 * never expanded, and time and memory grow with what is known and with the length of the line, not with what it names.
 */
export class VanishedUids {
  readonly #known: Float64Array;
  readonly #isGone: Uint8Array;
  /** For each place the next one that may still be there: many overlapping ranges cost no more than one. */
  readonly #next: Uint32Array;

  constructor(known: readonly Uid[]) {
    this.#known = Float64Array.from(known).sort();
    this.#isGone = new Uint8Array(known.length);
    this.#next = Uint32Array.from({ length: known.length + 1 }, (_, i) => i);
  }

  /** Reads a line from after its keyword. @throws AnswerSyntaxError */
  read(text: string, at: number): void {
    const tag = text.indexOf(')', at);
    let first = -1;
    let value = 0;
    for (let i = tag < 0 ? at + 1 : tag + 2; i <= text.length; i += 1) {
      const code = i < text.length ? text.charCodeAt(i) : COMMA;
      const digit = code - 0x30;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (code === COLON) {
        first = value;
        value = 0;
      } else if (code === COMMA) {
        this.#mark(first < 0 ? value : first, value);
        first = -1;
        value = 0;
      } else if (code !== 0x20) throw new AnswerSyntaxError('expected a set');
    }
  }

  /** Ascending. */
  uids(): Uid[] {
    const gone: number[] = [];
    for (let i = 0; i < this.#known.length; i += 1) if (this.#isGone[i] === 1) gone.push(this.#known[i]!);
    return gone as Uid[];
  }

  #mark(one: number, other: number): void {
    const from = Math.min(one, other);
    const to = Math.max(one, other);
    if (from < 1 || to > MAX_UID) throw new AnswerSyntaxError('expected a UID');
    for (let i = this.#open(this.#lowerBound(from)); i < this.#known.length && this.#known[i]! <= to; i = this.#open(i + 1)) {
      this.#isGone[i] = 1;
      this.#next[i] = i + 1;
    }
  }

  #open(start: number): number {
    let at = start;
    while (this.#next[at] !== at) at = this.#next[at]!;
    // Shorten the way for the next one.
    for (let i = start; i !== at;) {
      const following = this.#next[i]!;
      this.#next[i] = at;
      i = following;
    }
    return at;
  }

  #lowerBound(uid: number): number {
    let low = 0;
    let high = this.#known.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#known[middle]! < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
