// @ts-check
import { english, german, wordAt } from './generate-words.mjs';

/** @typedef {import('../support/sample-mail/random.mjs').Random} Random */

/**
 * One sentence. About every eighth has a number in it: amounts, dates, drawing numbers.
 * @param {Random} random
 * @param {boolean} isGerman
 */
export function sentence(random, isGerman) {
  const vocabulary = isGerman ? german : english;
  const length = 5 + random.below(16);
  let text = wordAt(vocabulary, random.next());
  text = text.charAt(0).toUpperCase() + text.slice(1);
  for (let i = 1; i < length; i += 1) {
    const comma = random.next() < 0.09 ? ',' : '';
    text += `${comma} ${random.next() < 0.012 ? numberWord(random) : wordAt(vocabulary, random.next())}`;
  }
  return `${text}${random.next() < 0.08 ? '?' : '.'}`;
}

/** @param {Random} random */
function numberWord(random) {
  switch (random.below(4)) {
    case 0:
      return `${random.between(1, 31)}.${random.between(1, 12)}.`;
    case 1:
      return `${random.between(1, 999)}.${random.between(100, 999)} EUR`;
    case 2:
      return `${random.between(1000, 9999)}-${random.between(100, 999)}`;
    default:
      return String(random.between(2, 5000));
  }
}

/**
 * Paragraphs of together about this many characters.
 * @param {Random} random
 * @param {boolean} isGerman
 * @param {number} chars
 * @returns {string[]}
 */
export function paragraphs(random, isGerman, chars) {
  const list = [];
  let made = 0;
  while (made < chars) {
    let text = sentence(random, isGerman);
    const sentences = random.below(4);
    for (let i = 0; i < sentences && made + text.length < chars; i += 1) text += ` ${sentence(random, isGerman)}`;
    made += text.length + 2;
    list.push(text);
  }
  return list;
}

/**
 * A subject of three to eight words.
 * @param {Random} random
 * @param {boolean} isGerman
 */
export function subjectLine(random, isGerman) {
  const vocabulary = isGerman ? german : english;
  const words = Array.from({ length: 3 + random.below(6) }, () => wordAt(vocabulary, random.next() * 0.6 + 0.4));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What Outlook puts on top of every mail: the same block thousands of times in a company's mailbox. */
const OFFICE_HEAD = `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="Generator" content="Microsoft Word 15 (filtered medium)">
<style><!--
/* Font Definitions */
@font-face {font-family:"Cambria Math"; panose-1:2 4 5 3 5 4 6 3 2 4;}
@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}
@font-face {font-family:Aptos;}
/* Style Definitions */
p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif; mso-fareast-language:EN-US;}
a:link, span.MsoHyperlink {mso-style-priority:99; color:#0563C1; text-decoration:underline;}
span.E-MailFormatvorlage17 {mso-style-type:personal-compose; font-family:"Calibri",sans-serif; color:windowtext;}
.MsoChpDefault {mso-style-type:export-only; font-family:"Calibri",sans-serif; mso-fareast-language:EN-US;}
@page WordSection1 {size:612.0pt 792.0pt; margin:70.85pt 70.85pt 2.0cm 70.85pt;}
div.WordSection1 {page:WordSection1;}
--></style>
</head>
<body lang="DE" link="#0563C1" vlink="#954F72" style="word-wrap:break-word">
<div class="WordSection1">
`;

/**
 * A business mail as Outlook writes it.
 * @param {readonly string[]} texts
 * @param {{signature: string, logoId: string | null, quoted: string}} rest
 */
export function officeHtml(texts, { signature, logoId, quoted }) {
  const body = texts
    .map(
      (text) =>
        `<p class="MsoNormal"><span style="mso-fareast-language:DE">${text}<o:p></o:p></span></p>\n<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\n`,
    )
    .join('');
  const lines = signature
    .split('\n')
    .map((line) => `<p class="MsoNormal"><span style="font-size:9.0pt;color:#44546A">${line}<o:p></o:p></span></p>`)
    .join('\n');
  const logo = logoId === null ? '' : `<p class="MsoNormal"><img width="180" height="48" src="cid:${logoId}" alt="Logo"></p>\n`;
  return `${OFFICE_HEAD}${body}${lines}\n${logo}${quoted}</div>\n</body>\n</html>\n`;
}

/**
 * A newsletter of nested tables with tracked links, which hardly compress.
 * @param {Random} random
 * @param {boolean} isGerman
 * @param {number} chars
 */
export function newsletterHtml(random, isGerman, chars) {
  const blocks = [];
  let size = 0;
  while (size < chars) {
    const token = random.bytes(60).toString('base64url');
    const block = `<tr><td align="left" valign="top" style="padding:12px 24px 12px 24px;font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:21px;color:#333333"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td width="180" style="padding-right:16px"><a href="https://click.news.example.com/ls/click?upn=${token}" target="_blank"><img src="https://cdn.news.example.com/img/${random.hex(24)}.jpg" width="180" height="120" border="0" style="display:block"></a></td><td><h3 style="margin:0 0 8px 0;font-size:18px">${subjectLine(random, isGerman)}</h3><p style="margin:0">${sentence(random, isGerman)} ${sentence(random, isGerman)}</p></td></tr></table></td></tr>\n`;
    size += block.length;
    blocks.push(block);
  }
  return `<!DOCTYPE html>\n<html><head><meta charset="utf-8"><style>@media only screen and (max-width:600px){.container{width:100%!important}}</style></head><body style="margin:0;padding:0;background-color:#f4f4f4"><table role="presentation" class="container" width="600" align="center" cellpadding="0" cellspacing="0" border="0">\n${blocks.join('')}</table></body></html>\n`;
}
