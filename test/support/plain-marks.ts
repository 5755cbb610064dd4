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

/** Least length of what is looked for, bytes. */
const LEAST = 4;
/** So few are found faster one after the other, by the search of the runtime. */
const FEW = 40;

/**
 * Whether one of many forms stands in a content, of which all are looked for in one pass: files of many megabytes are searched for hundreds.
 * @throws RangeError for a form of less than four bytes, which stands in any file by chance
 */
export function finderOf(forms: readonly Buffer[]): (content: Buffer) => boolean {
  const byStart = new Map<number, Buffer[]>();
  const starts = new Uint8Array(0x1_0000);
  for (const form of forms) {
    if (form.length < LEAST) throw new RangeError(`too short to be looked for: ${form.toString()}`);
    const start = form.readUInt32LE(0);
    byStart.set(start, [...(byStart.get(start) ?? []), form]);
    starts[form.readUInt16LE(0)] = 1;
  }
  if (forms.length <= FEW) return (content) => forms.some((form) => content.includes(form));
  return (content) => {
    for (let at = 0; at + LEAST <= content.length; at += 1) {
      if (starts[content[at]! | (content[at + 1]! << 8)] === 0) continue;
      const some = byStart.get(content.readUInt32LE(at));
      if (some?.some((form) => form.equals(content.subarray(at, at + form.length)))) return true;
    }
    return false;
  };
}

/** Files below a folder in which one of the forms stands in clear. */
export function hitsBelow(folder: string, forms: readonly Buffer[]): { files: number; found: string[] } {
  const found: string[] = [];
  const isMarked = finderOf(forms);
  let files = 0;
  for (const file of filesBelow(folder)) {
    files += 1;
    if (isMarked(readFileSync(file))) found.push(file);
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
