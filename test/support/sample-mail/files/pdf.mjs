// @ts-check
import { deflateSync } from 'node:zlib';
import { wrapWords } from '../transfer-encoding.mjs';

/** WinAnsiEncoding has the euro sign and the dashes where Latin-1 has control codes. */
const WIN_ANSI = new Map([
  ['€', 0x80],
  ['„', 0x84],
  ['“', 0x93],
  ['”', 0x94],
  ['–', 0x96],
  ['—', 0x97],
  ['•', 0x95],
]);

/**
 * A valid PDF 1.4 with a title and paragraphs on A4 pages.
 * @param {string} title
 * @param {readonly string[]} paragraphs
 * @returns {Buffer}
 */
export function makePdf(title, paragraphs) {
  const lines = paragraphs.flatMap((text) => [...wrapWords(text, 88), '']);
  const pages = [];
  for (let from = 0; from < Math.max(lines.length, 1); from += 48) pages.push(lines.slice(from, from + 48));
  /** @type {Buffer[]} */
  const objects = [];
  const pageIds = pages.map((_, index) => 5 + index * 2);
  objects.push(plain('<< /Type /Catalog /Pages 2 0 R >>'));
  objects.push(plain(`<< /Type /Pages /Count ${pages.length} /Kids [${pageIds.map((id) => `${id} 0 R`).join(' ')}] >>`));
  objects.push(plain('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'));
  objects.push(plain('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>'));
  for (const [index, page] of pages.entries()) {
    const content = 6 + index * 2;
    const fonts = '/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >>';
    objects.push(plain(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] ${fonts} /Contents ${content} 0 R >>`));
    objects.push(stream(pageContent(index === 0 ? title : '', page)));
  }
  return assemble(objects);
}

/** @param {string} text */
const plain = (text) => Buffer.from(text, 'latin1');

/** @param {Buffer} content */
function stream(content) {
  const packed = deflateSync(content, { level: 9 });
  return Buffer.concat([plain(`<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n`), packed, plain('\nendstream')]);
}

/**
 * @param {string} title
 * @param {readonly string[]} lines
 */
function pageContent(title, lines) {
  const head = title === '' ? [] : [plain('BT /F2 16 Tf 56 785 Td '), pdfString(title), plain(' Tj ET\n')];
  const rows = lines.flatMap((line) => [pdfString(line), plain(" '\n")]);
  return Buffer.concat([...head, plain('BT /F1 10.5 Tf 14 TL 56 765 Td\n'), ...rows, plain('ET\n')]);
}

/** @param {string} text */
function pdfString(text) {
  const bytes = [...text].map((char) => WIN_ANSI.get(char) ?? (char.charCodeAt(0) < 256 ? char.charCodeAt(0) : 0x3f));
  const escaped = bytes.flatMap((byte) => (byte === 0x28 || byte === 0x29 || byte === 0x5c ? [0x5c, byte] : [byte]));
  return Buffer.from([0x28, ...escaped, 0x29]);
}

/** @param {readonly Buffer[]} objects */
function assemble(objects) {
  /** @type {Buffer[]} */
  const out = [Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  let offset = out[0]?.length ?? 0;
  const offsets = [];
  for (const [index, body] of objects.entries()) {
    const whole = Buffer.concat([plain(`${index + 1} 0 obj\n`), body, plain('\nendobj\n')]);
    offsets.push(offset);
    offset += whole.length;
    out.push(whole);
  }
  const rows = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  out.push(plain(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`));
  out.push(plain(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${offset}\n%%EOF\n`));
  return Buffer.concat(out);
}
