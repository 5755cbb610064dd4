import { createHmac, timingSafeEqual } from 'node:crypto';

const checkOf = (key: Uint8Array): Buffer => createHmac('sha256', key).update('holdover store key check 1').digest();

/** What is noted in plain beside a store: tells its key from any other, and gives nothing of it away. */
export const keyCheckText = (key: Uint8Array): string => checkOf(key).toString('hex');

/** Whether a noted text is that of this key. */
export function isKeyCheckOf(key: Uint8Array, noted: string): boolean {
  const bytes = Buffer.from(noted, 'hex');
  const expected = checkOf(key);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
