// @ts-check

/**
 * @typedef {{type: 'atom' | 'string', value: string} | {type: 'literal', value: string, bytes: Buffer} | {type: 'list', items: Token[]}} Token
 * @typedef {{tag: string, name: string, args: Token[]}} Command
 * @typedef {{command: Command} | {line: string} | {error: string, tag: string}} Input
 */

/** A literal longer than this is refused. */
export const MAX_LITERAL_BYTES = 120 * 1024 * 1024;

/** Turns the bytes of a client into commands. Feed it, then take inputs until there are no more. */
export class CommandReader {
  /** @type {Buffer} */
  #held = Buffer.alloc(0);
  /** @type {(string | Buffer)[]} */
  #segments = [];
  /** Bytes of the literal still to come; null outside a literal. @type {number | null} */
  #missing = null;
  /** @type {Buffer[]} */
  #literal = [];
  /** Set while lines are not commands: IDLE waits for DONE, AUTHENTICATE for a response. */
  wantsLine = false;

  /** @param {() => void} askForLiteral Called where the client waits for a continuation. */
  constructor(askForLiteral) {
    this.askForLiteral = askForLiteral;
  }

  /** @param {Buffer} chunk */
  feed(chunk) {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }

  /** @returns {Input | null} The next whole input, or null until more bytes come. */
  take() {
    for (;;) {
      if (this.#missing !== null && !this.#takeLiteral()) return null;
      const end = this.#held.indexOf(0x0a);
      if (end < 0) return null;
      const line = this.#held.toString('latin1', 0, this.#held[end - 1] === 0x0d ? end - 1 : end);
      this.#held = this.#held.subarray(end + 1);
      if (this.wantsLine && this.#segments.length === 0) return { line };
      const literal = /\{(\d{1,10})(\+?)\}$/.exec(line);
      if (literal === null) return this.#finish(line);
      const refused = this.#startLiteral(line, literal);
      if (refused !== null) return refused;
    }
  }

  /**
   * @param {string} line
   * @param {RegExpExecArray} literal
   * @returns {Input | null}
   */
  #startLiteral(line, literal) {
    this.#segments.push(line.slice(0, literal.index));
    if (Number(literal[1]) > MAX_LITERAL_BYTES) {
      const tag = tagOf(this.#segments);
      this.#segments = [];
      return { error: '[TOOBIG] Literal too large', tag };
    }
    this.#missing = Number(literal[1]);
    if (literal[2] === '') this.askForLiteral();
    return null;
  }

  #takeLiteral() {
    const chunk = this.#held.subarray(0, this.#missing ?? 0);
    this.#literal.push(chunk);
    this.#held = this.#held.subarray(chunk.length);
    this.#missing = (this.#missing ?? 0) - chunk.length;
    if (this.#missing > 0) return false;
    this.#segments.push(Buffer.concat(this.#literal));
    this.#literal = [];
    this.#missing = null;
    return true;
  }

  /**
   * @param {string} line
   * @returns {Input}
   */
  #finish(line) {
    const segments = [...this.#segments, line];
    this.#segments = [];
    try {
      return { command: toCommand(tokenise(segments)) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : 'Syntax error', tag: tagOf(segments) };
    }
  }
}

/** @param {readonly (string | Buffer)[]} segments */
function tagOf(segments) {
  return /^([^\s(){}%*"\\]+)/.exec(String(segments[0] ?? ''))?.[1] ?? '*';
}

/**
 * @param {Token[]} tokens
 * @returns {Command}
 */
function toCommand(tokens) {
  const [tag, name, ...args] = tokens;
  if (tag?.type !== 'atom' || name?.type !== 'atom') throw new SyntaxError('Tag and command expected');
  return { tag: tag.value, name: name.value.toUpperCase(), args };
}

/**
 * @param {readonly (string | Buffer)[]} segments
 * @returns {Token[]}
 */
function tokenise(segments) {
  /** @type {Token[][]} */
  const stack = [[]];
  /** @param {Token} token */
  const push = (token) => stack.at(-1)?.push(token);
  for (const segment of segments) {
    if (typeof segment !== 'string') {
      push({ type: 'literal', value: segment.toString('latin1'), bytes: segment });
      continue;
    }
    const pattern = /\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|((?:[^\s()"[]|\[[^\]]*\])+))/gy;
    while (pattern.lastIndex < segment.trimEnd().length) {
      const at = pattern.exec(segment);
      if (at === null) throw new SyntaxError('Syntax error in command');
      if (at[1] !== undefined) stack.push([]);
      else if (at[2] !== undefined) closeList(stack);
      else if (at[3] !== undefined) push({ type: 'string', value: at[3].replace(/\\(.)/g, '$1') });
      else push({ type: 'atom', value: at[4] ?? '' });
    }
  }
  if (stack.length !== 1) throw new SyntaxError('Unbalanced parentheses');
  return stack[0] ?? [];
}

/** @param {Token[][]} stack */
function closeList(stack) {
  const items = stack.pop() ?? [];
  const parent = stack.at(-1);
  if (parent === undefined) throw new SyntaxError('Unbalanced parentheses');
  parent.push({ type: 'list', items });
}

/**
 * Value of an atom, string or literal.
 * @param {Token | undefined} token
 * @returns {string}
 * @throws {SyntaxError} for a list or nothing
 */
export function textOf(token) {
  if (token === undefined || token.type === 'list') throw new SyntaxError('Argument expected');
  return token.value;
}

/**
 * @param {Token | undefined} token
 * @returns {Token[]}
 * @throws {SyntaxError} for anything else
 */
export function listOf(token) {
  if (token?.type !== 'list') throw new SyntaxError('List expected');
  return token.items;
}
