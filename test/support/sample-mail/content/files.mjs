// @ts-check
import { DOCX, XLSX, makeDocx, makeXlsx } from '../files/office.mjs';
import { encodeJpeg } from '../files/jpeg.mjs';
import { makePdf } from '../files/pdf.mjs';
import { paintBars, paintSea } from '../files/picture.mjs';
import { encodePng } from '../files/png.mjs';
import { randomFor } from '../random.mjs';

/** @typedef {import('../mail.mjs').MailFile} MailFile */

/**
 * @param {string} fileName
 * @param {string} title
 * @param {readonly string[]} paragraphs
 * @returns {MailFile}
 */
export const pdf = (fileName, title, paragraphs) => ({
  type: 'application/pdf',
  fileName,
  content: makePdf(title, paragraphs),
});

/**
 * @param {string} fileName
 * @param {readonly string[]} paragraphs
 * @returns {MailFile}
 */
export const docx = (fileName, paragraphs) => ({ type: DOCX, fileName, content: makeDocx(paragraphs) });

/**
 * @param {string} fileName
 * @param {string} sheet
 * @param {readonly (readonly (string | number)[])[]} rows
 * @returns {MailFile}
 */
export const xlsx = (fileName, sheet, rows) => ({ type: XLSX, fileName, content: makeXlsx(sheet, rows) });

/**
 * Semicolons and a decimal comma, as German Excel reads it.
 * @param {string} fileName
 * @param {readonly (readonly (string | number)[])[]} rows
 * @returns {MailFile}
 */
export const csv = (fileName, rows) => ({
  type: 'text/csv; charset=utf-8',
  fileName,
  content: Buffer.from(rows.map((row) => row.map((cell) => String(cell).replace('.', ',')).join(';')).join('\r\n') + '\r\n', 'utf8'),
});

/**
 * @param {string} fileName
 * @param {string} text
 * @returns {MailFile}
 */
export const txt = (fileName, text) => ({
  type: 'text/plain; charset=utf-8',
  fileName,
  content: Buffer.from(text.replace(/\n/g, '\r\n'), 'utf8'),
});

/**
 * Painted once: a sample mailbox has a dozen, and is made anew for many tests.
 * @type {Map<string, Buffer>}
 */
const photos = new Map();

/** @param {string} key */
function photoOf(key) {
  const painted = photos.get(key) ?? encodeJpeg(paintSea(randomFor('photo', key)));
  photos.set(key, painted);
  return painted;
}

/**
 * @param {string} fileName
 * @param {string} key Different keys give different pictures.
 * @param {string} [contentId]
 * @returns {MailFile}
 */
export const photo = (fileName, key, contentId) => ({
  type: 'image/jpeg',
  fileName,
  content: photoOf(key),
  ...(contentId === undefined ? {} : { contentId }),
});

/**
 * @param {string} fileName
 * @param {readonly number[]} values
 * @param {string} [contentId]
 * @returns {MailFile}
 */
export const chart = (fileName, values, contentId) => ({
  type: 'image/png',
  fileName,
  content: encodePng(paintBars(values)),
  ...(contentId === undefined ? {} : { contentId }),
});
