// @ts-check
import { createHash } from 'node:crypto';

/**
 * Seeded source of chance. Two sources made from the same seed and key give the same numbers on every platform.
 * @typedef {object} Random
 * @property {() => number} next Number in [0, 1).
 * @property {(max: number) => number} below Whole number in [0, max).
 * @property {(from: number, to: number) => number} between Whole number in [from, to], both included.
 * @property {<T>(list: readonly T[]) => T} pick One element; throws RangeError for an empty list.
 * @property {(share: number) => boolean} chance True for about this share of the calls.
 * @property {(length: number) => string} hex Lower-case hexadecimal digits.
 * @property {(length: number) => Buffer} bytes Incompressible bytes.
 */

/**
 * Makes a source of its own for each key, so that adding one mail to the sample changes no other mail.
 * @param {number | string} seed
 * @param {string} key
 * @returns {Random}
 */
export function randomFor(seed, key) {
  const next32 = xoshiro128(createHash('sha256').update(`${seed}\u0000${key}`).digest());
  const next = () => next32() / 0x1_0000_0000;
  /** @param {number} max */
  const below = (max) => Math.floor(next() * max);
  return {
    next,
    below,
    between: (from, to) => from + below(to - from + 1),
    pick: (list) => {
      const value = list[below(list.length)];
      if (value === undefined) throw new RangeError('cannot pick from an empty list');
      return value;
    },
    chance: (share) => next() < share,
    hex: (length) => {
      let text = '';
      while (text.length < length) text += next32().toString(16).padStart(8, '0');
      return text.slice(0, length);
    },
    bytes: (length) => {
      const words = new Uint32Array(Math.ceil(length / 4));
      for (let i = 0; i < words.length; i += 1) words[i] = next32();
      return Buffer.from(words.buffer, 0, length);
    },
  };
}

/**
 * xoshiro128** by Blackman and Vigna (public domain): fast, and good enough to look random to a compressor.
 * @param {Buffer} seed At least 16 bytes.
 */
function xoshiro128(seed) {
  let a = seed.readUInt32LE(0);
  let b = seed.readUInt32LE(4);
  let c = seed.readUInt32LE(8);
  let d = seed.readUInt32LE(12) | 1;
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}
