const SHIFTED = /\+([A-Za-z0-9+/]*)(-?)/g;

/**
 * Decodes UTF-7 (RFC 2152): `+` begins base64 of UTF-16, big end first, which ends with a `-` or the first other character. What is no
 * such base64 stays as it is written. Only for text that says it is UTF-7: any ASCII text could be.
 */
export function decodeUtf7(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.replace(SHIFTED, (whole, digits: string, end: string) => {
    if (digits === '') return end === '' ? whole : '+';
    const units = Buffer.from(digits, 'base64');
    return units.length < 2
      ? whole
      : units
          .subarray(0, units.length - (units.length % 2))
          .swap16()
          .toString('utf16le');
  });
}
