// @ts-check

/**
 * One node of a message's MIME tree. Offsets count bytes of the message.
 * @typedef {object} MimeNode
 * @property {number} start Of the header.
 * @property {number} bodyStart
 * @property {number} end
 * @property {[string, string][]} headers Lower-case name and unfolded value, in order.
 * @property {string} type
 * @property {string} subtype
 * @property {[string, string][]} params
 * @property {MimeNode[]} children Of a multipart.
 * @property {MimeNode | null} message Of a message/rfc822.
 */

const MAX_DEPTH = 60;

/**
 * @param {Buffer} raw
 * @returns {{text: string, root: MimeNode}} text: the message, one character a byte.
 */
export function parseStructure(raw) {
  const text = raw.toString('latin1');
  return { text, root: parseNode(text, 0, text.length, 'text/plain', 0) };
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} defaultType
 * @param {number} depth
 * @returns {MimeNode}
 */
function parseNode(text, start, end, defaultType, depth) {
  const bodyStart = findBody(text, start, end);
  const headers = parseHeaders(text.slice(start, bodyStart));
  const declared = headerOf(headers, 'content-type') ?? '';
  const { value, params } = parseParameters(declared);
  const [type = '', subtype = ''] = (/^[^\s/]+\/[^\s/]+$/.test(value) ? value : defaultType).toLowerCase().split('/');
  /** @type {MimeNode} */
  const node = { start, bodyStart, end, headers, type, subtype, params, children: [], message: null };
  if (depth >= MAX_DEPTH) return node;
  const boundary = params.find(([name]) => name === 'boundary')?.[1];
  if (type === 'multipart' && boundary !== undefined) {
    const inner = subtype === 'digest' ? 'message/rfc822' : 'text/plain';
    node.children = splitParts(text, bodyStart, end, boundary).map((part) => parseNode(text, part.start, part.end, inner, depth + 1));
  } else if (type === 'message' && subtype === 'rfc822') {
    node.message = parseNode(text, bodyStart, end, 'text/plain', depth + 1);
  }
  return node;
}

/**
 * Offset after the empty line that ends a header.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 */
export function findBody(text, start, end) {
  let at = start;
  while (at < end) {
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0 || lineEnd >= end) return end;
    if (lineEnd === at || (lineEnd === at + 1 && text[at] === '\r')) return lineEnd + 1;
    at = lineEnd + 1;
  }
  return end;
}

/**
 * @param {string} block
 * @returns {[string, string][]}
 */
export function parseHeaders(block) {
  /** @type {[string, string][]} */
  const headers = [];
  for (const line of block.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
  }
  return headers;
}

/**
 * @param {readonly [string, string][]} headers
 * @param {string} name
 */
export function headerOf(headers, name) {
  return headers.find(([one]) => one === name)?.[1];
}

/**
 * A value with parameters, such as Content-Type.
 * @param {string} field
 * @returns {{value: string, params: [string, string][]}}
 */
export function parseParameters(field) {
  /** @type {[string, string][]} */
  const params = [];
  const semicolon = field.indexOf(';');
  const value = (semicolon < 0 ? field : field.slice(0, semicolon)).trim();
  const pattern = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g;
  for (const match of field.matchAll(pattern)) {
    params.push([(match[1] ?? '').toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? (match[3] ?? '').trim()]);
  }
  return { value, params };
}

/**
 * Ranges between the boundary lines; a missing last line ends with the enclosing part (RFC 2046 5.1.1).
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} boundary
 */
function splitParts(text, start, end, boundary) {
  /** @type {{start: number, end: number}[]} */
  const parts = [];
  const mark = `--${boundary}`;
  let open = -1;
  let at = text.startsWith(mark, start) ? start : nextMark(text, start, mark);
  while (at >= 0 && at < end) {
    const lineEnd = text.indexOf('\n', at);
    const rest = text.slice(at + mark.length, lineEnd < 0 ? end : lineEnd).trimEnd();
    if (rest === '' || rest === '--') {
      if (open >= 0) parts.push({ start: open, end: Math.max(open, beforeLineEnd(text, at)) });
      open = rest === '--' || lineEnd < 0 ? -1 : lineEnd + 1;
      if (open < 0) break;
    }
    at = nextMark(text, at + mark.length, mark);
  }
  if (open >= 0 && open <= end) parts.push({ start: open, end });
  return parts;
}

/**
 * @param {string} text
 * @param {number} from
 * @param {string} mark
 */
function nextMark(text, from, mark) {
  const at = text.indexOf(`\n${mark}`, Math.max(0, from - 1));
  return at < 0 ? -1 : at + 1;
}

/**
 * The line end before a boundary belongs to the boundary.
 * @param {string} text
 * @param {number} at
 */
function beforeLineEnd(text, at) {
  return text[at - 2] === '\r' ? at - 2 : at - 1;
}
