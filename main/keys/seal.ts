import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** A key of its own for each purpose, so that nothing is ever sealed under the store's own. */
const keyFor = (purpose: string, storeKey: Uint8Array): Buffer => Buffer.from(hkdfSync('sha256', storeKey, '', `holdover ${purpose}`, 32));

/** Bytes that only who has the store's key can read, and nobody else can make. */
export function seal(purpose: string, text: string, storeKey: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyFor(purpose, storeKey), nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** @throws where the bytes are not those that were sealed for this purpose under this key. */
export function unseal(purpose: string, bytes: Buffer, storeKey: Uint8Array): string {
  const decipher = createDecipheriv(CIPHER, keyFor(purpose, storeKey), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
}
