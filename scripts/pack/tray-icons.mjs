import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '../lib/paths.mjs';
import { drawPng } from './svg-to-png.mjs';

const SIZES = [16, 24, 32, 48];
const STATES = ['normal', 'degraded', 'continuity', 'recovering', 'offline', 'attention'];

const source = (name) => readFileSync(path.join(rootDir, 'assets/tray', `${name}.svg`), 'utf8');
const shapesOf = (name) => source(name).replace(/<\/?svg[^>]*>/gu, '');
const picture = (content) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${content}</svg>`;

/** Black where there is colour, nothing where there is white: macOS colours it by its bar. */
function template(layers) {
  const toned = (shapes) => shapes.replaceAll('#fff', '#000').replaceAll(/#(?!000\b)[0-9a-f]{6}/gu, '#fff');
  // Of the envelope only the lines; each mark stands in a gap of its own.
  return picture(
    `<mask id="m"><rect width="32" height="32"/>${layers.map(toned).join('')}</mask><rect width="32" height="32" mask="url(#m)"/>`,
  );
}

/** Makes the images of the icon in the panel, all states in all sizes. */
export async function makeTrayIcons(outDir) {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const envelope = shapesOf('envelope');
  for (const state of STATES) {
    const layers = [envelope, shapesOf(state)];
    for (const size of SIZES) {
      writeFileSync(path.join(outDir, `${state}-${size}.png`), await drawPng(picture(layers.join('')), size));
      writeFileSync(path.join(outDir, `${state}-template-${size}.png`), await drawPng(template(layers), size));
    }
  }
  writeFileSync(path.join(outDir, 'unread-16.png'), await drawPng(source('unread'), 16));
}
