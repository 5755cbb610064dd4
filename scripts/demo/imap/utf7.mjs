// @ts-check

/**
 * Modified UTF-7 of mailbox names (RFC 3501 5.1.3).
 * @param {string} name
 */
export function encodeMailboxName(name) {
  return name.replace(/&/g, '&-').replace(/[^\x20-\x7e]+/g, (run) => {
    const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64');
    return `&${base64.replace(/=+$/, '').replace(/\//g, ',')}-`;
  });
}

/** @param {string} name */
export function decodeMailboxName(name) {
  return name.replace(/&([^-]*)-/g, (_, run) =>
    run === '' ? '&' : Buffer.from(run.replace(/,/g, '/'), 'base64').swap16().toString('utf16le'),
  );
}
