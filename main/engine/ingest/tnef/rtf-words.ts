/** Code pages of the character sets that fonts name (RTF 1.9.1, \fcharset). */
const FONT_PAGES: Readonly<Record<number, number>> = {
  ...{ 0: 1252, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251 },
  ...{ 222: 874, 238: 1250 },
};

/** Code page of a font by its character set; null for one that follows the document. */
export const pageOfFont = (characterSet: number): number | null => FONT_PAGES[characterSet] ?? null;

/** Groups that hold no text of the body. */
export const SILENT_GROUPS: ReadonlySet<string> = new Set(
  'fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf footnote annotation pntext'
    .concat(' listtable listoverridetable rsidtbl generator filetbl revtbl themedata datastore xmlnstbl fldinst mhtmltag bkmkstart bkmkend')
    .split(' '),
);

/** Words that stand for characters. */
export const CHARACTERS: Readonly<Record<string, string>> = {
  ...{ par: '\n', line: '\n', sect: '\n', page: '\n', row: '\n', tab: '\t', cell: '\t', lquote: '‘', rquote: '’', ldblquote: '“' },
  ...{ rdblquote: '”', bullet: '•', endash: '–', emdash: '—', enspace: '\u2002', emspace: '\u2003', zwj: '\u200d', zwnj: '\u200c' },
};

/** Control signs that stand for characters; all others say nothing. */
export const SIGNS: Readonly<Record<string, string>> = {
  '\\': '\\',
  '{': '{',
  '}': '}',
  '~': '\u00a0',
  _: '\u2011',
  '\n': '\n',
  '\r': '\n',
};

/** One piece of RTF. */
export type RtfToken =
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  | { readonly kind: 'word'; readonly word: string; readonly value: number | null }
  | { readonly kind: 'sign'; readonly sign: string }
  | { readonly kind: 'byte'; readonly byte: number }
  | { readonly kind: 'text'; readonly from: number; readonly to: number };

const isLetter = (byte: number | undefined): boolean => byte !== undefined && ((byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90));
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;
const [BACKSLASH, OPEN, CLOSE, QUOTE, BLANK, CR, LF, MINUS] = [92, 123, 125, 39, 32, 13, 10, 45];
const MAX_WORD_CHARS = 32;
const MAX_DIGITS = 10;

/** Cuts RTF (as Latin-1 bytes) into its pieces, one pass; line ends of the source are none. */
export function* rtfTokens(rtf: Buffer): Generator<RtfToken> {
  let at = 0;
  while (at < rtf.length) {
    const byte = rtf[at] as number;
    if (byte === OPEN || byte === CLOSE) {
      yield { kind: byte === OPEN ? 'open' : 'close' };
      at++;
    } else if (byte === BACKSLASH) {
      const { token, end } = controlAt(rtf, at + 1);
      yield token;
      // Bytes of a picture follow as they are.
      at = token.kind === 'word' && token.word === 'bin' ? end + Math.max(0, token.value ?? 0) : end;
    } else if (byte === CR || byte === LF || byte === 0) at++;
    else {
      let end = at + 1;
      while (end < rtf.length && isText(rtf[end] as number)) end++;
      yield { kind: 'text', from: at, to: end };
      at = end;
    }
  }
}

const isText = (byte: number): boolean => byte !== BACKSLASH && byte !== OPEN && byte !== CLOSE && byte !== CR && byte !== LF && byte !== 0;

function controlAt(rtf: Buffer, start: number): { token: RtfToken; end: number } {
  if (!isLetter(rtf[start])) {
    if (rtf[start] !== QUOTE) return { token: { kind: 'sign', sign: String.fromCharCode(rtf[start] ?? 0) }, end: start + 1 };
    const value = parseInt(rtf.toString('latin1', start + 1, start + 3), 16);
    return { token: { kind: 'byte', byte: Number.isNaN(value) ? 63 : value }, end: start + 3 };
  }
  let end = start;
  while (end - start < MAX_WORD_CHARS && isLetter(rtf[end])) end++;
  const word = rtf.toString('latin1', start, end);
  const digits = end;
  if (rtf[end] === MINUS && isDigit(rtf[end + 1])) end++;
  while (end - digits < MAX_DIGITS && isDigit(rtf[end])) end++;
  const value = end === digits ? null : Number(rtf.toString('latin1', digits, end));
  return { token: { kind: 'word', word, value }, end: rtf[end] === BLANK ? end + 1 : end };
}
