// @ts-check
import { createHash } from 'node:crypto';

/**
 * SHA-256 over every path, source, internal date and flag of a sample.
 * @param {import('./mail.mjs').Sample} sample
 * @returns {string} Hexadecimal.
 */
export function digestSample(sample) {
  const hash = createHash('sha256');
  for (const { path, messages } of [...sample.primary, ...sample.relay]) {
    hash.update(path);
    for (const message of messages) {
      hash.update(message.raw).update(message.internalDate.toISOString()).update(message.flags.join());
    }
  }
  return hash.digest('hex');
}
