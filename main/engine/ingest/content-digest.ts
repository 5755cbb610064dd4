import { createHash } from 'node:crypto';
import { limits } from '../../../shared/limits.ts';
import type { Attachment } from '../../../shared/model/message.ts';

/** Part of what is hashed: digests of another way to read mail are never equal. */
const FORM = 1;

/** Types whose bytes a server that keeps mail in a form of its own writes anew; of those, that they are there counts. */
const REWRITTEN = /^(?:message\/|text\/calendar$)/;

/** What wrapping, padding and flowed text change, and what nobody sees. */
const UNSEEN = /[\s\p{Cc}\p{Cf}]+/gu;

/**
 * SHA-256 of what a person sees of a mail: its text (of its HTML, where it has any) without white space, and the sizes of its files.
 * Equal for two copies of one mail of which a server has made the MIME structure anew from a store of its own, as Exchange does: other
 * boundaries, transfer encodings, header fields, another plain alternative.
 * @param words visible text of the HTML, `''` without any
 */
export function contentDigest(text: string, words: string, files: readonly Pick<Attachment, 'mimeType' | 'sizeBytes'>[]): Uint8Array {
  const shown = (words === '' ? text : words).slice(0, limits.maxIndexedChars).normalize('NFC').replace(UNSEEN, '');
  const told = files.map((one) => (REWRITTEN.test(one.mimeType) ? one.mimeType : String(one.sizeBytes))).sort();
  return createHash('sha256')
    .update(JSON.stringify([FORM, shown, told]))
    .digest();
}
