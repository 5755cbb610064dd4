// @ts-check
import { randomFor } from '../support/sample-mail/random.mjs';
import { makeAttachment } from './generate-attachments.mjs';
import { newsletterHtml, officeHtml, paragraphs, subjectLine } from './generate-text.mjs';

/**
 * A mailbox as companies have them, the same for the same seed. Shares are this project's own estimate, after what mail
 * systems commonly report: four mails in five carry no file, and the files carry nine tenths of the bytes.
 * - 30 % plain text (1 to 6 kB), 48 % HTML of an office program with its plain twin (6 to 30 kB), 22 % newsletters (15 to 60 kB)
 * - every fifth mail has an attachment: PDF 42 %, office 26 %, photo 17 %, table or log 9 %, archive 6 %; log-normal sizes,
 *   median some 90 kB; 15 % are an earlier file sent on unchanged
 * - 40 % of the office mails show the company's logo (9 kB) by cid
 */
const PEOPLE = [
  'Anna Berg',
  'Bernd Ostermann',
  'Claire Dubois',
  'Dirk Hansen',
  'Eva Lindqvist',
  'Frank Moore',
  'Grete Paulsen',
  'Henry Clark',
];
const KINDS = /** @type {const} */ ([
  ['pdf', 0.42],
  ['office', 0.68],
  ['image', 0.85],
  ['text', 0.94],
  ['archive', 1],
]);
const DAY = 86_400_000;
const MIN_FILE = 4_000;
const MAX_FILE = 8_000_000;
const SPREAD = 1.15;
const USUAL_BYTES_PER_MAIL = 60_000;
/** What a mail without its file comes to on average. */
const TEXT_BYTES_PER_MAIL = 14_000;
/** Median size of a file for each byte per mail that the files have to come to. */
const MEDIAN_PER_BYTE = 2;

const wrap = (/** @type {Buffer} */ content) => (content.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
const quotedPrintable = (/** @type {string} */ text) =>
  text
    .split('\n')
    .map((line) =>
      Buffer.from(line)
        .toString('latin1')
        .replace(/[^\x20-\x3c\x3e-\x7e]/g, (char) => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
        .replace(/.{72}(?=.)/g, (part) => (/=.?$/.test(part) ? part : `${part}=\r\n`)),
    )
    .join('\r\n');

/** @param {import('../support/sample-mail/random.mjs').Random} random */
function gaussian(random) {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** @param {string} type @param {string} body @param {string} encoding */
const part = (type, body, encoding) => `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;

/** @param {string} subtype @param {string} boundary @param {readonly string[]} parts */
const multipart = (subtype, boundary, parts) =>
  `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')}--${boundary}--\r\n`;

/**
 * @param {{seed: number, count: number, totalBytes?: number, isSmall?: boolean, now: number, days?: number}} options
 * @returns {Generator<{raw: Buffer, internalDate: number, flags: string[]}>}
 */
export function* generateBenchMailbox({ seed, count, totalBytes = count * USUAL_BYTES_PER_MAIL, isSmall = false, now, days = 80 }) {
  /** @type {import('./generate-attachments.mjs').Attachment[]} */
  const sent = [];
  const median = MEDIAN_PER_BYTE * Math.max(0, totalBytes / count - TEXT_BYTES_PER_MAIL);
  const logo = wrap(makeAttachment({ kind: 'image', sizeBytes: 9_000, id: 'logo' }).content);
  for (let n = 0; n < count; n += 1) {
    const random = randomFor('bench', `${seed}-${n}`);
    const isGerman = random.next() < 0.6;
    const id = `${seed}-${n}`;
    const texts = paragraphs(random, isGerman, isSmall ? 300 + random.below(700) : 500 + random.below(3_000));
    const plain = part('text/plain; charset=utf-8', quotedPrintable([texts].flat().join('\n\n')), 'quoted-printable');
    const choice = random.next();
    let body = plain;
    if (!isSmall && choice > 0.78) {
      body = multipart('alternative', `alt-${id}`, [
        plain,
        part(
          'text/html; charset=utf-8',
          quotedPrintable(newsletterHtml(random, isGerman, 12_000 + random.below(34_000))),
          'quoted-printable',
        ),
      ]);
    } else if (!isSmall && choice > 0.3) {
      const hasLogo = random.next() < 0.4;
      const html = officeHtml([texts].flat(), {
        signature: `${random.pick(PEOPLE)}\nNordlicht Maschinenbau GmbH`,
        logoId: hasLogo ? 'logo@bench' : null,
        quoted: '',
      });
      const both = multipart('alternative', `alt-${id}`, [
        plain,
        part('text/html; charset=utf-8', quotedPrintable(html), 'quoted-printable'),
      ]);
      body = hasLogo
        ? multipart('related', `rel-${id}`, [both, `Content-ID: <logo@bench>\r\n${part('image/jpeg; name="logo.jpg"', logo, 'base64')}`])
        : both;
    }
    if (!isSmall && random.next() < 0.2) {
      const share = random.next();
      const kind = (KINDS.find(([, up]) => share < up) ?? KINDS[0])[0];
      const isRepeat = sent.length > 0 && random.next() < 0.15;
      const file = isRepeat
        ? random.pick(sent)
        : {
            kind,
            sizeBytes: Math.round(Math.min(MAX_FILE, Math.max(MIN_FILE, median * Math.exp(SPREAD * gaussian(random))))),
            id: `file-${id}`,
          };
      if (!isRepeat) sent.push(file);
      const { type, fileName, content } = makeAttachment(file);
      const attached = `Content-Disposition: attachment; filename="${fileName}"\r\n${part(`${type}; name="${fileName}"`, wrap(content), 'base64')}`;
      body = multipart('mixed', `mix-${id}`, [body, attached]);
    }
    const at = Math.floor((now - (days * DAY * (count - n)) / count) / 1000) * 1000;
    const from = random.pick(PEOPLE);
    const head = [
      `Received: from mx.example.net by mail.example.com; ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
      `From: ${from} <${from.toLowerCase().replace(' ', '.')}@example.com>`,
      'To: Office <office@example.com>',
      `Subject: =?utf-8?B?${Buffer.from(subjectLine(random, isGerman)).toString('base64')}?=`,
      `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <${id}@bench.example.com>`,
      'MIME-Version: 1.0',
    ];
    yield { raw: Buffer.from(`${head.join('\r\n')}\r\n${body}`), internalDate: at, flags: random.next() < 0.8 ? ['\\Seen'] : [] };
  }
}
