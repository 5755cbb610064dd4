import type { LogicalLine } from './imap-wire.ts';

/** IMAP syntax, as far as both a command and an answer share it (RFC 9051, section 9). */
export type Token =
  /** Atoms, numbers, NIL, flags, response codes `[...]` and section specifiers `BODY[...]<0>` as written. */
  | { readonly type: 'atom'; readonly value: string }
  /** A quoted string or a literal. */
  | { readonly type: 'string'; readonly value: Buffer }
  | { readonly type: 'list'; readonly items: readonly Token[] };

const ATOM_END = new Set([' ', '(', ')', '"', '\t']);

function readQuoted(text: string, start: number): { value: string; next: number } {
  let value = '';
  for (let i = start + 1; i < text.length; i += 1) {
    const c = text[i] as string;
    if (c === '"') return { value, next: i + 1 };
    if (c === '\\') i += 1;
    value += c === '\\' ? (text[i] ?? '') : c;
  }
  throw new SyntaxError('quoted string without end');
}

function readAtom(text: string, start: number): { value: string; next: number } {
  let i = start;
  while (i < text.length && !ATOM_END.has(text[i] as string)) {
    if (text[i] !== '[') {
      i += 1;
      continue;
    }
    const close = text.indexOf(']', i);
    if (close < 0) return { value: text.slice(start), next: text.length };
    i = close + 1;
  }
  return { value: text.slice(start, i), next: i };
}

class TokenTree {
  readonly #stack: Token[][] = [[]];

  add(token: Token): void {
    (this.#stack.at(-1) as Token[]).push(token);
  }

  open(): void {
    this.#stack.push([]);
  }

  close(): void {
    if (this.#stack.length === 1) throw new SyntaxError('closing parenthesis without opening');
    const items = this.#stack.pop() as Token[];
    this.add({ type: 'list', items });
  }

  finish(): Token[] {
    if (this.#stack.length !== 1) throw new SyntaxError('parenthesis not closed');
    return this.#stack[0] as Token[];
  }
}

function addText(tree: TokenTree, text: string): void {
  for (let i = 0; i < text.length;) {
    const c = text[i];
    if (c === ' ' || c === '\t') i += 1;
    else if (c === '(') {
      tree.open();
      i += 1;
    } else if (c === ')') {
      tree.close();
      i += 1;
    } else if (c === '"') {
      const quoted = readQuoted(text, i);
      tree.add({ type: 'string', value: Buffer.from(quoted.value, 'latin1') });
      i = quoted.next;
    } else {
      const atom = readAtom(text, i);
      tree.add({ type: 'atom', value: atom.value });
      i = atom.next;
    }
  }
}

/** Parses a logical line into tokens. Throws SyntaxError. */
export function parseTokens(parts: LogicalLine['parts']): Token[] {
  const tree = new TokenTree();
  for (const part of parts) {
    if (typeof part === 'string') addText(tree, part);
    else tree.add({ type: 'string', value: part });
  }
  return tree.finish();
}

/** The text of an atom or string (bytes as latin1); an empty string for a list or nothing. */
export function tokenText(token: Token | undefined): string {
  if (token === undefined || token.type === 'list') return '';
  return token.type === 'atom' ? token.value : token.value.toString('latin1');
}

/** The items of a list; an empty list for anything else. */
export function tokenItems(token: Token | undefined): readonly Token[] {
  return token?.type === 'list' ? token.items : [];
}

/** True when the token is this atom, whatever its case. */
export function isAtom(token: Token | undefined, value: string): boolean {
  return token?.type === 'atom' && token.value.toUpperCase() === value.toUpperCase();
}

/** A string as it is written on the wire: quoted where possible, else a non-synchronising literal. */
export function quoteString(value: string): Buffer {
  if (/^[\x20-\x7e]*$/.test(value)) return Buffer.from(`"${value.replace(/(["\\])/g, '\\$1')}"`, 'latin1');
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Buffer.from(`{${bytes.length}+}\r\n`), bytes]);
}
