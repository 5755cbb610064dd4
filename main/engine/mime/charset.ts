import { TextDecoder } from 'node:util';

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
  if (label === '') return true;
  return decoderFor(label) !== null || EXTRA_CHARSETS.test(label.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

/**
 * Decodes bytes by charset label. With no usable label: UTF-8 when the bytes are valid UTF-8, else Windows-1252, which gives
 * readable German for the raw 8-bit mail that exists.
 */
export function decodeBytes(bytes: Uint8Array, label = ''): string {
  const decoder = label === '' ? null : decoderFor(label);
  if (decoder) return decoder.encoding === 'windows-1252' ? decodeWindows1252(bytes) : decoder.decode(bytes);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    // not UTF-8
    return decodeWindows1252(bytes);
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

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
  const key = label.trim().toLowerCase();
  if (key === '' || key.length > MAX_LABEL_CHARS) return null;
  const known = decoders.get(key);
  if (known !== undefined) return known;
  const made = makeDecoder(key);
  // Labels come from senders: the cache must not grow with them.
  if (decoders.size < 200) decoders.set(key, made);
  return made;
}

function makeDecoder(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label);
  } catch {
    return null; // RangeError: the label is unknown, which is the answer
  }
}
