/** A value of an IMAP answer (RFC 9051 4): atom, number or quoted string as text (one character a byte), literal, NIL, list. */
export type AnswerValue = string | Buffer | null | readonly AnswerValue[];

/** The server's text does not follow the grammar. Holds no piece of it. */
export class AnswerSyntaxError extends Error {
  override readonly name = 'AnswerSyntaxError';
}

const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const BACKSLASH = 0x5c;
const TILDE = 0x7e;
const CURLY = 0x7b;

/** Lists nested deeper than this are passed over: no mail of this world needs more, and recursion has to end somewhere. */
const MAX_DEPTH = 200;

/**
 * Reads one answer line from left to right. `text` has one character a byte; where it announces a literal (`{n}`), the
 * bytes are the next of `literals`. Quick, since a first mirror reads tens of thousands of lines.
 */
export class AnswerReader {
  readonly #text: string;
  readonly #literals: readonly Buffer[];
  #at: number;
  #literal = 0;

  constructor(text: string, literals: readonly Buffer[], at = 0) {
    this.#text = text;
    this.#literals = literals;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    this.skipSpaces();
    return this.#at >= this.#text.length;
  }

  /** Character code of the next token's first character; NaN at the end. */
  peek(): number {
    this.skipSpaces();
    return this.#text.charCodeAt(this.#at);
  }

  skipSpaces(): void {
    while (this.#text.charCodeAt(this.#at) === SPACE) this.#at += 1;
  }

  /** Passes over this character, or says that it is not there. */
  take(char: string): boolean {
    if (this.peek() !== char.charCodeAt(0)) return false;
    this.#at += 1;
    return true;
  }

  expect(char: string): void {
    if (!this.take(char)) throw new AnswerSyntaxError(`expected ${char}`);
  }

  /** An atom: everything up to a space, parenthesis or quote. `stopAt` is one more character that ends it. */
  atom(stopAt = ''): string {
    this.skipSpaces();
    const start = this.#at;
    const stop = stopAt === '' ? -1 : stopAt.charCodeAt(0);
    const text = this.#text;
    for (; this.#at < text.length; this.#at += 1) {
      const code = text.charCodeAt(this.#at);
      if (code === SPACE || code === OPEN || code === CLOSE || code === QUOTE || code === stop) break;
    }
    if (this.#at === start) throw new AnswerSyntaxError('expected an atom');
    return text.slice(start, this.#at);
  }

  /** Everything up to and with this character. */
  upTo(char: string): string {
    const end = this.#text.indexOf(char, this.#at);
    if (end < 0) throw new AnswerSyntaxError(`expected ${char}`);
    const found = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    return found;
  }

  /** A number without sign that is exact in a double. */
  number(): number {
    const atom = this.atom();
    const value = /^\d{1,16}$/.test(atom) ? Number(atom) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw new AnswerSyntaxError('expected a number');
    return value;
  }

  /** A number of up to 63 bits (RFC 7162). */
  bigNumber(): bigint {
    const atom = this.atom();
    if (!/^\d{1,19}$/.test(atom)) throw new AnswerSyntaxError('expected a number');
    return BigInt(atom);
  }

  /** The next value; a list that is nested too deeply gives null. */
  value(): AnswerValue {
    return this.#value(0);
  }

  /** String or literal as text, one character a byte; null for NIL. */
  nstring(): string | null {
    const value = this.value();
    if (value === null || typeof value === 'string') return value;
    if (Buffer.isBuffer(value)) return value.toString('latin1');
    throw new AnswerSyntaxError('expected a string');
  }

  /** String or literal as bytes; null for NIL. */
  bytes(): Buffer | null {
    const value = this.value();
    if (value === null || Buffer.isBuffer(value)) return value as Buffer | null;
    if (typeof value === 'string') return Buffer.from(value, 'latin1');
    throw new AnswerSyntaxError('expected a string');
  }

  #value(depth: number): AnswerValue {
    const code = this.peek();
    if (code === OPEN) return this.#list(depth);
    if (code === QUOTE) return this.#quoted();
    if (code === CURLY || (code === TILDE && this.#text.charCodeAt(this.#at + 1) === CURLY)) return this.#takeLiteral();
    const atom = this.atom();
    return atom.length === 3 && atom.toUpperCase() === 'NIL' ? null : atom;
  }

  #list(depth: number): AnswerValue {
    if (depth >= MAX_DEPTH) return this.#skipList();
    this.#at += 1;
    const items: AnswerValue[] = [];
    let isCut = false;
    for (;;) {
      const code = this.peek();
      if (code === CLOSE) break;
      if (Number.isNaN(code)) throw new AnswerSyntaxError('list without end');
      const value = this.#value(depth + 1);
      if (value === null && code === OPEN) isCut = true;
      items.push(value);
    }
    this.#at += 1;
    // What lies around a part that was passed over is of no use either.
    return isCut ? null : items;
  }

  #skipList(): null {
    let open = 0;
    do {
      const code = this.peek();
      if (Number.isNaN(code)) throw new AnswerSyntaxError('list without end');
      if (code === OPEN) {
        open += 1;
        this.#at += 1;
      } else if (code === CLOSE) {
        open -= 1;
        this.#at += 1;
      } else this.#value(0);
    } while (open > 0);
    return null;
  }

  #quoted(): string {
    const text = this.#text;
    const start = this.#at + 1;
    const end = text.indexOf('"', start);
    if (end < 0) throw new AnswerSyntaxError('string without end');
    const escape = text.indexOf('\\', start);
    if (escape < 0 || escape > end) {
      this.#at = end + 1;
      return text.slice(start, end);
    }
    return this.#escaped(start);
  }

  #escaped(start: number): string {
    const text = this.#text;
    const pieces: string[] = [];
    let from = start;
    for (let at = start; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        pieces.push(text.slice(from, at));
        this.#at = at + 1;
        return pieces.join('');
      }
      if (code !== BACKSLASH) continue;
      pieces.push(text.slice(from, at));
      from = at + 1;
      at += 1;
    }
    throw new AnswerSyntaxError('string without end');
  }

  #takeLiteral(): Buffer {
    const end = this.#text.indexOf('}', this.#at);
    const literal = this.#literals[this.#literal];
    if (end < 0 || !literal) throw new AnswerSyntaxError('literal is missing');
    this.#literal += 1;
    this.#at = end + 1;
    while (this.#text.charCodeAt(this.#at) === 0x0d || this.#text.charCodeAt(this.#at) === 0x0a) this.#at += 1;
    return literal;
  }
}
