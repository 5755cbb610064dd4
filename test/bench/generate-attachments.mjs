// @ts-check
import { createCipheriv, createHash } from 'node:crypto';
import { paragraphs } from './generate-text.mjs';
import { randomFor } from '../support/sample-mail/random.mjs';

/** @typedef {'pdf' | 'office' | 'image' | 'text' | 'archive'} Kind */

/**
 * An attachment before it is made. The same specification gives the same bytes, so that a forwarded file needs no memory.
 * @typedef {{kind: Kind, sizeBytes: number, id: string}} Attachment
 */

/**
 * Bytes that look random to a compressor; fast, and the same everywhere.
 * @param {string} id
 * @param {number} size
 */
function noise(id, size) {
  const key = createHash('sha256').update(id).digest();
  return createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16)).update(Buffer.alloc(size));
}

/** Parts that are alike in all files of a program: fonts, colour profiles, themes. Shared by all files of a kind. */
const SHARED = { pdf: noise('shared-pdf', 24_000), office: noise('shared-office', 9_000), image: noise('shared-icc', 3_100) };

/**
 * @param {Attachment} attachment
 * @returns {{type: string, fileName: string, content: Buffer}}
 */
export function makeAttachment(attachment) {
  const { kind, id } = attachment;
  const random = randomFor('name', id);
  const name = `${random.pick(['Angebot', 'Zeichnung', 'Protokoll', 'Report', 'Invoice', 'Datenblatt', 'Plan', 'Foto', 'Minutes'])}_${random.between(100, 99_999)}`;
  switch (kind) {
    case 'pdf':
      return { type: 'application/pdf', fileName: `${name}.pdf`, content: pdf(attachment) };
    case 'office': {
      const [extension, type] = random.pick([
        ['docx', 'wordprocessingml.document'],
        ['xlsx', 'spreadsheetml.sheet'],
        ['pptx', 'presentationml.presentation'],
      ]);
      return {
        type: `application/vnd.openxmlformats-officedocument.${type}`,
        fileName: `${name}.${extension}`,
        content: office(attachment),
      };
    }
    case 'image':
      return { type: 'image/jpeg', fileName: `${name}.jpg`, content: image(attachment) };
    case 'archive':
      return { type: 'application/zip', fileName: `${name}.zip`, content: noise(id, attachment.sizeBytes) };
    default:
      return { type: 'text/csv', fileName: `${name}.csv`, content: table(attachment) };
  }
}

/** PDF: some 90 % compressed streams, the rest objects, cross-reference rows and XML. @param {Attachment} attachment */
function pdf({ id, sizeBytes }) {
  /** @type {Buffer[]} */
  const out = [Buffer.from('%PDF-1.7\n%\xb5\xed\xae\xfb\n', 'latin1')];
  let made = sizeBytes > 60_000 ? SHARED.pdf.length : 0;
  if (made > 0) out.push(Buffer.from('5 0 obj\n<</Filter/FlateDecode/Length 24000/Length1 48120>>stream\n'), SHARED.pdf);
  let object = 6;
  const body = noise(id, Math.max(0, Math.floor((sizeBytes - made) * 0.9)));
  for (let at = 0; at < body.length; at += 6000) {
    const piece = body.subarray(at, at + 6000);
    const page = `${object} 0 obj\n<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 5 0 R/F2 9 0 R>>/ProcSet[/PDF/Text/ImageB/ImageC/ImageI]>>/MediaBox[0 0 595.32 841.92]/Contents ${object + 1} 0 R/Group<</Type/Group/S/Transparency/CS/DeviceRGB>>/Tabs/S/StructParents ${object}>>\nendobj\n${object + 1} 0 obj\n<</Filter/FlateDecode/Length ${piece.length}>>stream\n`;
    out.push(Buffer.from(page), piece, Buffer.from('\nendstream\nendobj\n'));
    object += 2;
  }
  made = out.reduce((sum, part) => sum + part.length, 0);
  const rows = Math.max(4, Math.floor((sizeBytes - made) / 20));
  const table = Array.from({ length: rows }, (_, index) => `${String(index * 611).padStart(10, '0')} 00000 n \n`).join('');
  out.push(Buffer.from(`xref\n0 ${rows}\n${table}trailer\n<</Size ${rows}/Root 1 0 R>>\nstartxref\n${made}\n%%EOF\n`));
  return Buffer.concat(out);
}

/** Office file: deflated parts with ZIP headers between them, and a theme that all files share. @param {Attachment} attachment */
function office({ id, sizeBytes }) {
  /** @type {Buffer[]} */
  const out = [Buffer.from('PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00[Content_Types].xml', 'latin1'), SHARED.office];
  const body = noise(id, Math.max(0, Math.floor((sizeBytes - SHARED.office.length) * 0.95)));
  for (let at = 0, part = 1; at < body.length; at += 40_000, part += 1) {
    out.push(
      Buffer.from(`PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00word/media/image${part}.png`, 'latin1'),
      body.subarray(at, at + 40_000),
    );
  }
  const made = out.reduce((sum, part) => sum + part.length, 0);
  const entry = 'PK\x01\x02-\x00\x14\x00\x06\x00\x08\x00\x00\x00!\x00word/_rels/document.xml.rels';
  out.push(Buffer.from(entry.repeat(Math.max(3, Math.floor((sizeBytes - made) / entry.length))), 'latin1'));
  return Buffer.concat(out);
}

/** @param {Attachment} attachment */
function image({ id, sizeBytes }) {
  const head = Buffer.from('ffd8ffe000104a46494600010101012c012c0000ffe20c58', 'hex');
  return Buffer.concat([head, SHARED.image, noise(id, Math.max(100, sizeBytes - SHARED.image.length))]);
}

/** @param {Attachment} attachment */
function table({ id, sizeBytes }) {
  const random = randomFor('table', id);
  const rows = ['Position;Bezeichnung;Menge;Einzelpreis;Datum;Bemerkung'];
  let size = 0;
  for (let row = 1; size < sizeBytes; row += 1) {
    const line = `${row};${random.hex(6)}-${random.between(10, 99)};${random.between(1, 400)};${random.between(1, 9999)},${random.between(10, 99)};2025-${random.between(10, 12)}-${random.between(10, 28)};${row % 7 === 0 ? paragraphs(random, true, 40)[0] : ''}`;
    size += line.length + 2;
    rows.push(line);
  }
  return Buffer.from(`${rows.join('\r\n')}\r\n`, 'utf8');
}
