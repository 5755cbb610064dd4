import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { rootDir } from './paths.mjs';

function* filesBelow(place) {
  if (!existsSync(place)) return;
  if (statSync(place).isFile()) {
    yield place;
    return;
  }
  const items = readdirSync(place, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const item of items) {
    if (item.isDirectory()) yield* filesBelow(path.join(place, item.name));
    else if (item.isFile()) yield path.join(place, item.name);
  }
}

/**
 * One digest over names and contents of files and whole folders, given by paths below the root; missing ones count too.
 * @param {readonly string[]} places
 */
export function hashOf(places) {
  const hash = createHash('sha256');
  for (const place of places) {
    hash.update(`> ${place}\n`);
    for (const file of filesBelow(path.join(rootDir, place))) {
      const content = readFileSync(file);
      hash.update(`${path.relative(rootDir, file)} ${content.length}\n`).update(content);
    }
  }
  return hash.digest('hex');
}

/** Digest of one large file, in npm's notation (`sha512-...`). */
export async function integrityOf(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest('base64')}`;
}

/** Whether a stamp says that a step was finished for exactly these inputs. */
export function hasStamp(file, value) {
  return existsSync(file) && readFileSync(file, 'utf8') === value;
}

/** Written last and in one move, so that an interrupted step has no stamp. */
export function writeStamp(file, value) {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, value);
  renameSync(temporary, file);
}
