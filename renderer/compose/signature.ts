/**
 * Puts another account's signature where the one of the account before stands. `written` is how a line of it is written in the text at
 * hand (HTML escapes it). Where the signature was changed by hand the text is left as it is.
 */
export function signatureSwapped(text: string, before: string, after: string, written: (line: string) => string): string {
  const lines = (signature: string): string[] =>
    signature
      .trim()
      .split(/\r?\n/u)
      .map((line) => written(line.trimEnd()));
  const old = lines(before);
  const fresh = lines(after);
  if (before.trim() === '' || after.trim() === '' || before === after) return text;
  // Between two lines stands a line end, or the tags that make one.
  const between = '((?:\\s|<[^>]*>)+)';
  const pattern = new RegExp(old.map(escaped).join(between), 'u');
  const found = pattern.exec(text);
  if (!found) return text;
  const separator = found[1] ?? (text.includes('<') ? '<br>' : '\n');
  return text.slice(0, found.index) + fresh.join(separator) + text.slice(found.index + found[0].length);
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/gu, '\\$&');
