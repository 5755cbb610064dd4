const B64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,';

/** Modified UTF-7 of RFC 3501 5.1.3. */
export function encodeMailboxName(path: string): string {
  return path.replace(/&|[^\x20-\x7e]+/g, (run) => (run === '&' ? '&-' : `&${toModifiedBase64(run)}-`));
}

/**
 * The name as people read it, or null when it is not in the form that encodeMailboxName gives: such a name has to be sent
 * back as it came.
 */
export function decodeMailboxName(raw: string): string | null {
  if (!/[&\x00-\x1f\x7f-\uffff]/.test(raw)) return raw;
  const decoded = raw.replace(/&([A-Za-z0-9+,]*)-/g, (_, coded: string) => (coded === '' ? '&' : fromModifiedBase64(coded)));
  // Half a surrogate pair would come back from the store as another character.
  return encodeMailboxName(decoded) === raw && !/\p{Surrogate}/u.test(decoded) ? decoded : null;
}

function toModifiedBase64(text: string): string {
  const bytes = Buffer.from(text, 'utf16le').swap16();
  return bytes.toString('base64').replace(/=+$/, '').replace(/\//g, ',');
}

function fromModifiedBase64(coded: string): string {
  for (const char of coded) if (!B64.includes(char)) return '';
  const bytes = Buffer.from(coded.replace(/,/g, '/'), 'base64');
  return bytes
    .subarray(0, bytes.length & ~1)
    .swap16()
    .toString('utf16le');
}
