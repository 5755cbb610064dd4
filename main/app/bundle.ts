import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const MAX_FILES = 2000;

export interface BundleFile {
  readonly mimeType: string;
  read(): Buffer;
}

/**
 * The renderer's files, listed once at start. A request is answered only if its path equals a listed one, letter by
 * letter: nothing is decoded, joined or resolved at request time, so no path trick can reach another file.
 */
export class Bundle {
  readonly #files: ReadonlyMap<string, BundleFile>;

  private constructor(files: ReadonlyMap<string, BundleFile>) {
    this.#files = files;
  }

  /** Lists regular files below `root`; links, other kinds of files and unknown endings are left out. */
  static list(root: string): Bundle {
    const files = new Map<string, BundleFile>();
    const pending = [''];
    for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
      for (const item of readdirSync(path.join(root, folder), { withFileTypes: true })) {
        const name = `${folder}/${item.name}`;
        const mimeType = MIME_TYPES[path.extname(item.name)];
        if (!PLAIN_NAME.test(item.name) || files.size >= MAX_FILES) continue;
        if (item.isDirectory()) pending.push(name);
        else if (item.isFile() && mimeType) files.set(name, bundleFile(path.join(root, name), mimeType));
      }
    }
    return new Bundle(files);
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** The file for the path part of a request address, exactly as written; null for everything not listed. */
  find(requestPath: string): BundleFile | null {
    return this.#files.get(requestPath === '/' ? '/index.html' : requestPath) ?? null;
  }
}

function bundleFile(file: string, mimeType: string): BundleFile {
  let content: Buffer | undefined;
  return { mimeType, read: () => (content ??= readFileSync(file)) };
}
