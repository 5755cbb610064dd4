// @ts-check
import { encodeText } from './charsets.mjs';

/** @typedef {{name: string, address: string}} MailAddress */

const ASCII_PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * Unstructured text as RFC 2047 encoded words where it is not plain ASCII. The result is folded.
 * @param {string} text
 * @param {{charset?: string, mode?: 'B' | 'Q', offset?: number}} [options] offset: characters already on the first line.
 * @returns {string}
 */
export function encodeHeaderText(text, options = {}) {
  const { charset = 'utf-8', mode = 'Q', offset = 10 } = options;
  if (ASCII_PRINTABLE.test(text)) return foldWords(text, offset);
  /** @type {string[]} */
  const words = [];
  let chunk = '';
  for (const char of text) {
    const limit = words.length === 0 ? 75 - offset : 74;
    if (chunk !== '' && encodedWord(chunk + char, charset, mode).length > limit) {
      words.push(encodedWord(chunk, charset, mode));
      chunk = '';
    }
    chunk += char;
  }
  words.push(encodedWord(chunk, charset, mode));
  return words.join('\r\n ');
}

/**
 * @param {string} text
 * @param {string} charset
 * @param {'B' | 'Q'} mode
 */
function encodedWord(text, charset, mode) {
  const bytes = encodeText(text, charset);
  if (mode === 'B') return `=?${charset}?B?${bytes.toString('base64')}?=`;
  const body = [...bytes]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      if (/[A-Za-z0-9!*+\-/]/.test(char)) return char;
      return char === ' ' ? '_' : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  return `=?${charset}?Q?${body}?=`;
}

/**
 * Folds at spaces so that lines stay within 76 characters where the words allow it (RFC 5322 2.1.1).
 * @param {string} text
 * @param {number} offset
 */
export function foldWords(text, offset) {
  const lines = [];
  let line = '';
  for (const word of text.split(' ')) {
    const used = lines.length === 0 ? offset : 1;
    if (line !== '' && used + line.length + 1 + word.length > 76) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\r\n ');
}

/**
 * @param {MailAddress} person
 * @param {{charset?: string, mode?: 'B' | 'Q'}} [options]
 */
export function formatAddress(person, options = {}) {
  if (person.name === '') return person.address;
  if (!ASCII_PRINTABLE.test(person.name)) {
    return `${encodeHeaderText(person.name, { ...options, offset: 12 })} <${person.address}>`;
  }
  const name = /^[A-Za-z0-9 !#$%&'*+\-/=?^_`{|}~]*$/.test(person.name) ? person.name : `"${person.name.replace(/(["\\])/g, '\\$1')}"`;
  return `${name} <${person.address}>`;
}

/**
 * @param {readonly MailAddress[]} people
 * @param {{charset?: string, mode?: 'B' | 'Q'}} [options]
 */
export function formatAddressList(people, options = {}) {
  return people.map((person) => formatAddress(person, options)).join(',\r\n ');
}

/**
 * A parameter such as filename: quoted when plain, RFC 2231 when not, continued over several lines when long.
 * @param {string} name
 * @param {string} value
 * @returns {string} With the leading `;` and fold.
 */
export function formatParameter(name, value) {
  if (ASCII_PRINTABLE.test(value) && value.length <= 60) {
    return /^[A-Za-z0-9.+_-]+$/.test(value) ? `;\r\n ${name}=${value}` : `;\r\n ${name}="${value.replace(/(["\\])/g, '\\$1')}"`;
  }
  const encoded = [...Buffer.from(value, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  // A percent code must not be torn apart (RFC 2231 4.1).
  const pieces = encoded.match(/(?:%[0-9A-F]{2}|[^%]){1,20}/g) ?? [''];
  if (pieces.length === 1) return `;\r\n ${name}*=utf-8''${encoded}`;
  return pieces.map((piece, index) => `;\r\n ${name}*${index}*=${index === 0 ? "utf-8''" : ''}${piece}`).join('');
}
