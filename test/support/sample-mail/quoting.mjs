// @ts-check
import { clockTime, formatMailDate, longDateDe, shortDateDe, shortDateEn } from './dates.mjs';

/** @param {import('./mail.mjs').Mail} mail */
const names = (mail) => mail.to.map((one) => one.name || one.address).join('; ');

/**
 * Header lines that Outlook puts above the answered mail.
 * @param {import('./mail.mjs').Mail} answered
 * @param {'de' | 'en'} language
 * @returns {[string, string][]}
 */
function outlookLines(answered, language) {
  return language === 'de'
    ? [
        ['Von', `${answered.from.name} <${answered.from.address}>`],
        ['Gesendet', `${longDateDe(answered.time)} ${clockTime(answered.time)}`],
        ['An', names(answered)],
        ['Betreff', answered.subject],
      ]
    : [
        ['From', `${answered.from.name} <${answered.from.address}>`],
        ['Sent', `${shortDateEn(answered.time)} ${clockTime(answered.time)}`],
        ['To', names(answered)],
        ['Subject', answered.subject],
      ];
}

/**
 * @param {import('./mail.mjs').Mail} answered
 * @param {'de' | 'en'} language
 */
function attribution(answered, language) {
  return language === 'de'
    ? `Am ${shortDateDe(answered.time)} um ${clockTime(answered.time)} schrieb ${answered.from.name} <${answered.from.address}>:`
    : `On ${formatMailDate(answered.time).slice(0, -6)}, ${answered.from.name} wrote:`;
}

/**
 * Whole body as plain text: words, signature, and the answered mails below, at most three levels deep.
 * @param {import('./mail.mjs').Mail} mail
 * @param {number} [level]
 * @returns {string}
 */
export function plainBody(mail, level = 0) {
  const { client, language, signature } = mail.from;
  const closing = client === 'phone' ? phoneLine(language) : `-- \n${signature.join('\n')}`;
  const own = level === 0 || client === 'outlook' ? `${mail.text}\n\n${closing}` : mail.text;
  if (mail.answered === null || level >= 3) return own;
  const older = plainBody(mail.answered, level + 1);
  if (client === 'outlook') {
    const lines = outlookLines(mail.answered, language).map(([label, value]) => `${label}: ${value}`);
    const rule = language === 'de' ? '-----Ursprüngliche Nachricht-----' : '-----Original Message-----';
    return `${own}\n\n${rule}\n${lines.join('\n')}\n\n${older}`;
  }
  const quoted = older.split('\n').map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd()));
  return `${own}\n\n${attribution(mail.answered, language)}\n\n${quoted.join('\n')}`;
}

/** @param {'de' | 'en'} language */
function phoneLine(language) {
  return language === 'de' ? 'Von meinem iPhone gesendet' : 'Sent from my iPhone';
}

/** @param {string} text */
export const escapeHtml = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/**
 * Paragraphs and `- ` lists as HTML.
 * @param {string} text
 */
export function textToHtml(text) {
  return text
    .split('\n\n')
    .map((block) => {
      const lines = block.split('\n');
      if (lines.every((line) => line.startsWith('- '))) {
        return `<ul>${lines.map((line) => `<li>${escapeHtml(line.slice(2))}</li>`).join('')}</ul>`;
      }
      return `<p>${lines.map(escapeHtml).join('<br>\n')}</p>`;
    })
    .join('\n');
}

/**
 * Whole body as HTML, in the manner of the sender's mail program.
 * @param {import('./mail.mjs').Mail} mail
 * @param {{logoId?: string, pictureIds?: readonly string[]}} [options] Content-IDs: the logo in the signature, pictures below the text.
 */
export function htmlBody(mail, options = {}) {
  const pictures = (options.pictureIds ?? []).map((id) => `<p><img src="cid:${id}" alt=""></p>`).join('\n');
  const logo = options.logoId === undefined ? '' : `<p><img src="cid:${options.logoId}" alt="Nordlicht" width="96" height="32"></p>`;
  const content = htmlLevel(mail, `${pictures}${logo}`, 0);
  const font = mail.from.client === 'outlook' ? 'Calibri,Arial,sans-serif' : 'Helvetica,Arial,sans-serif';
  return `<html>\n<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>\n<body style="font-family:${font};font-size:11pt">\n${content}\n</body>\n</html>\n`;
}

/**
 * @param {import('./mail.mjs').Mail} mail
 * @param {string} pictures HTML of the pictures that belong to this level.
 * @param {number} level
 * @returns {string}
 */
function htmlLevel(mail, pictures, level) {
  const { client, language, signature } = mail.from;
  const closing =
    client === 'phone'
      ? `<div>${phoneLine(language)}</div>`
      : `<p style="color:#475569;font-size:9pt">${signature.map(escapeHtml).join('<br>\n')}</p>`;
  const words = mail.html ?? textToHtml(mail.text);
  const own = `${words}\n${level === 0 || client === 'outlook' ? closing : ''}\n${pictures}`;
  if (mail.answered === null || level >= 3) return own;
  const older = htmlLevel(mail.answered, '', level + 1);
  if (client === 'outlook') {
    const lines = outlookLines(mail.answered, language);
    const head = lines.map(([label, value]) => `<b>${label}:</b> ${escapeHtml(value)}`).join('<br>\n');
    return `${own}\n<div style="border-top:solid #E1E1E1 1pt;padding-top:3pt"><p>${head}</p></div>\n${older}`;
  }
  const line = escapeHtml(attribution(mail.answered, language));
  return `${own}\n<div>${line}</div>\n<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">\n${older}\n</blockquote>`;
}
