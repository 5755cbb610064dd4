import type { Random } from '../core/random.ts';

const HEX = 16;
const WORD_BITS = 2 ** 32;
/** 160 bits. */
const WORDS = 5;

/** That many bits of chance in hexadecimal digits. */
export function randomToken(random: Random, words = WORDS): string {
  let token = '';
  for (let n = 0; n < words; n += 1)
    token += Math.floor(random.next() * WORD_BITS)
      .toString(HEX)
      .padStart(8, '0');
  return token;
}

/** A new Message-ID (RFC 5322 3.6.4): chance and the sender's domain, nothing of this machine, its user or the time. */
export const newMessageId = (random: Random, domain: string): string => `<${randomToken(random)}@${domain}>`;
