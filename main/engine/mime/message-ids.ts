/** Longest Message-ID that is kept whole (RFC 5322 line length); a longer one is cut. */
const MAX_ID_CHARS = 998;
const MAX_REFERENCES = 100;

/** First Message-ID in a field body, with angle brackets as sent; a bare one is taken as it is. Null when blank. */
export function firstMessageId(body: string): string | null {
  const text = body.trim();
  if (text === '') return null;
  const open = text.indexOf('<');
  const close = open < 0 ? -1 : text.indexOf('>', open);
  const id = close > open ? text.slice(open, close + 1) : text;
  const clean = id.replace(/[\s\0]+/g, '');
  return clean === '' || clean === '<>' ? null : clean.slice(0, MAX_ID_CHARS);
}

/** Message-IDs of a References field, oldest first; of a longer list the first and the latest ones. */
export function messageIdList(body: string): string[] {
  const all = [...body.slice(0, 200_000).matchAll(/<([^<>\s]{1,998})>/g)].map((match) => match[0]);
  const found = all.length > 0 ? all : body.split(/[\s,]+/).filter((id) => id.includes('@'));
  const ids = [...new Set(found.map((id) => id.slice(0, MAX_ID_CHARS)))];
  return ids.length <= MAX_REFERENCES ? ids : [ids[0] as string, ...ids.slice(1 - MAX_REFERENCES)];
}
