import { createHash } from 'node:crypto';
import { MailError } from '../../shared/errors.ts';

/** Crockford's base 32: no letters that are read wrongly. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const KEY_BYTES = 32;
const CHECK_BYTES = 3;
const GROUP = 5;

const checkOf = (key: Uint8Array): Buffer =>
  createHash('sha256').update('holdover recovery key').update(key).digest().subarray(0, CHECK_BYTES);

/** The store key as text to print and lock away: 56 characters in groups, with check digits. */
export function toRecoveryKey(key: Uint8Array): string {
  let bits = BigInt(`0x${Buffer.concat([key, checkOf(key)]).toString('hex')}`);
  let text = '';
  for (let n = 0; n < ((KEY_BYTES + CHECK_BYTES) * 8) / 5; n += 1) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return (text.match(new RegExp(`.{1,${GROUP}}`, 'gu')) ?? []).join('-');
}

/** Reads it back; O and I, L are taken for 0 and 1. @throws MailError recovery-key-wrong when the check digits do not fit. */
export function fromRecoveryKey(text: string): Uint8Array {
  const plain = text.toUpperCase().replace(/[\s-]/gu, '').replace(/O/gu, '0').replace(/[IL]/gu, '1');
  const isShaped = plain.length === ((KEY_BYTES + CHECK_BYTES) * 8) / 5 && [...plain].every((char) => ALPHABET.includes(char));
  let bits = 0n;
  if (isShaped) for (const char of plain) bits = (bits << 5n) | BigInt(ALPHABET.indexOf(char));
  const all = Buffer.from(bits.toString(16).padStart((KEY_BYTES + CHECK_BYTES) * 2, '0'), 'hex');
  const key = all.subarray(0, KEY_BYTES);
  if (isShaped && checkOf(key).equals(all.subarray(KEY_BYTES))) return new Uint8Array(key);
  throw new MailError('recovery-key-wrong', { scope: 'store', retry: 'ask', detail: 'the recovery key has a typing error' });
}
