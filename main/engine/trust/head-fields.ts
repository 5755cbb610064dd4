/** A header field as it stands in a mail. */
export interface HeadField {
  /** In small letters. */
  readonly name: string;
  /** On one line. */
  readonly body: string;
}

const MAX_FIELDS = 1_000;

/** Fields of a header block in their order. What is no field is left out; so are those beyond any use. */
export function headFields(head: string): HeadField[] {
  const fields: { name: string; body: string }[] = [];
  for (const line of head.split('\n')) {
    const text = line.replace(/\r+$/u, '');
    const last = fields.at(-1);
    if (/^[ \t]/u.test(text) && last) last.body += ` ${text.trim()}`;
    else {
      const match = /^(?<name>[!-9;-~]{1,80})[ \t]*:(?<body>.*)$/su.exec(text)?.groups;
      if (match) fields.push({ name: (match['name'] ?? '').toLowerCase(), body: (match['body'] ?? '').trim() });
    }
    if (fields.length >= MAX_FIELDS) break;
  }
  return fields;
}
