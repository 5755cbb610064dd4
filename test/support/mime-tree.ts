/** A header field: its name as written and its value unfolded, bytes as latin1. */
export type MimeField = readonly [name: string, value: string];

/** One node of a message, read plainly: for mails that tests make, not for mails that mean harm. */
export interface MimePart {
  readonly fields: readonly MimeField[];
  /** Lower case, without parameters; text/plain where none is told. */
  readonly type: string;
  /** Parameters of Content-Type, names in lower case. */
  readonly params: Readonly<Record<string, string>>;
  readonly disposition: 'attachment' | 'inline' | null;
  readonly fileName: string | null;
  /** Without angle brackets. */
  readonly contentId: string | null;
  readonly children: readonly MimePart[];
  /** The body as it stands, transfer encoding and all. */
  readonly body: Buffer;
}

export const fieldOf = (fields: readonly MimeField[], name: string): string | null =>
  fields.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1] ?? null;

/** Text with its RFC 2047 words decoded. */
export function decodeWords(text: string): string {
  const joined = text.replace(/(\?=)\s+(?==\?)/g, '$1');
  return joined.replace(/=\?([^?*]+)(?:\*[^?]*)?\?([QB])\?([^?]*)\?=/gi, (_, charset: string, how: string, word: string) => {
    const isQ = how.toUpperCase() === 'Q';
    return new TextDecoder(charset).decode(isQ ? fromQuoted(word.replaceAll('_', ' ')) : Buffer.from(word, 'base64'));
  });
}

function fromQuoted(text: string): Buffer {
  const joined = text.replace(/=[ \t]*\r?\n/g, '');
  return Buffer.from(
    joined.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

/** The body with its transfer encoding taken off. */
export function decodedBody(part: MimePart): Buffer {
  const encoding = fieldOf(part.fields, 'Content-Transfer-Encoding')?.trim().toLowerCase();
  if (encoding === 'base64') return Buffer.from(part.body.toString('latin1'), 'base64');
  return encoding === 'quoted-printable' ? fromQuoted(part.body.toString('latin1')) : part.body;
}

/** The text of a text part, line ends as CRLF. */
export function decodedText(part: MimePart): string {
  const text = new TextDecoder(part.params['charset'] ?? 'utf-8').decode(decodedBody(part));
  return text.replace(/\r?\n/g, '\r\n');
}

function paramsOf(value: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, quoted, plain] of value.matchAll(/;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g)) {
    found[(name as string).toLowerCase()] = quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1');
  }
  return found;
}

/** RFC 2231 in one piece, or encoded words, or plain. */
function fileNameOf(params: Record<string, string>): string | null {
  const extended = params['filename*'] ?? params['name*'];
  if (extended !== undefined) return decodeURIComponent(extended.slice(extended.indexOf("''") + 2));
  const plain = params['filename'] ?? params['name'];
  return plain === undefined ? null : decodeWords(plain);
}

function readFields(head: string): MimeField[] {
  const lines = head.replace(/\r\n(?=[ \t])/g, '').split('\r\n');
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
  });
}

function splitParts(body: string, boundary: string): string[] {
  const mark = boundary.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pieces = `\r\n${body}`.split(new RegExp(`\\r\\n--${mark}(--)?[ \\t]*(?=\\r\\n|$)`));
  // A capturing split gives, after each piece, whether the delimiter was the last one.
  const found: string[] = [];
  for (let at = 1; at + 1 < pieces.length && pieces[at] === undefined; at += 2) found.push((pieces[at + 1] as string).slice(2));
  return found;
}

/** Reads a message or part with CRLF line ends. */
export function readMime(raw: Buffer): MimePart {
  return readPart(raw.toString('latin1'));
}

function readPart(text: string): MimePart {
  const end = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n');
  const fields = readFields(end < 0 ? text : text.slice(0, end));
  const body = end < 0 ? '' : text.slice(end + (end === 0 ? 2 : 4));
  const typeField = fieldOf(fields, 'Content-Type') ?? 'text/plain';
  const type = (typeField.split(';', 1)[0] as string).trim().toLowerCase();
  const params = paramsOf(typeField);
  const placed = fieldOf(fields, 'Content-Disposition') ?? '';
  const disposition = /^\s*(attachment|inline)/i.exec(placed)?.[1]?.toLowerCase() as MimePart['disposition'] | undefined;
  const boundary = type.startsWith('multipart/') ? params['boundary'] : undefined;
  return {
    ...{ fields, type, params, disposition: disposition ?? null },
    fileName: fileNameOf({ ...params, ...paramsOf(placed) }),
    contentId: fieldOf(fields, 'Content-ID')?.replace(/^<|>$/g, '') ?? null,
    children: boundary === undefined ? [] : splitParts(body, boundary).map(readPart),
    body: Buffer.from(body, 'latin1'),
  };
}
