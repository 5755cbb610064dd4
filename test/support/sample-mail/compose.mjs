// @ts-check
import { formatMailDate } from './dates.mjs';
import { encodePng } from './files/png.mjs';
import { paintLogo } from './files/picture.mjs';
import { encodeHeaderText, formatAddress, formatAddressList } from './header.mjs';
import { filePart, joinPart, multipart, textPart } from './mime.mjs';
import { isColleague } from './people.mjs';
import { htmlBody, plainBody } from './quoting.mjs';
import { toFlowed } from './transfer-encoding.mjs';

/** @typedef {import('./mail.mjs').Mail} Mail */
/** @typedef {import('./mime.mjs').Part} Part */
/** @typedef {import('./random.mjs').Random} Random */

const LOGO = encodePng(paintLogo());

const AGENTS = {
  outlook: 'X-Mailer: Microsoft Outlook 16.0',
  thunderbird: 'User-Agent: Mozilla Thunderbird',
  apple: 'X-Mailer: Apple Mail (2.3774)',
  phone: 'X-Mailer: iPhone Mail (22B83)',
};

/**
 * Message-ID in the manner of the sender's mail program.
 * @param {Random} random
 * @param {import('./people.mjs').Person} from
 */
export function makeMessageId(random, from) {
  const domain = from.address.slice(from.address.indexOf('@') + 1);
  const uuid = [8, 4, 4, 4, 12].map((length) => random.hex(length)).join('-');
  switch (from.client) {
    case 'outlook':
      return `<${random.hex(2).toUpperCase()}0PR08MB${random.between(1000, 9999)}${random.hex(24).toUpperCase()}@EX01.${domain}>`;
    case 'thunderbird':
      return `<${uuid}@${domain}>`;
    default:
      return `<${uuid.toUpperCase()}@${domain}>`;
  }
}

/**
 * Address, date and thread headers, in the order most programs write them.
 * @param {Mail} mail
 * @param {{charset?: string, mode?: 'B' | 'Q'}} [options] How non-ASCII words are encoded.
 * @returns {string[]}
 */
export function envelopeHeaders(mail, options = {}) {
  const answered = mail.references.at(-1);
  return [
    `From: ${formatAddress(mail.from, options)}`,
    ...(mail.to.length === 0 ? [] : [`To: ${formatAddressList(mail.to, options)}`]),
    ...(mail.cc.length === 0 ? [] : [`Cc: ${formatAddressList(mail.cc, options)}`]),
    `Subject: ${encodeHeaderText(mail.subject, options)}`,
    `Date: ${formatMailDate(mail.time)}`,
    `Message-ID: ${mail.messageId}`,
    ...(answered === undefined ? [] : [`In-Reply-To: ${answered}`, `References: ${mail.references.join('\r\n ')}`]),
    AGENTS[mail.from.client],
    ...mail.headers,
    'MIME-Version: 1.0',
  ];
}

/**
 * The mail as its sender's program writes it, without the lines that servers add on the way.
 * @param {Mail} mail
 * @param {Random} random
 * @returns {Buffer}
 */
export function composeMail(mail, random) {
  const body = bodyPart(mail, random);
  const attached = mail.files.filter((file) => file.contentId === undefined);
  const whole =
    attached.length === 0 ? body : multipart('mixed', boundary(random, mail), [body, ...attached.map((file) => filePart(file))]);
  const mode = mail.from.client === 'outlook' ? 'Q' : 'B';
  return joinPart([...envelopeHeaders(mail, { mode }), ...whole.headers], whole.content);
}

/**
 * @param {Random} random
 * @param {Mail} mail
 */
function boundary(random, mail) {
  return mail.from.client === 'apple' || mail.from.client === 'phone'
    ? `Apple-Mail=_${random.hex(32).toUpperCase()}`
    : `----=_Part_${random.hex(20)}`;
}

/**
 * @param {Mail} mail
 * @param {Random} random
 * @returns {Part}
 */
function bodyPart(mail, random) {
  const inline = mail.files.filter((file) => file.contentId !== undefined);
  const isPlainSender = mail.from.client === 'thunderbird' || mail.from.client === 'phone';
  if (isPlainSender && mail.html === null && inline.length === 0 && mail.calendar === null) return plainPart(mail);
  const hasLogo = mail.from.client === 'outlook' && isColleague(mail.from.address) && mail.html === null;
  const logoId = `logo.${random.hex(12)}@nordlicht.example`;
  const pictureIds = inline.flatMap((file) => (file.contentId === undefined ? [] : [file.contentId]));
  const html = textPart('html', htmlBody(mail, hasLogo ? { logoId, pictureIds } : { pictureIds }));
  const logo = { type: 'image/png', fileName: 'nordlicht.png', content: LOGO, contentId: logoId };
  const pictures = [...(hasLogo ? [logo] : []), ...inline];
  const shown =
    pictures.length === 0
      ? html
      : multipart('related', boundary(random, mail), [html, ...pictures.map((file) => filePart(file))], {
          params: { type: 'text/html' },
        });
  const choices = [plainPart(mail), shown];
  if (mail.calendar !== null) choices.push(textPart('calendar', mail.calendar, { params: { method: methodOf(mail.calendar) } }));
  return multipart('alternative', boundary(random, mail), choices);
}

/** @param {string} calendar */
const methodOf = (calendar) => /^METHOD:(\w+)/m.exec(calendar)?.[1] ?? 'PUBLISH';

/**
 * @param {Mail} mail
 * @returns {Part}
 */
function plainPart(mail) {
  const text = plainBody(mail).replace(/\n/g, '\r\n');
  if (mail.from.client === 'thunderbird') {
    return textPart('plain', toFlowed(text), { encoding: '8bit', params: { format: 'flowed' } });
  }
  return textPart('plain', text);
}
