import { homedir } from 'node:os';
import path from 'node:path';

/** Folder of package.json. */
export const rootDir = path.resolve(import.meta.dirname, '../..');

/** What outlives a checkout: runtimes and compiled natives, shared by all checkouts of this user. */
export function cacheDir() {
  const base = process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  return path.join(base, 'holdover');
}

/** A file or folder of an installed package, by its path below node_modules. */
export function inModules(...parts) {
  return path.join(rootDir, 'node_modules', ...parts);
}
