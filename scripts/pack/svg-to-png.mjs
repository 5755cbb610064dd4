import { readFileSync } from 'node:fs';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { inModules } from '../lib/paths.mjs';

let ready;

/**
 * Draws one picture as a square PNG.
 * @param {string} svg
 * @param {number} size its side in pixels
 */
export async function drawPng(svg, size) {
  await (ready ??= initWasm(readFileSync(inModules('@resvg/resvg-wasm/index_bg.wasm'))));
  return Buffer.from(new Resvg(svg, { fitTo: { mode: 'width', value: size } }).render().asPng());
}
