// @ts-check
import { formatMailDate } from '../dates.mjs';
import { joinPart } from '../mime.mjs';

/**
 * A mail given as bytes because its form is the point.
 * @typedef {object} Oddity
 * @property {string} key
 * @property {number} time
 * @property {Buffer} raw
 * @property {string} [mailbox]
 * @property {readonly string[]} [flags]
 * @property {boolean} [isMalformed]
 */

const OWNER = 'Dr. Katharina Brandt <katharina.brandt@nordlicht.example>';

/**
 * Common header lines; give null to leave one out, or the whole value to replace it.
 * @param {{key: string, time: number, from?: string | null, to?: string | null, subject?: string | null, date?: string | null, messageId?: string | null, extra?: readonly string[]}} head
 * @returns {string[]}
 */
export function headerLines(head) {
  const { key, time, from = 'Partner <partner@example.com>', to = OWNER, subject = key } = head;
  const { date = formatMailDate(time), messageId = `<${key}.${Math.floor(time / 1000)}@example.com>`, extra = [] } = head;
  /** @type {[string, string | null][]} */
  const lines = [
    ['From', from],
    ['To', to],
    ['Subject', subject],
    ['Date', date],
    ['Message-ID', messageId],
  ];
  return [...lines.filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}`), ...extra];
}

/**
 * @param {readonly string[]} headers
 * @param {import('../mime.mjs').Part} part
 * @returns {Buffer}
 */
export function withPart(headers, part) {
  return joinPart([...headers, 'MIME-Version: 1.0', ...part.headers], part.content);
}

/**
 * Bytes given as Latin-1 text with LF line ends, written with CRLF.
 * @param {readonly string[]} headers
 * @param {string} body
 * @returns {Buffer}
 */
export function withBody(headers, body) {
  return joinPart(headers, Buffer.from(body.replace(/\n/g, '\r\n'), 'latin1'));
}
