import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Names in a folder survive a power cut afterwards; Windows has no such call and needs none. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Makes what was renamed, made or removed in the folder of this file durable. */
export const syncFolderOf = (path: string): void => syncFolder(dirname(path));

/** Makes a folder, and those above it that are missing, for its owner only; their names survive a power cut. */
export function makeFolderDurable(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncFolderOf(made);
}

/** Replaces a file whole or not at all, durable on return; readable by its owner only. */
export function writeDurable(path: string, content: string | Uint8Array): void {
  const next = `${path}.new`;
  const file = openSync(next, 'w', 0o600);
  try {
    // Goes on after a short write: a cut-off file must not be renamed.
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
  syncFolderOf(path);
}

export function removeDurably(path: string): void {
  rmSync(path, { force: true });
  syncFolderOf(path);
}
