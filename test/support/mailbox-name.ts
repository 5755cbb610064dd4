/** Modified UTF-7 of RFC 3501, section 5.1.3: mailbox names as they are on the wire and in Maildir folder names. */
export function encodeMailboxName(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const utf16 = Buffer.from(run, 'utf16le').swap16();
    return `&${utf16.toString('base64').replace(/\//g, ',').replace(/=+$/, '')}-`;
  });
}

/** Reverse of encodeMailboxName. A name that is not valid modified UTF-7 comes back unchanged. */
export function decodeMailboxName(wire: string): string {
  const decoded = wire.replace(/&([A-Za-z0-9+,]*)-/g, (_, base64: string) => {
    if (base64 === '') return '&';
    const utf16 = Buffer.from(base64.replace(/,/g, '/'), 'base64');
    return utf16
      .subarray(0, utf16.length & ~1)
      .swap16()
      .toString('utf16le');
  });
  return encodeMailboxName(decoded) === wire ? decoded : wire;
}
