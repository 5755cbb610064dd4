// @ts-check
import { deflateRawSync } from 'node:zlib';
import { crc32 } from './crc32.mjs';

/** 1 January 2024 in MS-DOS form: a fixed date keeps the archive the same in every run. */
const DOS_DATE = ((2024 - 1980) << 9) | (1 << 5) | 1;

/**
 * A ZIP archive with deflated entries.
 * @param {readonly {name: string, content: Buffer | string}[]} entries
 * @returns {Buffer}
 */
export function makeZip(entries) {
  /** @type {Buffer[]} */
  const bodies = [];
  /** @type {Buffer[]} */
  const directory = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content);
    const packed = deflateRawSync(content, { level: 9 });
    const name = Buffer.from(entry.name, 'utf8');
    const common = commonFields(content, packed, name);
    const local = Buffer.concat([u32(0x04034b50), common, name, packed]);
    bodies.push(local);
    directory.push(Buffer.concat([u32(0x02014b50), u16(20), common, u16(0), u16(0), u16(0), u32(0), u32(offset), name]));
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = u16(entries.length);
  const end = Buffer.concat([u32(0x06054b50), u16(0), u16(0), count, count, u32(central.length), u32(offset), u16(0)]);
  return Buffer.concat([...bodies, central, end]);
}

/**
 * @param {Buffer} content
 * @param {Buffer} packed
 * @param {Buffer} name
 */
function commonFields(content, packed, name) {
  return Buffer.concat([
    u16(20),
    u16(0x0800), // names are UTF-8
    u16(8),
    u16(0),
    u16(DOS_DATE),
    u32(crc32(content)),
    u32(packed.length),
    u32(content.length),
    u16(name.length),
    u16(0),
  ]);
}

/** @param {number} value */
function u16(value) {
  const field = Buffer.alloc(2);
  field.writeUInt16LE(value);
  return field;
}

/** @param {number} value */
function u32(value) {
  const field = Buffer.alloc(4);
  field.writeUInt32LE(value);
  return field;
}
