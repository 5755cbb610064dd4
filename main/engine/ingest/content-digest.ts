import { createHash } from 'node:crypto';
import { limits } from '../../../shared/limits.ts';
import type { Attachment } from '../../../shared/model/message.ts';
import { hash32, seenBlocks } from './seen-blocks.ts';

/** What two copies of one mail are known by where their bytes differ. */
export interface SeenContent {
  /**
   * SHA-256 of what a person sees: the text (of the HTML, where there is any) without white space, and the sizes of the files. Equal where
   * a server has made the MIME structure anew from a store of its own, as Exchange does.
   */
  readonly contentDigest: Uint8Array;
  /**
   * The same in blocks (paragraphs), 32 bits each, little endian: first that of the files, then those of the text in rising order. Null
   * where there are too many. So the copy is known into which a filter has put a banner or a footer.
   */
  readonly contentBlocks: Uint8Array | null;
}

type File = Pick<Attachment, 'mimeType' | 'sizeBytes'>;

/** Part of what is hashed: digests of another way to read mail are never equal. */
const FORM = 1;
const MAX_BLOCKS = 1024;
/** Blocks that a filter may have added: a banner and a footer in tables. */
const MAX_ADDED = 30;

/** Types whose bytes a server that keeps mail in a form of its own writes anew; of those, that they are there counts. */
const REWRITTEN = /^(?:message\/|text\/calendar$)/;

/**
 * What is seen of a mail.
 * @param blocks the visible text in paragraphs
 */
export function seenContent(blocks: readonly string[], files: readonly File[]): SeenContent {
  const told = files.map((one) => (REWRITTEN.test(one.mimeType) ? one.mimeType : String(one.sizeBytes))).sort();
  const seen = seenBlocks(blocks.map((one) => one.slice(0, limits.maxIndexedChars)));
  // The text as JSON has it, inside of [FORM, text, told].
  const hash = createHash('sha256')
    .update(`[${FORM},"`)
    .update(seen.text)
    .update(`",${JSON.stringify(told)}]`);
  const contentDigest = Uint8Array.from(hash.digest());
  if (seen.hashes.length > MAX_BLOCKS) return { contentDigest, contentBlocks: null };
  const sorted = Uint32Array.from(seen.hashes).sort();
  const contentBlocks = new Uint8Array(4 * (sorted.length + 1));
  const view = new DataView(contentBlocks.buffer);
  view.setUint32(0, hash32(JSON.stringify([FORM, ...told])), true);
  for (const [nth, one] of sorted.entries()) view.setUint32(4 * (nth + 1), one, true);
  return { contentDigest, contentBlocks };
}

const readBlocks = (bytes: Uint8Array): number[] => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(buffer.length / 4) }, (_none, nth) => buffer.readUInt32LE(4 * nth));
};

/**
 * Whether one mail holds all that the other shows, with the same files, and little besides. One that shows no text is held by none: any
 * other would do.
 */
export function isHeldByOther(left: Uint8Array, right: Uint8Array): boolean {
  const [[leftFiles, ...few], [rightFiles, ...many]] =
    left.length <= right.length ? [readBlocks(left), readBlocks(right)] : [readBlocks(right), readBlocks(left)];
  if (leftFiles !== rightFiles || few.length === 0 || many.length - few.length > MAX_ADDED) return false;
  let at = 0;
  for (const one of many) if (one === few[at]) at += 1;
  return at === few.length;
}
