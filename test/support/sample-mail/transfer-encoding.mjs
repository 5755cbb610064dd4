// @ts-check

/**
 * Base64 in lines of 76 characters (RFC 2045 6.8), without a final line end.
 * @param {Buffer} content
 */
export function toBase64Lines(content) {
  const text = content.toString('base64');
  const lines = Array.from({ length: Math.ceil(text.length / 76) }, (_, n) => text.slice(76 * n, 76 * (n + 1)));
  return lines.join('\r\n');
}

/**
 * Quoted-printable (RFC 2045 6.7) of text whose line ends are CRLF.
 * @param {Buffer} content
 */
export function toQuotedPrintable(content) {
  return content
    .toString('latin1')
    .split('\r\n')
    .map((line) => softBreak(escapeLine(line)))
    .join('\r\n');
}

/** @param {string} line */
function escapeLine(line) {
  const escaped = line.replace(/[^\t\x20-\x3c\x3e-\x7e]/g, escapeChar);
  // A space or tab at the end of a line would be lost on the way (RFC 2045 6.7 rule 3).
  return escaped.replace(/[ \t]$/, escapeChar);
}

/** @param {string} char */
function escapeChar(char) {
  return `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** @param {string} line */
function softBreak(line) {
  const lines = [];
  let rest = line;
  while (rest.length > 76) {
    let cut = 75;
    const escapeAt = rest.lastIndexOf('=', cut - 1);
    if (escapeAt > cut - 3) cut = escapeAt;
    lines.push(`${rest.slice(0, cut)}=`);
    rest = rest.slice(cut);
  }
  return [...lines, rest].join('\r\n');
}

/**
 * format=flowed (RFC 3676): paragraphs wrapped with a space before each soft line end, and space-stuffing.
 * @param {string} text Paragraphs separated by CRLF.
 * @param {number} [width] Longest line in characters.
 */
export function toFlowed(text, width = 72) {
  return text
    .split('\r\n')
    .map((line) => (line === '-- ' ? line : flowLine(line.trimEnd(), width)))
    .join('\r\n');
}

/**
 * @param {string} line
 * @param {number} width
 */
function flowLine(line, width) {
  const quote = /^>+/.exec(line)?.[0] ?? '';
  const body = quote === '' ? line : line.slice(quote.length).replace(/^ /, '');
  const prefix = quote === '' ? '' : `${quote} `;
  const stuffed = quote === '' && /^( |>|From )/.test(body) ? ` ${body}` : body;
  return wrapWords(stuffed, width - prefix.length)
    .map((part, index, all) => `${prefix}${part}${index < all.length - 1 ? ' ' : ''}`)
    .join('\r\n');
}

/**
 * Breaks at single spaces; a longer word stays whole. Leading spaces are kept.
 * @param {string} text
 * @param {number} width
 * @returns {string[]}
 */
export function wrapWords(text, width) {
  const lines = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' && lines.length === 0 ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
