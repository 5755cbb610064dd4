/** What is seen of the paragraphs of a mail: the text of all of them, and a hash of each. */
export interface SeenBlocks {
  /** In UTF-8, as it stands between the quotation marks of a JSON string. Valid until the next call. */
  readonly text: Uint8Array;
  /** 32 bits for each paragraph of which anything is seen. */
  readonly hashes: readonly number[];
}

/** What wrapping, padding and flowed text change, and what nobody sees. */
const UNSEEN = /[\s\p{Cc}\p{Cf}]+/gu;

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a: in the worker for each mail, where a cryptographic one for each paragraph would cost more than reading the mail. */
export function hash32(text: string): number {
  let hash = FNV_START;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return hash >>> 0;
}

/** Below this, and within general punctuation, no character changes in NFC, and none is half of a pair. */
const TABLE_END = 0x300;
const PUNCTUATION = 0x2000;
const PUNCTUATION_END = 0x2070;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Of UTF-8, for each unit of UTF-16. */
const MAX_BYTES_PER_UNIT = 3;

const isUnseen = Uint8Array.from({ length: PUNCTUATION_END }, (_none, code) =>
  (code < TABLE_END || code >= PUNCTUATION) && String.fromCharCode(code).replace(UNSEEN, '') === '' ? 1 : 0,
);

/** Kept between two mails. */
const KEPT_BYTES = 256 * 1024;

let bytes = Buffer.allocUnsafe(KEPT_BYTES);
let length = 0;

function begin(): void {
  if (bytes.length > KEPT_BYTES) bytes = Buffer.allocUnsafe(KEPT_BYTES);
  length = 0;
}

function makeRoom(more: number): void {
  if (bytes.length - length >= more) return;
  const larger = Buffer.allocUnsafe(Math.max(2 * bytes.length, length + more));
  bytes.copy(larger, 0, 0, length);
  bytes = larger;
}

/** Writes what is seen of a block of usual characters; its hash, or null where there is any other, and nothing is written then. */
function writeUsual(block: string): number | null {
  makeRoom(MAX_BYTES_PER_UNIT * block.length);
  const out = bytes;
  let to = length;
  let hash = FNV_START;
  for (let at = 0; at < block.length; at += 1) {
    const code = block.charCodeAt(at);
    if (code >= TABLE_END && (code < PUNCTUATION || code >= PUNCTUATION_END)) return null;
    if (isUnseen[code] === 1) continue;
    hash = Math.imul(hash ^ code, FNV_PRIME);
    if (code < 0x80) {
      if (code === QUOTE || code === BACKSLASH) out[to++] = BACKSLASH;
      out[to++] = code;
    } else {
      if (code >= 0x800) {
        out[to++] = 0xe0 | (code >> 12);
        out[to++] = 0x80 | ((code >> 6) & 0x3f);
      } else out[to++] = 0xc0 | (code >> 6);
      out[to++] = 0x80 | (code & 0x3f);
    }
  }
  length = to;
  return hash >>> 0;
}

const seenOf = (block: string): string => block.normalize('NFC').replace(UNSEEN, '');

function writeJson(seen: string): void {
  const json = JSON.stringify(seen).slice(1, -1);
  makeRoom(MAX_BYTES_PER_UNIT * json.length);
  length += bytes.write(json, length, 'utf8');
}

/** Half of a pair at the end of a block, and the other half at the beginning of the next, are one character where they are joined. */
const HALF = /\p{Cs}/u;

/**
 * What is seen of these blocks: in the form NFC, without white space, controls and format characters. Usual characters, nearly all of any
 * mail in Latin script, are written in one pass; a regular expression for each gap between words took longer than parsing the mail.
 */
export function seenBlocks(blocks: readonly string[]): SeenBlocks {
  begin();
  const hashes: number[] = [];
  for (const block of blocks) {
    const before = length;
    const usual = writeUsual(block);
    if (usual !== null) {
      if (length > before) hashes.push(usual);
      continue;
    }
    const seen = seenOf(block);
    if (HALF.test(seen)) return seenTogether(blocks);
    if (seen === '') continue;
    writeJson(seen);
    hashes.push(hash32(seen));
  }
  return { text: bytes.subarray(0, length), hashes };
}

function seenTogether(blocks: readonly string[]): SeenBlocks {
  const seen = blocks.map((one) => seenOf(one)).filter((one) => one !== '');
  begin();
  writeJson(seen.join(''));
  return { text: bytes.subarray(0, length), hashes: seen.map((one) => hash32(one)) };
}
