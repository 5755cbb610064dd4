/** So much of a body tells what it is. */
export const GUESSED_BYTES = 512;

/** Base64 that was damaged on its way has a few bytes that are none of its own; of what was never base64, one in that many is none. */
const FOREIGN_SHARE = 16;
const WORD_CHARS = 12;

const PADDED = /^[A-Za-z0-9+/\s]*={1,2}\s*?(?:[\r\n]|$)/;

/** Whether a body that says it is base64 is nothing of the kind: bytes of its own, or words with blanks between them. */
export function isPlainlyNoBase64(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  // A whole stretch of base64, whatever comes behind it.
  const padded = PADDED.exec(text)?.[0].replace(/\s+/g, '');
  if (padded !== undefined && padded.length % 4 === 0) return false;
  const foreign = text.replace(/[A-Za-z0-9+/=\s]+/g, '').length;
  if (foreign * FOREIGN_SHARE > text.length) return true;
  const words = text.split(/[\r\n]+/).flatMap((line) => {
    const found = line.trim().split(/[ \t]+/);
    return found.length > 2 ? found : [];
  });
  const chars = words.reduce((sum, word) => sum + word.length, 0);
  return words.length > 0 && chars < words.length * WORD_CHARS && words.some((word) => word.length % 4 !== 0);
}
