const MAX_WORD_CHARS = 64;

/** Removed without breaking the word: marks, soft hyphen, joiners and other invisible characters inside of words. */
const DROPPED = /[\p{M}\u00ad\u200b-\u200d\u2060\ufeff]+/gu;
const SEPARATORS = /[^\p{L}\p{N}]+/gu;
/** Scripts written without spaces: every character is a word, so that a query finds them inside a sentence. */
const SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
const HAS_SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Letters that Unicode does not decompose, as people type them on another keyboard. */
const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', ς: 'σ', ł: 'l', ø: 'o', đ: 'd', æ: 'ae', œ: 'oe', ı: 'i' };
const LONG_WORD = /\S{65}/;

const SPACE = 32;
const S = 115;
/** Codes below this, and those of general punctuation, are folded by table: that is nearly all text in Latin script. */
const TABLE_END = 0x370;
const PUNCTUATION = 0x2000;
const PUNCTUATION_END = 0x2070;
/** Entries of the table: an ASCII code, or one of these. */
const GONE = 0;
const DOUBLE_S = 254;
const RARE = 255;

/** Folds text by Unicode rules alone, separators as single spaces: what the table is made of, and used beyond it. */
export function foldByRules(text: string): string {
  let folded = text.normalize('NFKD').replace(DROPPED, '').toLowerCase();
  // Lower-casing can bring marks back (İ), and writes a sigma by its place in the word.
  folded = folded.replace(DROPPED, '').replace(/[ßςłøđæœı]/g, (letter) => LETTERS[letter] ?? letter);
  if (HAS_SPACELESS.test(folded)) folded = folded.replace(SPACELESS, ' $& ');
  return folded.replace(SEPARATORS, ' ');
}

const table = makeTable();
let scratch = Buffer.allocUnsafe(16 * 1024);

/**
 * Text in the form in which it is indexed and asked for: lower-case words without diacritics (ß as ss, compatibility forms
 * resolved), one space between them, no word over 64 characters; Chinese and Japanese characters stand alone. Equal for
 * index and query.
 */
export function searchWords(text: string): string {
  const chars = text.length;
  if (scratch.length < chars * 2) scratch = Buffer.allocUnsafeSlow(chars * 2);
  const bytes = scratch;
  let out = '';
  let length = 0;
  let wordStart = 0;
  let longest = 0;
  for (let i = 0; i < chars; i++) {
    const unit = text.charCodeAt(i);
    const code = unit < TABLE_END ? (table[unit] as number) : foldHigh(unit);
    if (code > SPACE && code < DOUBLE_S) {
      bytes[length++] = code;
    } else if (code === SPACE) {
      if (length === wordStart) continue;
      if (length - wordStart > longest) longest = length - wordStart;
      bytes[length++] = SPACE;
      wordStart = length;
    } else if (code === DOUBLE_S) {
      bytes[length++] = S;
      bytes[length++] = S;
    } else if (code === RARE) {
      const end = stretchEnd(text, i + 1);
      out += bytes.toString('latin1', 0, length) + foldByRules(text.slice(i, end));
      length = 0;
      wordStart = 0;
      i = end - 1;
    }
  }
  const last = bytes.toString('latin1', 0, length);
  if (out === '') return longest > MAX_WORD_CHARS || length - wordStart > MAX_WORD_CHARS ? cutWords(last.trimEnd()) : last.trimEnd();
  const folded = (out + last).replace(/ {2,}/g, ' ').trim();
  return LONG_WORD.test(folded) ? cutWords(folded) : folded;
}

function foldHigh(unit: number): number {
  return unit >= PUNCTUATION && unit < PUNCTUATION_END ? (table[unit - PUNCTUATION + TABLE_END] as number) : RARE;
}

/** End of a stretch that is folded by the rules: at the next Latin letter or digit, so that other scripts go in one piece. */
function stretchEnd(text: string, from: number): number {
  for (let end = from; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    const code = unit < TABLE_END ? (table[unit] as number) : foldHigh(unit);
    if (code !== SPACE && code !== GONE && code !== RARE) return end;
  }
  return text.length;
}

function makeTable(): Uint8Array {
  const codes = new Uint8Array(TABLE_END + PUNCTUATION_END - PUNCTUATION);
  for (let i = 0; i < codes.length; i++) {
    const folded = foldByRules(String.fromCharCode(i < TABLE_END ? i : i - TABLE_END + PUNCTUATION));
    const code = folded.length === 1 ? folded.charCodeAt(0) : RARE;
    codes[i] = folded === '' ? GONE : folded === 'ss' ? DOUBLE_S : code < 128 ? code : RARE;
  }
  return codes;
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
