/**
 * A distinguished name in a form in which equal ones are equal texts: lower case, no blanks around separators, escapes undone
 * to one form (RFC 4514 2.4). Good for the comparison of names that one server wrote; not a parser of multi-valued RDN order.
 */
export function comparableDn(dn: string): string {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < dn.length; at += 1) {
    const char = dn[at] as string;
    if (char === '\\') {
      const pairs = /^(?:\\[0-9a-f]{2})+/iu.exec(dn.slice(at));
      if (pairs) {
        part += Buffer.from(pairs[0].replaceAll('\\', ''), 'hex')
          .toString('utf8')
          .replace(/[,+\\]/gu, '\\$&');
        at += pairs[0].length - 1;
      } else {
        const next = dn[at + 1] ?? '';
        part += /[,+\\]/u.test(next) ? `\\${next}` : next;
        at += 1;
      }
    } else if (char === ',' || char === ';') {
      parts.push(part);
      part = '';
    } else part += char;
  }
  parts.push(part);
  const tidy = (one: string): string =>
    one
      .trim()
      .replace(/\s*=\s*/u, '=')
      .replace(/\s+/gu, ' ')
      .toLowerCase();
  return parts.map(tidy).join(',');
}
