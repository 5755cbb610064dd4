const QUOTABLE = /^[\x20-\x7e]{0,900}$/;

/** NIL, a quoted string, or a literal where it cannot be quoted. The text's characters are bytes (latin1). */
export function nstring(text: string | null): string {
  if (text === null) return 'NIL';
  if (QUOTABLE.test(text)) return `"${text.replace(/(["\\])/g, '\\$1')}"`;
  return `{${text.length}}\r\n${text}`;
}
