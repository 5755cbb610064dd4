import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a mark looks in a file: as it is, in UTF-16, and in base64 at each of the three places in a group. */
export function formsOf(mark: string): readonly Buffer[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from(' '.repeat(shift) + mark).toString('base64');
    return Buffer.from(text.slice(shift === 0 ? 0 : 4, 16));
  });
  return [Buffer.from(mark), Buffer.from(mark.toLowerCase()), Buffer.from(mark, 'utf16le'), ...base64];
}

/** Files below a folder, sockets and links left out; a file that goes while it is looked for is none. */
function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile()) yield file;
  }
}

/** Files below a folder in which one of the forms stands in clear. */
export function hitsBelow(folder: string, forms: readonly Buffer[]): { files: number; found: string[] } {
  const found: string[] = [];
  let files = 0;
  for (const file of filesBelow(folder)) {
    files += 1;
    const content = readFileSync(file);
    if (forms.some((form) => content.includes(form))) found.push(file);
  }
  return { files, found };
}

/** Files and folders that others than their owner may look at; links have no rights of their own. */
export function openToOthers(folder: string): string[] {
  const names = ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })];
  return names.filter((name) => {
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return stats !== undefined && !stats.isSymbolicLink() && (stats.mode & 0o077) !== 0;
  });
}
