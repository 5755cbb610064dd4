import { decodeBytes } from './charset.ts';
import { unescapeHex } from './hex-escapes.ts';

/** A structured field body (RFC 2045, 2183): its value and parameters, RFC 2231 forms joined and decoded. */
export interface Structured {
  /** Lower case, without comments. */
  readonly value: string;
  /** By lower-case name. */
  readonly params: ReadonlyMap<string, string>;
  /** Names of parameters that were decoded by RFC 2231: encoded words in them are not to be decoded once more. */
  readonly decoded: ReadonlySet<string>;
}

const MAX_PARAMS = 200;

interface RawParam {
  readonly name: string;
  readonly text: string;
}

/** Reads a field body such as `multipart/mixed; boundary="x"`. Never throws; what cannot be read is left out. Linear. */
export function parseStructured(body: string): Structured {
  const tokens = splitParams(body);
  const { value, rest } = splitValue(tokens[0] ?? '');
  const raw: RawParam[] = [];
  for (const token of [...rest, ...tokens.slice(1, MAX_PARAMS)]) {
    const equals = token.indexOf('=');
    if (equals > 0) raw.push({ name: token.slice(0, equals).trim().toLowerCase(), text: token.slice(equals + 1).trim() });
  }
  return joinParams(value, raw);
}

/** The value, which ends at a blank or comma; behind these, or in its place, a parameter may stand that lacks its semicolon. */
function splitValue(token: string): { value: string; rest: string[] } {
  const text = token.trim().replace(/(?<![ \t])[ \t]*\/[ \t]*/, '/');
  const end = text.search(/[\s,=]/);
  if (end < 0) return { value: text.toLowerCase(), rest: [] };
  if (text[end] === '=') return { value: '', rest: [text] };
  const rest = text.slice(end).replace(/^[\s,]+/, '');
  return { value: text.slice(0, end).toLowerCase(), rest: rest.includes('=') ? [rest] : [] };
}

/**
 * Splits at semicolons outside quotes, drops comments and quotes. A bracket within the value of a parameter is no comment, and a
 * backslash that nothing needs is one of a path.
 */
function splitParams(body: string): string[] {
  const out: string[] = [];
  let part = '';
  let depth = 0;
  let inQuotes = false;
  for (let i = 0; i < body.length; i++) {
    const char = body[i] as string;
    if (char === '\\' && (inQuotes || depth > 0)) {
      const next = body[i + 1] ?? '';
      if (depth === 0 && next !== '"' && next !== '\\') part += char;
      else if (depth === 0) part += body[++i];
      else i++;
    } else if (depth > 0) depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    else if (char === '"') inQuotes = !inQuotes;
    else if (inQuotes) part += char === '\r' || char === '\n' ? '' : char;
    else if (char === '(' && !isWithinValue(part)) depth = 1;
    else if (char === ';') {
      out.push(part);
      part = '';
    } else part += char;
  }
  out.push(part);
  return out;
}

function isWithinValue(part: string): boolean {
  return part.includes('=') && !/[\s=]$/.test(part);
}

function joinParams(value: string, raw: readonly RawParam[]): Structured {
  const params = new Map<string, string>();
  const decoded = new Set<string>();
  const sections = new Map<string, Map<number, { text: string; isEncoded: boolean }>>();
  for (const { name, text } of raw) {
    const match = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/.exec(name);
    if (!match) continue;
    const base = match[1] as string;
    if (match[2] === undefined && match[3] === undefined) {
      if (!params.has(base)) params.set(base, text);
      continue;
    }
    const list = sections.get(base) ?? new Map<number, { text: string; isEncoded: boolean }>();
    sections.set(base, list);
    const at = Number(match[2] ?? 0);
    if (!list.has(at)) list.set(at, { text, isEncoded: match[3] !== undefined });
  }
  for (const [name, list] of sections) {
    const ordered = [...list].sort(([a], [b]) => a - b);
    // RFC 2231 form wins over the plain one, which is then only there for old readers; not where some of it was lost.
    if (params.has(name) && ordered.some(([at], n) => at !== n)) continue;
    const { text, isDecoded } = joinSections(ordered.map(([, section]) => section));
    params.set(name, text);
    if (isDecoded) decoded.add(name);
  }
  return { value, params, decoded };
}

/** Joins sections in their order, over gaps: the end of a name says more of a file than its beginning. */
function joinSections(list: readonly { text: string; isEncoded: boolean }[]): { text: string; isDecoded: boolean } {
  let charset = '';
  let isDecoded = false;
  const bytes: Buffer[] = [];
  for (const [n, { text, isEncoded }] of list.entries()) {
    if (!isEncoded) {
      bytes.push(Buffer.from(text, 'utf8'));
      continue;
    }
    const quotes = n === 0 ? /^([^']*)'[^']*'/.exec(text) : null;
    if (quotes) charset = quotes[1] as string;
    isDecoded ||= quotes !== null || text.includes('%');
    bytes.push(unescapeHex(quotes ? text.slice(quotes[0].length) : text, '%'));
  }
  return { text: decodeBytes(Buffer.concat(bytes), charset), isDecoded };
}
