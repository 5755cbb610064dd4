/** One method's result in an Authentication-Results field (RFC 8601). */
export interface AuthResult {
  /** In small letters: `dkim`, `spf`, `dmarc` … */
  readonly method: string;
  readonly result: string;
  /** `header.d`, `smtp.mailfrom` … in small letters, with their values. */
  readonly properties: ReadonlyMap<string, string>;
}

export interface AuthenticationResults {
  /** Who says so, in small letters. */
  readonly authservId: string;
  readonly results: readonly AuthResult[];
}

const MAX_CHARS = 16_384;
const MAX_RESULTS = 50;
const MAX_COMMENT_DEPTH = 20;

type Token = { readonly text: string; readonly isQuoted: boolean };

/**
 * Reads the body of a field. Null where it does not follow the grammar: what cannot be read says nothing. Linear in its length.
 */
export function parseAuthenticationResults(body: string): AuthenticationResults | null {
  if (body.length > MAX_CHARS) return null;
  const tokens = tokensOf(body);
  if (tokens === null) return null;
  const [head = [], ...rest] = splitAt(tokens, ';');
  const authservId = head[0]?.text.toLowerCase() ?? '';
  // After the id there may be a version, and it may only be 1.
  if (authservId === '' || authservId === '=' || head.length > 2 || (head[1] && head[1].text !== '1')) return null;
  const results: AuthResult[] = [];
  for (const part of rest.slice(0, MAX_RESULTS)) {
    if (part.length === 0 || (part.length === 1 && part[0]?.text.toLowerCase() === 'none')) continue;
    const result = readResult(part);
    if (result === null) return null;
    results.push(result);
  }
  return { authservId, results };
}

function readResult(tokens: readonly Token[]): AuthResult | null {
  const [method, equals, result, ...rest] = tokens;
  if (!method || equals?.text !== '=' || equals.isQuoted || !result) return null;
  const properties = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 3) {
    const [name, sign, value] = rest.slice(at, at + 3);
    if (!name || sign?.text !== '=' || sign.isQuoted || !value) return null;
    const key = name.text.toLowerCase();
    // The first of two counts: a second one can only be there to confuse.
    if (!properties.has(key)) properties.set(key, value.text);
  }
  return { method: (method.text.split('/')[0] ?? '').toLowerCase(), result: result.text.toLowerCase(), properties };
}

/** Words, quoted strings and the signs `;` and `=`; comments are left out. Null for a quote or comment without end. */
function tokensOf(body: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < body.length) {
    const char = body[at] ?? '';
    if (/\s/u.test(char)) at += 1;
    else if (char === '(') {
      at = commentEnd(body, at);
      if (at < 0) return null;
    } else if (char === '"') {
      const quoted = quotedAt(body, at);
      if (quoted === null) return null;
      tokens.push({ text: quoted.text, isQuoted: true });
      at = quoted.end;
    } else if (char === ';' || char === '=') {
      tokens.push({ text: char, isQuoted: false });
      at += 1;
    } else {
      const start = at;
      while (at < body.length && !/[\s;="(]/u.test(body[at] ?? '')) at += 1;
      tokens.push({ text: body.slice(start, at), isQuoted: false });
    }
  }
  return tokens;
}

function commentEnd(body: string, from: number): number {
  let depth = 0;
  for (let at = from; at < body.length; at += 1) {
    const char = body[at];
    if (char === '\\') at += 1;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    if (depth === 0) return at + 1;
    if (depth > MAX_COMMENT_DEPTH) return -1;
  }
  return -1;
}

function quotedAt(body: string, from: number): { text: string; end: number } | null {
  let text = '';
  for (let at = from + 1; at < body.length; at += 1) {
    if (body[at] === '"') return { text, end: at + 1 };
    if (body[at] === '\\') at += 1;
    text += body[at] ?? '';
  }
  return null;
}

function splitAt(tokens: readonly Token[], sign: string): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (!token.isQuoted && token.text === sign) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
