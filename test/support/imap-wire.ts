const LF = 0x0a;
const CR = 0x0d;
const CLOSING_BRACE = 0x7d;
const LITERAL_MARK = /~?\{(\d+)(\+?)\}$/;
const MARK_MAX_BYTES = 32;

/** A literal announced at the end of a line: `{n}`, `{n+}` (RFC 7888) or `~{n}` (RFC 3516). */
export interface LiteralMark {
  readonly size: number;
  /** True when the sender does not wait for a continuation. */
  readonly isNonSync: boolean;
}

/** What the scanner tells: physical lines (with their line end) and the bytes of literals between them. */
export interface WireSink {
  line(line: Buffer, literal: LiteralMark | null): void;
  data(chunk: Buffer, isLast: boolean): void;
}

/** The literal mark at the end of a line (given without its line end), or null. */
export function literalMark(line: Buffer): LiteralMark | null {
  if (line[line.length - 1] !== CLOSING_BRACE) return null;
  const match = LITERAL_MARK.exec(line.subarray(Math.max(0, line.length - MARK_MAX_BYTES)).toString('latin1'));
  return match ? { size: Number(match[1]), isNonSync: match[2] !== '' } : null;
}

/** The line without CRLF or LF. */
export function withoutLineEnd(line: Buffer): Buffer {
  let end = line.length;
  if (line[end - 1] === LF) end -= 1;
  if (line[end - 1] === CR) end -= 1;
  return line.subarray(0, end);
}

/**
 * Splits one direction of an IMAP stream into lines and literals, in constant memory but for the current line, so
 * that message content is never taken for protocol.
 */
export class WireScanner {
  readonly #sink: WireSink;
  #pending: Buffer[] = [];
  #literalLeft = 0;

  constructor(sink: WireSink) {
    this.#sink = sink;
  }

  /** True between two lines: nothing of a line or literal is outstanding. */
  get isAtLineStart(): boolean {
    return this.#literalLeft === 0 && this.#pending.length === 0;
  }

  /** The announced literal does not come after all: a server refused the command instead of asking for it. */
  dropLiteral(): void {
    this.#literalLeft = 0;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#literalLeft > 0 ? this.#takeLiteral(rest) : this.#takeLine(rest);
    }
  }

  #takeLiteral(chunk: Buffer): Buffer {
    const taken = chunk.subarray(0, this.#literalLeft);
    this.#literalLeft -= taken.length;
    this.#sink.data(taken, this.#literalLeft === 0);
    return chunk.subarray(taken.length);
  }

  #takeLine(chunk: Buffer): Buffer {
    const end = chunk.indexOf(LF);
    if (end < 0) {
      this.#pending.push(chunk);
      return chunk.subarray(chunk.length);
    }
    const tail = chunk.subarray(0, end + 1);
    const line = this.#pending.length > 0 ? Buffer.concat([...this.#pending, tail]) : tail;
    this.#pending = [];
    const literal = literalMark(withoutLineEnd(line));
    this.#literalLeft = literal?.size ?? 0;
    this.#sink.line(line, literal);
    if (literal?.size === 0) this.#sink.data(Buffer.alloc(0), true);
    return chunk.subarray(end + 1);
  }
}

/** A logical line: text pieces and, between them, literals. `parts` alternates text, literal, text, … */
export interface LogicalLine {
  /** Texts as latin1 strings without literal marks, literals as buffers. */
  readonly parts: readonly (string | Buffer)[];
  /** The line as one string, literals shown by their mark only: for logs and matching. */
  readonly text: string;
}

/** Assembles logical lines (a command or an answer with all its literals) from a stream. */
export class LineAssembler {
  readonly #scanner: WireScanner;
  #parts: (string | Buffer)[] = [];
  #text = '';
  #literal: Buffer[] = [];

  /** `onLiteral` is told of each announced literal at once, so that a server can send its continuation. */
  constructor(onLine: (line: LogicalLine) => void, onLiteral?: (mark: LiteralMark, textSoFar: string) => void) {
    this.#scanner = new WireScanner({
      line: (raw, mark) => {
        const text = withoutLineEnd(raw).toString('latin1');
        this.#text += text;
        this.#parts.push(mark ? text.replace(LITERAL_MARK, '') : text);
        if (mark) return onLiteral?.(mark, this.#text);
        const line = { parts: this.#parts, text: this.#text };
        this.#parts = [];
        this.#text = '';
        onLine(line);
      },
      data: (chunk, isLast) => {
        this.#literal.push(chunk);
        if (!isLast) return;
        this.#parts.push(Buffer.concat(this.#literal));
        this.#literal = [];
      },
    });
  }

  push(chunk: Buffer): void {
    this.#scanner.push(chunk);
  }

  /** Forgets the line begun and its announced literal, which does not come: the command was refused before it. */
  dropLiteral(): void {
    this.#scanner.dropLiteral();
    this.#parts = [];
    this.#text = '';
  }
}
