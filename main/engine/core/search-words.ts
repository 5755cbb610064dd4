const MAX_WORD_CHARS = 64;

const ASCII = /^[\x00-\x7f]*$/; // eslint-disable-line no-control-regex
const MARKS = /\p{M}+/gu;
const SEPARATORS = /[^\p{L}\p{N}]+/gu;
/** Scripts written without spaces: every character is a word, so that a query finds them inside a sentence. */
const SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
const HAS_SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const LONG_WORD = /\S{65}/;

/**
 * Text in the form in which it is indexed and asked for: lower-case words without diacritics (ß as ss, compatibility forms
 * resolved), one space between them, no word over 64 characters; Chinese and Japanese characters stand alone. Pure; equal
 * for index and query.
 */
export function searchWords(text: string): string {
  const folded = ASCII.test(text) ? foldAscii(text) : foldUnicode(text);
  return LONG_WORD.test(folded) ? cutWords(folded) : folded;
}

function foldAscii(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

function foldUnicode(text: string): string {
  let folded = text.normalize('NFKD').replace(MARKS, '').toLowerCase().replace(/ß/g, 'ss');
  // Lower-casing can bring marks back (İ).
  folded = folded.replace(MARKS, '');
  if (HAS_SPACELESS.test(folded)) folded = folded.replace(SPACELESS, ' $& ');
  return folded.replace(SEPARATORS, ' ').trim();
}

function cutWords(folded: string): string {
  return folded
    .split(' ')
    .map((word) => (word.length > MAX_WORD_CHARS ? wholeChars(word.slice(0, MAX_WORD_CHARS)) : word))
    .join(' ');
}

function wholeChars(word: string): string {
  const last = word.charCodeAt(word.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? word.slice(0, -1) : word;
}
