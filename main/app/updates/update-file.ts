import { createHash } from 'node:crypto';
import { chmodSync, closeSync, constants, copyFileSync, createReadStream, fsyncSync, openSync, renameSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UpdateRefused } from './feed.ts';

/**
 * Reads a file once more: it has lain in a folder of the user since it was fetched.
 * @param sha512 base64
 * @throws UpdateRefused `damaged`
 */
export async function proveFile(file: string, sha512: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('base64') !== sha512) throw new UpdateRefused('damaged', 'the fetched file changed');
}

function sync(place: string): void {
  const handle = openSync(place, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Puts a program in the place of another by one rename, under its old name: at no moment is there none, and links to it stay right. */
export function replaceProgram(from: string, to: string): void {
  const beside = `${to}.new`;
  copyFileSync(from, beside, constants.COPYFILE_FICLONE);
  chmodSync(beside, 0o755);
  sync(beside);
  renameSync(beside, to);
  sync(path.dirname(to));
}
