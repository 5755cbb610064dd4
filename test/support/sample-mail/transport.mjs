// @ts-check
import { formatMailDate } from './dates.mjs';

/** Lines that a server puts on top of a mail, with the line end that the mail itself uses. */

/**
 * @param {Buffer} raw
 * @param {readonly string[]} lines
 * @returns {Buffer}
 */
function prepend(raw, lines) {
  const lineEnd = raw.includes('\r\n') ? '\r\n' : '\n';
  const text = lines.map((line) => `${line.replace(/\r\n/g, lineEnd)}${lineEnd}`).join('');
  return Buffer.concat([Buffer.from(text, 'latin1'), raw]);
}

/**
 * What the company's own mail server adds on arrival.
 * @param {Buffer} raw
 * @param {{sender: string, recipient: string, time: number}} envelope Addresses without names; arrival time.
 * @param {import('./random.mjs').Random} random
 * @returns {Buffer}
 */
export function receivedByPrimary(raw, { sender, recipient, time }, random) {
  const domain = domainOf(sender);
  const isInternal = domain === 'nordlicht.example';
  const from = isInternal
    ? 'ex01.nordlicht.example (ex01.nordlicht.example [192.0.2.21])'
    : `mx1.${domain} (mx1.${domain} [198.51.100.${random.between(2, 250)}])`;
  return prepend(raw, [
    `Return-Path: <${sender}>`,
    `Delivered-To: ${recipient}`,
    `Received: from ${from}\r\n\tby mail.nordlicht.example (Postfix) with ESMTPS id ${random.hex(10).toUpperCase()}\r\n\tfor <${recipient}>; ${formatMailDate(time)}`,
    ...(isInternal
      ? []
      : [`Authentication-Results: mail.nordlicht.example; spf=pass smtp.mailfrom=${domain}; dkim=pass header.d=${domain}`]),
  ]);
}

/**
 * What the filter in front adds to the copy that it keeps.
 * @param {Buffer} raw
 * @param {{sender: string, recipient: string, time: number}} envelope
 * @param {import('./random.mjs').Random} random
 * @returns {Buffer}
 */
export function receivedByRelay(raw, { sender, recipient, time }, random) {
  const domain = domainOf(sender);
  return prepend(raw, [
    `Return-Path: <${sender}>`,
    `X-Filter-Recipient: ${recipient}`,
    `Received: from mx1.${domain} (mx1.${domain} [198.51.100.${random.between(2, 250)}])\r\n\tby relay.nordlicht-backup.example with ESMTPS id ${random.hex(16)}\r\n\tfor <${recipient}>; ${formatMailDate(time)}`,
    `X-Filter-Id: ${random.hex(24)}`,
    `X-Filter-Score: ${(random.next() * 2).toFixed(1)}`,
    'X-Filter-Verdict: clean',
  ]);
}

/** @param {string} address */
const domainOf = (address) => address.slice(address.indexOf('@') + 1) || 'unknown.example';
