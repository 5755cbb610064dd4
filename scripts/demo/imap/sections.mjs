// @ts-check
import { findBody, parseStructure } from './structure.mjs';

/** @typedef {import('./structure.mjs').MimeNode} MimeNode */

/**
 * Bytes of a BODY[...] section (RFC 3501 6.4.5).
 * @param {Buffer} raw
 * @param {string} section What stands between the brackets.
 * @returns {Buffer | null} Null for a part that is not there.
 * @throws {SyntaxError} for a section that does not exist in IMAP
 */
export function sectionOf(raw, section) {
  if (section === '') return raw;
  const match = /^((?:\d+\.?)*)(.*)$/.exec(section);
  const path = (match?.[1] ?? '')
    .split('.')
    .filter((part) => part !== '')
    .map(Number);
  const what = (match?.[2] ?? '').toUpperCase();
  if (path.length === 0 && !/^(MIME)?$/.test(what))
    return textOrHeader(raw, { start: 0, bodyStart: bodyStartOf(raw), end: raw.length }, what);
  const { root } = parseStructure(raw);
  const node = findPart(root, path);
  if (node === null) return null;
  if (what === '') return raw.subarray(node.bodyStart, node.end);
  if (what === 'MIME') return raw.subarray(node.start, node.bodyStart);
  return node.message === null ? null : textOrHeader(raw, node.message, what);
}

/** @param {Buffer} raw */
function bodyStartOf(raw) {
  // Headers are short: most of a large message need not be made into a string.
  for (let size = 16_384; ; size *= 8) {
    const text = raw.toString('latin1', 0, Math.min(size, raw.length));
    const at = findBody(text, 0, text.length);
    if (at < text.length || size >= raw.length) return at;
  }
}

/**
 * @param {MimeNode} root
 * @param {readonly number[]} path
 * @returns {MimeNode | null}
 */
function findPart(root, path) {
  let node = root;
  for (const [depth, number] of path.entries()) {
    // Part 1 of a whole message that is itself a message/rfc822 is its body, not the body of the inner message.
    const container = depth === 0 ? node : (node.message ?? node);
    const child = container.children.length > 0 ? container.children[number - 1] : number === 1 ? container : undefined;
    if (child === undefined) return null;
    node = child;
  }
  return node;
}

/**
 * @param {Buffer} raw
 * @param {{start: number, bodyStart: number, end: number}} node
 * @param {string} what
 */
function textOrHeader(raw, node, what) {
  const header = raw.subarray(node.start, node.bodyStart);
  if (what === 'HEADER') return header;
  if (what === 'TEXT') return raw.subarray(node.bodyStart, node.end);
  const fields = /^HEADER\.FIELDS(\.NOT)? \(([^)]*)\)$/.exec(what);
  if (fields === null) throw new SyntaxError(`Unknown section ${what}`);
  const names = new Set(
    (fields[2] ?? '')
      .replace(/"/g, '')
      .split(/\s+/)
      .map((name) => name.toLowerCase()),
  );
  return pickFields(header, (name) => names.has(name) !== (fields[1] !== undefined));
}

/**
 * @param {Buffer} header
 * @param {(name: string) => boolean} isWanted
 */
function pickFields(header, isWanted) {
  const fields = header.toString('latin1').split(/(?<=\n)(?![ \t])/);
  const kept = fields.filter((field) =>
    isWanted(
      field
        .slice(0, Math.max(0, field.indexOf(':')))
        .trim()
        .toLowerCase(),
    ),
  );
  return Buffer.from(`${kept.join('')}\r\n`, 'latin1');
}
