import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { writeDurable } from '../../core/durable-file.ts';

/** SQLCipher 4: 16 bytes of salt in front of page 1; IV and HMAC-SHA512 at the end of each page. */
const PAGE = 4096;
const SALT = 16;
const IV = 16;
const MAC = 64;
const MAC_SALT_MASK = 0x3a;
const BODY_END = PAGE - IV - MAC;
/** Where the header of SQLite says how many pages there are. */
const PAGE_COUNT_AT = 28;

const copyFile = (path: string): string => `${path}.first-page`;

function mac(page: Uint8Array, key: Uint8Array): Buffer {
  const macSalt = Buffer.from(page.subarray(0, SALT).map((byte) => byte ^ MAC_SALT_MASK));
  const macKey = pbkdf2Sync(key, macSalt, 2, 32, 'sha512');
  return createHmac('sha512', macKey)
    .update(page.subarray(SALT, BODY_END + IV))
    .update(Buffer.from([1, 0, 0, 0]))
    .digest();
}

/** Whether these are the bytes of a first page that was written with this key. */
export function isSoundFirstPage(page: Uint8Array, key: Uint8Array): boolean {
  return page.length === PAGE && timingSafeEqual(mac(page, key), page.subarray(BODY_END + IV));
}

function readFirstPage(path: string): Buffer {
  const page = Buffer.alloc(PAGE);
  const file = openSync(path, 'r');
  try {
    return page.subarray(0, readSync(file, page, 0, PAGE, 0));
  } finally {
    closeSync(file);
  }
}

/**
 * Keeps a copy of the first page beside the file, encrypted as it is: it holds the salt of the key and the way to every table, so that
 * the other pages can be read where this one is damaged.
 */
export function keepFirstPage(path: string, key: Uint8Array): void {
  const page = readFirstPage(path);
  const kept = existsSync(copyFile(path)) ? readFileSync(copyFile(path)) : null;
  if (isSoundFirstPage(page, key) && kept?.equals(page) !== true) writeDurable(copyFile(path), page);
}

/** The kept copy, telling of this many pages: the file may have grown since. Null where there is none or it is damaged too. */
export function keptFirstPage(path: string, key: Uint8Array, pages: number): Buffer | null {
  if (!existsSync(copyFile(path))) return null;
  const page = readFileSync(copyFile(path));
  if (!isSoundFirstPage(page, key)) return null;
  const iv = page.subarray(BODY_END, BODY_END + IV);
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  const body = Buffer.concat([decipher.update(page.subarray(SALT, BODY_END)), decipher.final()]);
  body.writeUInt32BE(pages, PAGE_COUNT_AT - SALT);
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  cipher.update(body).copy(page, SALT);
  mac(page, key).copy(page, BODY_END + IV);
  return page;
}

/** Whether the first page on the disk can be read with this key. */
export const hasSoundFirstPage = (path: string, key: Uint8Array): boolean => existsSync(path) && isSoundFirstPage(readFirstPage(path), key);
