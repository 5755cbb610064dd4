// @ts-check
import { makeZip } from './zip.mjs';

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006';

/** @param {string} text */
const escapeXml = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/**
 * @param {string} target
 * @param {string} type
 */
function relationships(target, type) {
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/relationships/${type}" Target="${target}"/></Relationships>`;
}

/** @param {readonly (readonly [string, string])[]} overrides */
function contentTypes(overrides) {
  const rows = overrides.map(([part, type]) => `<Override PartName="${part}" ContentType="${type}"/>`).join('');
  return `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${rows}</Types>`;
}

export const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const SPREADSHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const WORKBOOK = `${SPREADSHEET}.sheet.main+xml`;
const WORKSHEET = `${SPREADSHEET}.worksheet+xml`;

/**
 * A Word document of plain paragraphs (ECMA-376, the smallest valid package).
 * @param {readonly string[]} paragraphs
 * @returns {Buffer}
 */
export function makeDocx(paragraphs) {
  const body = paragraphs.map((text) => `<w:p><w:r><w:t xml:space="preserve">${escapeXml(text)}</w:t></w:r></w:p>`).join('');
  const main = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
  return makeZip([
    { name: '[Content_Types].xml', content: contentTypes([['/word/document.xml', `${DOCX}.main+xml`]]) },
    { name: '_rels/.rels', content: relationships('word/document.xml', 'officeDocument') },
    { name: 'word/document.xml', content: `${XML}<w:document xmlns:w="${main}"><w:body>${body}</w:body></w:document>` },
  ]);
}

/**
 * A workbook with one sheet.
 * @param {string} sheetName
 * @param {readonly (readonly (string | number)[])[]} rows
 * @returns {Buffer}
 */
export function makeXlsx(sheetName, rows) {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const data = rows.map((row, index) => `<row r="${index + 1}">${row.map(cell).join('')}</row>`).join('');
  return makeZip([
    {
      name: '[Content_Types].xml',
      content: contentTypes([
        ['/xl/workbook.xml', WORKBOOK],
        ['/xl/worksheets/sheet1.xml', WORKSHEET],
      ]),
    },
    { name: '_rels/.rels', content: relationships('xl/workbook.xml', 'officeDocument') },
    { name: 'xl/_rels/workbook.xml.rels', content: relationships('worksheets/sheet1.xml', 'worksheet') },
    {
      name: 'xl/workbook.xml',
      content: `${XML}<workbook xmlns="${main}" xmlns:r="${OFFICE}/relationships"><sheets><sheet name="${escapeXml(sheetName)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    { name: 'xl/worksheets/sheet1.xml', content: `${XML}<worksheet xmlns="${main}"><sheetData>${data}</sheetData></worksheet>` },
  ]);
}

/** @param {string | number} value */
function cell(value) {
  return typeof value === 'number' ? `<c><v>${value}</v></c>` : `<c t="inlineStr"><is><t>${escapeXml(value)}</t></is></c>`;
}
