import { existsSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from './run.mjs';

/** Runs npm: the one that started us, else the one on the PATH. */
export function npm(args, options = {}) {
  const self = process.env['npm_execpath'];
  const isNpm = self !== undefined && /npm-cli\.c?js$/u.test(self) && existsSync(self);
  return isNpm ? mustRun(process.execPath, [self, ...args], options) : mustRun('npm', args, options);
}

/**
 * Folder with this Node's own headers, so that compiling a native needs no download; null where Node came without them.
 */
export function nodeHeadersDir() {
  const prefix = path.resolve(process.execPath, '../..');
  return existsSync(path.join(prefix, 'include/node/node_api.h')) ? prefix : null;
}
