// @ts-check
import { encodeText } from './charsets.mjs';
import { formatParameter } from './header.mjs';
import { toBase64Lines, toQuotedPrintable } from './transfer-encoding.mjs';

/** @typedef {'7bit' | '8bit' | 'quoted-printable' | 'base64'} TransferEncoding */

/**
 * One node of a mail's MIME tree, headers ready to be written.
 * @typedef {{headers: readonly string[], content: Buffer}} Part
 */

const CRLF = Buffer.from('\r\n');

/**
 * Header lines and body joined by the blank line.
 * @param {readonly string[]} headers
 * @param {Buffer} content
 * @returns {Buffer}
 */
export function joinPart(headers, content) {
  return Buffer.concat([Buffer.from(headers.map((line) => `${line}\r\n`).join(''), 'latin1'), CRLF, content]);
}

/**
 * @param {Buffer} content
 * @param {TransferEncoding} encoding
 */
function transferEncode(content, encoding) {
  if (encoding === 'base64') return Buffer.from(toBase64Lines(content), 'latin1');
  if (encoding === 'quoted-printable') return Buffer.from(toQuotedPrintable(content), 'latin1');
  return content;
}

/**
 * A text part. Line ends of the text may be LF; they are written as CRLF.
 * @param {string} subtype plain, html, calendar, csv ...
 * @param {string} text
 * @param {{charset?: string, label?: string, encoding?: TransferEncoding, params?: Record<string, string>, headers?: readonly string[]}} [options]
 *   label: charset named in the header, where it is to differ from the real one.
 * @returns {Part}
 */
export function textPart(subtype, text, options = {}) {
  const { charset = 'utf-8', encoding = 'quoted-printable', params = {}, headers = [] } = options;
  const bytes = encodeText(text.replace(/\r?\n/g, '\r\n'), charset);
  const extra = Object.entries(params).map(([name, value]) => formatParameter(name, value));
  return {
    headers: [
      `Content-Type: text/${subtype}; charset=${options.label ?? charset}${extra.join('')}`,
      `Content-Transfer-Encoding: ${encoding}`,
      ...headers,
    ],
    content: transferEncode(bytes, encoding),
  };
}

/**
 * @param {{type: string, fileName: string, content: Buffer, encoding?: TransferEncoding, contentId?: string, disposition?: 'attachment' | 'inline'}} file
 * @returns {Part}
 */
export function filePart(file) {
  const disposition = file.disposition ?? (file.contentId === undefined ? 'attachment' : 'inline');
  const encoding = file.encoding ?? 'base64';
  return {
    headers: [
      `Content-Type: ${file.type}${formatParameter('name', file.fileName)}`,
      `Content-Transfer-Encoding: ${encoding}`,
      `Content-Disposition: ${disposition}${formatParameter('filename', file.fileName)}`,
      ...(file.contentId === undefined ? [] : [`Content-ID: <${file.contentId}>`]),
    ],
    content: transferEncode(file.content, encoding),
  };
}

/**
 * A mail forwarded as it is (RFC 2046 5.2.1).
 * @param {Buffer} raw
 * @param {string} [fileName]
 * @returns {Part}
 */
export function messagePart(raw, fileName) {
  const name = fileName === undefined ? '' : formatParameter('filename', fileName);
  return {
    headers: ['Content-Type: message/rfc822', `Content-Disposition: ${fileName === undefined ? 'inline' : 'attachment'}${name}`],
    content: raw,
  };
}

/**
 * @param {string} subtype mixed, alternative, related, report, signed
 * @param {string} boundary
 * @param {readonly Part[]} parts
 * @param {{params?: Record<string, string>, preamble?: string}} [options]
 * @returns {Part}
 */
export function multipart(subtype, boundary, parts, options = {}) {
  const extra = Object.entries(options.params ?? {}).map(([name, value]) => formatParameter(name, value));
  /** @type {Buffer[]} */
  const chunks = options.preamble === undefined ? [] : [Buffer.from(`${options.preamble}\r\n\r\n`, 'latin1')];
  for (const part of parts) {
    chunks.push(Buffer.from(`--${boundary}\r\n`, 'latin1'), joinPart(part.headers, part.content), CRLF);
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`, 'latin1'));
  return {
    headers: [`Content-Type: multipart/${subtype}${extra.join('')};\r\n boundary="${boundary}"`],
    content: Buffer.concat(chunks),
  };
}
