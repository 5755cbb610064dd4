import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { decodeUtf7 } from './utf7.ts';

/**
 * Charsets that mailparser's decoder knows and TextDecoder does not; lower case without punctuation. Everything else that
 * TextDecoder refuses is unknown to us.
 */
const EXTRA_CHARSETS =
  /^(?:(?:cp|ibm|x?cp|windows)?(?:437|737|775|85[0-9]|86[0-9]|1125)|macintosh|mac[a-z]+|iso88591[126]|iso2022jp[123]?|cp932|cp936|cp949|cp950|tis620|armscii8|hproman8|viscii|tcvn|pt154|usascii|ascii|ansix34196[78]|binary|unknown8bit|none|8bit|7bit|unicode11utf7|utf32(?:le|be)?)$/;

const decoders = new Map<string, TextDecoder | null>();

/** Longest label that is looked up; a longer one is nonsense. */
const MAX_LABEL_CHARS = 60;

/** True when text in this charset can be decoded; the empty label stands for "not said". */
export function isKnownCharset(label: string): boolean {
  return isDecodable(label) || EXTRA_CHARSETS.test(plainLabel(label).replace(/[^a-z0-9]/g, ''));
}

/** True when decodeBytes itself can decode this charset, or is not told any. */
export function isDecodable(label: string): boolean {
  const plain = plainLabel(label);
  return plain === '' || UTF_7.test(plain) || decoderFor(plain) !== null;
}

/**
 * Decodes bytes by charset label, where they can be what it says. With no usable label, or one that is plainly a lie: UTF-8 when the
 * bytes are UTF-8, else Windows-1252, which gives readable German for the raw 8-bit mail that exists.
 */
export function decodeBytes(bytes: Uint8Array, label = ''): string {
  const charset = charsetOfBytes(bytes, label);
  if (charset === 'utf-7') return decodeUtf7(bytes);
  if (charset === 'windows-1252') return decodeWindows1252(bytes);
  return (decoderFor(charset) ?? looseUtf8).decode(bytes);
}

const UTF_7 = /^(?:utf-?7|unicode-1-1-utf-?7|csunicode11utf7)$/;
const looseUtf8 = new TextDecoder('utf-8');

/**
 * The charset that bytes are really in, given what is said of them: `utf-8`, `windows-1252`, `utf-7`, `utf-16le`, `utf-16be`, or what was
 * said. Text of more than ASCII that is valid UTF-8 is nothing else, since no one writes `Ã¼` in a letter.
 */
export function charsetOfBytes(bytes: Uint8Array, label: string): string {
  const said = plainLabel(label);
  if (UTF_7.test(said)) return 'utf-7';
  const encoding = decoderFor(said)?.encoding;
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return utf16Of(bytes, encoding);
  if (encoding === 'iso-8859-15' && isUtf8(bytes)) return 'utf-8';
  if (encoding !== undefined && encoding !== 'utf-8' && encoding !== 'windows-1252') return said;
  if (isAscii(bytes)) return encoding ?? 'utf-8';
  return isMostlyUtf8(bytes) ? 'utf-8' : 'windows-1252';
}

/** UTF-16 by its mark, else by where the zeros stand, since both orders are sent without one; UTF-8 where it can be no UTF-16. */
function utf16Of(bytes: Uint8Array, said: 'utf-16le' | 'utf-16be'): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  const end = Math.min(bytes.length, SNIFFED_BYTES);
  for (let at = 0; at < end; at++) if (bytes[at] === 0) zeros[at % 2] = (zeros[at % 2] as number) + 1;
  const [even = 0, odd = 0] = zeros;
  if (even + odd === 0 && bytes.length > 0 && isUtf8(bytes)) return 'utf-8';
  if (even > 4 * odd) return 'utf-16be';
  return odd > 4 * even ? 'utf-16le' : said;
}

const SNIFFED_BYTES = 4096;

/** Damaged UTF-8 is still UTF-8: more letters of several bytes are whole than bytes are out of place. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  if (isUtf8(bytes)) return true;
  const head = bytes.subarray(0, SNIFFED_BYTES * 16);
  let [whole, astray] = [0, 0];
  for (let at = 0; at < head.length; at++) {
    const byte = head[at] as number;
    if (byte < 0x80) continue;
    const more = byte >= 0xc2 && byte < 0xe0 ? 1 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xf0 && byte < 0xf5 ? 3 : 0;
    let found = 0;
    while (found < more && ((head[at + 1 + found] ?? 0) & 0xc0) === 0x80) found++;
    if (more > 0 && found === more) {
      whole++;
      at += more;
    } else astray++;
  }
  return whole > 2 * astray;
}

/** A label without what is written around it: blanks, quotation marks of the wrong kind. */
export function plainLabel(label: string): string {
  return label
    .slice(0, 2 * MAX_LABEL_CHARS)
    .replace(/^[\s'"]+|[\s'"]+$/g, '')
    .toLowerCase();
}

/** 0x80 to 0x9f in Windows-1252; unassigned ones stand for themselves. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Node 20 to 23 decode Windows-1252 as ISO 8859-1 (nodejs/node#56542), which loses dashes, quotes and the euro sign; the
 * Encoding Standard reads all labels of both as Windows-1252.
 */
function decodeWindows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80] as string);
}

function decoderFor(label: string): TextDecoder | null {
  if (label === '' || label.length > MAX_LABEL_CHARS) return null;
  const known = decoders.get(label);
  if (known !== undefined) return known;
  const made = makeDecoder(label);
  // Labels come from senders: the cache must not grow with them.
  if (decoders.size < 200) decoders.set(label, made);
  return made;
}

function makeDecoder(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label);
  } catch {
    return null; // RangeError: the label is unknown, which is the answer
  }
}
