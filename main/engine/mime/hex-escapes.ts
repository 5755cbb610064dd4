const PATTERNS = { '=': /=([0-9a-fA-F]{2})/g, '%': /%([0-9a-fA-F]{2})/g } as const;

/** Bytes of a text in which a sign and two hexadecimal digits stand for one; what is not escaped is UTF-8, and what is no escape stays as it is. */
export function unescapeHex(text: string, sign: '=' | '%'): Buffer {
  const raw = Buffer.from(text, 'utf8').toString('latin1');
  return Buffer.from(
    raw.replace(PATTERNS[sign], (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}
