import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { MailError } from '../../../shared/errors.ts';

const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** Random bytes fetched at once; one call per segment would cost more than the sealing of a small one. */
const KEY_BATCH = 64;
/** A key seals one segment and is never used again, so the nonce may be fixed (NIST SP 800-38D, section 8). */
const NONCE = Buffer.alloc(12);

let keys = Buffer.alloc(0);

function freshKey(): Buffer {
  if (keys.length === 0) keys = randomFillSync(Buffer.alloc(KEY_BYTES * KEY_BATCH));
  const key = keys.subarray(0, KEY_BYTES);
  keys = keys.subarray(KEY_BYTES);
  return key;
}

export interface Sealed {
  readonly sealed: Buffer;
  /** Key and tag: what the database keeps, itself encrypted. */
  readonly secret: Buffer;
}

/** Seals bytes with AES-256-GCM under a key of their own. */
export function seal(content: Uint8Array): Sealed {
  const key = freshKey();
  const cipher = createCipheriv('aes-256-gcm', key, NONCE);
  const sealed = cipher.update(content);
  cipher.final();
  return { sealed, secret: Buffer.concat([key, cipher.getAuthTag()]) };
}

/** @throws MailError `store-corrupt` (scope message) when the bytes are not those that were sealed. */
export function unseal(sealed: Uint8Array, secret: Uint8Array): Buffer {
  if (secret.length !== KEY_BYTES + TAG_BYTES) throw damaged('key of a packed segment');
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret.subarray(0, KEY_BYTES), NONCE);
    decipher.setAuthTag(secret.subarray(KEY_BYTES));
    const content = decipher.update(sealed);
    decipher.final();
    return content;
  } catch (cause) {
    throw damaged('packed segment', cause);
  }
}

/** The error of a segment whose bytes are lost; other messages are not touched by it. */
export function damaged(detail: string, cause?: unknown): MailError {
  return new MailError('store-corrupt', { scope: 'message', retry: 'never', detail, cause });
}
