import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '../lib/paths.mjs';
import { drawPng } from './svg-to-png.mjs';

const SOURCE = path.join(rootDir, 'assets/icon.svg');
const PNG_SIZES = [16, 24, 32, 48, 64, 96, 128, 256, 512, 1024];
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256];
/** Types of Apple's icon file for PNG content, by size in pixels. */
const ICNS_TYPES = [
  ['icp4', 16],
  ['icp5', 32],
  ['icp6', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
];
const ICO_HEAD_BYTES = 6;
const ICO_ENTRY_BYTES = 16;

/** Windows' icon file: a directory of PNG images. */
function icoOf(images) {
  const head = Buffer.alloc(ICO_HEAD_BYTES + ICO_ENTRY_BYTES * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  images.forEach(({ size, png }, n) => {
    const at = ICO_HEAD_BYTES + ICO_ENTRY_BYTES * n;
    // 0 stands for 256, which a byte cannot hold.
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...images.map(({ png }) => png)]);
}

/** Apple's icon file: blocks of type, length and PNG. */
function icnsOf(entries) {
  const blocks = entries.map(([type, png]) => {
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(png.length + 8, 4);
    return Buffer.concat([head, png]);
  });
  const body = Buffer.concat(blocks);
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

/** Makes every icon that a package needs from the one drawing. */
export async function makeIcons(outDir) {
  const svg = readFileSync(SOURCE, 'utf8');
  const pngs = new Map();
  for (const size of PNG_SIZES) pngs.set(size, await drawPng(svg, size));
  mkdirSync(outDir, { recursive: true });
  for (const [size, png] of pngs) writeFileSync(path.join(outDir, `${size}x${size}.png`), png);
  writeFileSync(path.join(outDir, 'icon.ico'), icoOf(ICO_SIZES.map((size) => ({ size, png: pngs.get(size) }))));
  writeFileSync(path.join(outDir, 'icon.icns'), icnsOf(ICNS_TYPES.map(([type, size]) => [type, pngs.get(size)])));
}
