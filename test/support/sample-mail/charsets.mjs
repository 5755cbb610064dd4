// @ts-check

/** @type {Map<string, Map<string, Buffer>>} */
const tables = new Map();

/**
 * Encodes text in the named charset. Node can decode these charsets but not encode them, so the tables are made by
 * decoding every code once.
 * @param {string} text
 * @param {string} charset utf-8, us-ascii, utf-16, utf-16le, utf-16be, iso-2022-jp, or any single-byte charset of the Encoding Standard.
 * @returns {Buffer}
 * @throws {RangeError} when the charset lacks a character of the text
 */
export function encodeText(text, charset) {
  switch (charset.toLowerCase()) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'us-ascii':
      return encodeSingleByte(text, 'us-ascii');
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'utf-16':
      // RFC 2781 4.3: with a byte order mark, big endian as most senders write it.
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'iso-2022-jp':
      return encodeIso2022Jp(text);
    default:
      return encodeSingleByte(text, charset.toLowerCase());
  }
}

/**
 * @param {string} text
 * @param {string} charset
 */
function encodeSingleByte(text, charset) {
  const table = tableOf(charset);
  return Buffer.concat([...text].map((char) => codeOf(table, char, charset)));
}

/**
 * @param {Map<string, Buffer>} table
 * @param {string} char
 * @param {string} charset
 */
function codeOf(table, char, charset) {
  const code = table.get(char);
  if (code === undefined) throw new RangeError(`${charset} cannot encode U+${char.codePointAt(0)?.toString(16)}`);
  return code;
}

/** @param {string} charset */
function tableOf(charset) {
  let table = tables.get(charset);
  if (table === undefined) {
    table = charset === 'jis0208' ? jisTable() : singleByteTable(charset);
    tables.set(charset, table);
  }
  return table;
}

/** @param {string} charset */
function singleByteTable(charset) {
  /** @type {Map<string, Buffer>} */
  const table = new Map();
  const decode = decoderOf(charset);
  for (let byte = 0; byte < (charset === 'us-ascii' ? 128 : 256); byte += 1) {
    const char = decode(byte);
    if (char !== '\ufffd' && !table.has(char)) table.set(char, Buffer.of(byte));
  }
  return table;
}

/** What windows-1252 has at 0x80 to 0x9f; the five codes it leaves free are replacement characters. */
const CP1252_HIGH = '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ';

/**
 * @param {string} charset
 * @returns {(byte: number) => string}
 */
function decoderOf(charset) {
  // The Encoding Standard reads iso-8859-1 as windows-1252; the real Latin-1 maps every byte to its own code point.
  if (charset === 'iso-8859-1' || charset === 'us-ascii') return (byte) => String.fromCharCode(byte);
  if (charset === 'windows-1252') {
    // Some versions of Node decode windows-1252 as Latin-1, so this one is spelt out.
    return (byte) => (byte >= 0x80 && byte < 0xa0 ? (CP1252_HIGH[byte - 0x80] ?? '\ufffd') : String.fromCharCode(byte));
  }
  const decoder = new TextDecoder(charset);
  return (byte) => decoder.decode(Uint8Array.of(byte));
}

/** JIS X 0208 in its 7-bit form, taken from EUC-JP, which is the same code with the high bits set. */
function jisTable() {
  const decoder = new TextDecoder('euc-jp');
  /** @type {Map<string, Buffer>} */
  const table = new Map();
  for (let row = 0xa1; row <= 0xfe; row += 1) {
    for (let cell = 0xa1; cell <= 0xfe; cell += 1) {
      const char = decoder.decode(Uint8Array.of(row, cell));
      if (!char.includes('\ufffd') && !table.has(char)) table.set(char, Buffer.of(row & 0x7f, cell & 0x7f));
    }
  }
  return table;
}

/**
 * RFC 1468: ASCII until an escape sequence, back to ASCII before each line end.
 * @param {string} text
 */
function encodeIso2022Jp(text) {
  const table = tableOf('jis0208');
  /** @type {Buffer[]} */
  const out = [];
  let isWide = false;
  for (const char of text) {
    const wantsWide = char.charCodeAt(0) > 0x7f;
    if (wantsWide !== isWide) out.push(Buffer.from(wantsWide ? '\u001b$B' : '\u001b(B', 'latin1'));
    isWide = wantsWide;
    out.push(wantsWide ? codeOf(table, char, 'iso-2022-jp') : Buffer.from(char, 'latin1'));
  }
  if (isWide) out.push(Buffer.from('\u001b(B', 'latin1'));
  return Buffer.concat(out);
}
