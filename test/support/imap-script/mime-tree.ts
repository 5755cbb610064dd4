/** A MIME entity of a well-formed message: enough for the answers of a test server, not for hostile mail. */
export interface MimePart {
  /** Header block with its final blank line. */
  readonly header: Buffer;
  readonly body: Buffer;
  /** Lower case, without parameters. */
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
  /** Of a multipart. */
  readonly children: readonly MimePart[];
  /** Of a message/rfc822. */
  readonly message: MimePart | null;
}

const MAX_DEPTH = 100;
const BLANK_LINE = Buffer.from('\r\n\r\n');

/** Splits a message or part at the first blank line; the blank line belongs to the header. */
export function splitHeader(raw: Buffer): { header: Buffer; body: Buffer } {
  if (raw.subarray(0, 2).equals(BLANK_LINE.subarray(0, 2))) return { header: raw.subarray(0, 2), body: raw.subarray(2) };
  const at = raw.indexOf(BLANK_LINE);
  if (at < 0) return { header: raw, body: raw.subarray(raw.length) };
  return { header: raw.subarray(0, at + 4), body: raw.subarray(at + 4) };
}

/** All values of a header field, unfolded, bytes as latin1; in order. */
export function headerValues(header: Buffer, name: string): string[] {
  return headerFields(header)
    .filter((field) => field.name.toLowerCase() === name.toLowerCase())
    .map((field) =>
      field.text
        .slice(field.name.length + 1)
        .replace(/\r\n(?=[ \t])/g, '')
        .trim(),
    );
}

/** The fields of a header block as written, folded lines kept. */
export function headerFields(header: Buffer): { name: string; text: string }[] {
  const lines = header
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line !== '');
  const fields: { name: string; text: string }[] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last) last.text += `\r\n${line}`;
    else fields.push({ name: line.split(':', 1)[0] as string, text: line });
  }
  return fields;
}

/** A structured field such as Content-Type: its value in lower case and its parameters. */
export function parameters(value: string | undefined): { value: string; params: Map<string, string> } {
  const [first = '', ...rest] = (value ?? '').match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+/g) ?? [];
  const params = new Map<string, string>();
  for (const item of rest) {
    const at = item.indexOf('=');
    if (at < 0) continue;
    const quoted = item.slice(at + 1).trim();
    params.set(item.slice(0, at).trim().toLowerCase(), quoted.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/g, '$1'));
  }
  return { value: first.trim().toLowerCase(), params };
}

function multipartChildren(body: Buffer, boundary: string, depth: number): MimePart[] {
  const text = body.toString('latin1');
  const marks = [...`\r\n${text}`.matchAll(new RegExp(`\r\n--${boundary.replace(/[^A-Za-z0-9]/g, '\\$&')}(--)?[ \t]*(?=\r\n|$)`, 'g'))];
  const children: MimePart[] = [];
  for (let i = 0; i + 1 <= marks.length; i += 1) {
    const mark = marks[i] as RegExpMatchArray;
    if (mark[1]) break;
    // Positions in `\r\n` + text: two bytes before those of the body. The part starts after the mark's own line end.
    const from = (mark.index as number) + mark[0].length;
    const to = marks[i + 1]?.index ?? text.length + 2;
    children.push(parsePart(body.subarray(from, Math.max(from, to - 2)), depth + 1));
  }
  return children;
}

function parsePart(raw: Buffer, depth: number): MimePart {
  const { header, body } = splitHeader(raw);
  const { value, params } = parameters(headerValues(header, 'Content-Type')[0]);
  const type = /^[^/\s]+\/[^/\s]+$/.test(value) ? value : 'text/plain';
  const boundary = params.get('boundary');
  const isDeep = depth >= MAX_DEPTH;
  const children = type.startsWith('multipart/') && boundary !== undefined && !isDeep ? multipartChildren(body, boundary, depth) : [];
  const message = type === 'message/rfc822' && !isDeep ? parsePart(body, depth + 1) : null;
  return { header, body, type: type.startsWith('multipart/') && children.length === 0 ? 'text/plain' : type, params, children, message };
}

/** The MIME tree of a message with CRLF line ends. */
export function parseMime(raw: Buffer): MimePart {
  return parsePart(raw, 0);
}

/** The part that a section number such as `2.1` names, or null. */
export function findPart(root: MimePart, numbers: readonly number[]): MimePart | null {
  let part: MimePart = root;
  for (const [i, number] of numbers.entries()) {
    const inner: MimePart = i > 0 && part.message ? part.message : part;
    if (inner.children.length === 0) {
      if (number !== 1) return null;
      part = inner;
    } else {
      const child: MimePart | undefined = inner.children[number - 1];
      if (!child) return null;
      part = child;
    }
  }
  return part;
}
