// @ts-check
import { headerOf, parseParameters } from './structure.mjs';
import { nstring, quote } from './wire.mjs';

/** @typedef {import('./structure.mjs').MimeNode} MimeNode */

/**
 * ENVELOPE (RFC 3501 7.4.2).
 * @param {MimeNode} node
 */
export function describeEnvelope(node) {
  /** @param {string} name */
  const field = (name) => headerOf(node.headers, name);
  const from = addressList(field('from'));
  const fields = [
    nstring(field('date')),
    nstring(field('subject')),
    from,
    field('sender') === undefined ? from : addressList(field('sender')),
    field('reply-to') === undefined ? from : addressList(field('reply-to')),
    addressList(field('to')),
    addressList(field('cc')),
    addressList(field('bcc')),
    nstring(field('in-reply-to')),
    nstring(field('message-id')),
  ];
  return `(${fields.join(' ')})`;
}

/** @param {string | undefined} field */
function addressList(field) {
  if (field === undefined || field.trim() === '') return 'NIL';
  const addresses = splitAddresses(field).flatMap(describeAddress);
  return addresses.length === 0 ? 'NIL' : `(${addresses.join('')})`;
}

/**
 * Splits at commas outside of quotes, comments, angle brackets and groups; a group gives its name and its members.
 * @param {string} field
 */
function splitAddresses(field) {
  const list = [];
  let current = '';
  let isQuoted = false;
  let depth = 0;
  for (let i = 0; i < field.length; i += 1) {
    const char = field[i] ?? '';
    if (char === '\\') {
      current += char + (field[i + 1] ?? '');
      i += 1;
      continue;
    }
    if (char === '"') isQuoted = !isQuoted;
    if (!isQuoted && char === '(') depth += 1;
    if (!isQuoted && char === ')') depth -= 1;
    if (!isQuoted && depth <= 0 && (char === ',' || char === ';')) {
      list.push(current, ...(char === ';' ? [';'] : []));
      current = '';
    } else if (!isQuoted && depth <= 0 && char === ':' && !current.includes('<')) {
      list.push(`${current}:`);
      current = '';
    } else current += char;
  }
  return [...list, current].map((one) => one.trim()).filter((one) => one !== '');
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function describeAddress(text) {
  if (text === ';') return ['(NIL NIL NIL NIL)'];
  if (text.endsWith(':')) return [`(NIL NIL ${quote(text.slice(0, -1))} NIL)`];
  const angle = /^(.*?)<([^<>]*)>[^<>]*$/.exec(text);
  const address = (angle?.[2] ?? text).replace(/\([^)]*\)/g, '').trim();
  const comment = /\(([^)]*)\)/.exec(text)?.[1];
  const name = (angle?.[1]?.trim() || comment || '').replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1');
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  return [`(${name === '' ? 'NIL' : quote(name)} NIL ${quote(local)} ${at < 0 ? quote('') : quote(address.slice(at + 1))})`];
}

/**
 * BODYSTRUCTURE, or BODY without the extension data (RFC 3501 7.4.2).
 * @param {MimeNode} node
 * @param {string} text The whole message.
 * @param {boolean} isExtended
 * @returns {string}
 */
export function describeBody(node, text, isExtended) {
  if (node.type === 'multipart' && node.children.length > 0) {
    const parts = node.children.map((child) => describeBody(child, text, isExtended)).join('');
    const extension = isExtended ? ` ${parameters(node.params)} ${disposition(node)} ${language(node)} NIL` : '';
    return `(${parts} ${quote(node.subtype)}${extension})`;
  }
  // A multipart without parts is told as the text it is: clients expect at least one part.
  const isBroken = node.type === 'multipart';
  const fields = [
    quote(isBroken ? 'text' : node.type),
    quote(isBroken ? 'plain' : node.subtype),
    parameters(isBroken ? [] : node.params),
    nstring(headerOf(node.headers, 'content-id')),
    nstring(headerOf(node.headers, 'content-description')),
    quote(headerOf(node.headers, 'content-transfer-encoding')?.toLowerCase() || '7bit'),
    String(node.end - node.bodyStart),
  ];
  if (node.message !== null) fields.push(describeEnvelope(node.message), describeBody(node.message, text, isExtended));
  if (node.message !== null || node.type === 'text' || isBroken) fields.push(String(lineCount(text, node)));
  if (isExtended) fields.push(nstring(headerOf(node.headers, 'content-md5')), disposition(node), language(node), 'NIL');
  return `(${fields.join(' ')})`;
}

/** @param {readonly [string, string][]} params */
function parameters(params) {
  if (params.length === 0) return 'NIL';
  return `(${params.map(([name, value]) => `${quote(name)} ${quote(value)}`).join(' ')})`;
}

/** @param {MimeNode} node */
function disposition(node) {
  const field = headerOf(node.headers, 'content-disposition');
  if (field === undefined) return 'NIL';
  const { value, params } = parseParameters(field);
  return `(${quote(value.toLowerCase())} ${parameters(params)})`;
}

/** @param {MimeNode} node */
const language = (node) => nstring(headerOf(node.headers, 'content-language'));

/**
 * @param {string} text
 * @param {MimeNode} node
 */
function lineCount(text, node) {
  let lines = 0;
  for (let at = text.indexOf('\n', node.bodyStart); at >= 0 && at < node.end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
