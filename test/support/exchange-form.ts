import { createHash } from 'node:crypto';
import { encodeHeaderText } from './mail-builder.ts';
import { decodedBody, decodedText, decodeWords, fieldOf, readMime, type MimeField, type MimePart } from './mime-tree.ts';

/** What a mail holds, as Exchange keeps it: texts and files, nothing of how they were written. */
interface Kept {
  plain: string | null;
  html: string | null;
  readonly inline: MimePart[];
  readonly attached: MimePart[];
}

/** A node as it is written: its own fields and its body. */
interface Written {
  readonly fields: readonly string[];
  readonly body: string;
}

const LINE = 76;
const LATIN1 = /^[\x00-\xff]*$/;
/** Not signed mail, reports and the like: those stay as they are. */
const REMADE = /^(?:text\/(?:plain|html)|multipart\/(?:mixed|alternative|related))$/;
/** In the order in which they are written, after the trace and before all others. */
const FIRST = ['From', 'To', 'Cc', 'Bcc', 'Subject', 'Date', 'Message-ID', 'In-Reply-To', 'References', 'Reply-To', 'Sender'];
/** Written anew, or of an earlier making. */
const OWN = /^(?:Content-.*|MIME-Version|Thread-Topic|Accept-Language|X-MS-.*)$/i;
const TRACE = /^(?:Received|Return-Path|Authentication-Results)$/i;

/**
 * A mail as Microsoft Exchange gives it over IMAP, made anew from what its store keeps: other boundaries, transfer encodings, charset and
 * order of the fields, a text made from the HTML, a `meta` in its head, fields of its own. Addresses, subject, date, Message-ID,
 * references, visible text and the bytes of files stay. The same mail gives the same bytes, and its own result stays as it is.
 */
export function exchangeForm(raw: Buffer): Buffer {
  const source = readMime(Buffer.from(raw.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1'));
  const token = tokenOf(source);
  const isRemade = REMADE.test(source.type);
  const kept: Kept = { plain: null, html: null, inline: [], attached: [] };
  if (isRemade) gather(source, kept);
  const root = isRemade ? written(kept, source, token) : asIs(source);
  const head = [...heading(source.fields, kept.attached.length > 0), ...root.fields, 'MIME-Version: 1.0'];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${root.body}`, 'latin1');
}

function tokenOf({ fields }: MimePart): string {
  const id = fieldOf(fields, 'Message-ID') ?? `${fieldOf(fields, 'Date')} ${fieldOf(fields, 'From')}`;
  return createHash('sha256').update(id).digest('hex').slice(0, 28).toUpperCase();
}

function gather(part: MimePart, kept: Kept): void {
  const isBody = part.disposition !== 'attachment' && part.fileName === null;
  if (part.children.length > 0) for (const child of part.children) gather(child, kept);
  else if (part.type.startsWith('multipart/')) return;
  else if (isBody && part.type === 'text/html' && kept.html === null) kept.html = decodedText(part);
  else if (isBody && part.type === 'text/plain' && kept.plain === null && kept.html === null) kept.plain = decodedText(part);
  else if (part.contentId !== null && part.disposition !== 'attachment') kept.inline.push(part);
  else kept.attached.push(part);
}

const asIs = ({ fields, body }: MimePart): Written => ({
  fields: fields.filter(([name]) => /^Content-/i.test(name)).map(folded),
  body: body.toString('latin1'),
});

function written({ plain, html, inline, attached }: Kept, source: MimePart, token: string): Written {
  const date = fieldOf(source.fields, 'Date') ?? '';
  const boundary = (kind: number): string => `_00${kind}_${token}_`;
  let node = html === null ? textNode('plain', plain ?? '\r\n') : bothTexts(html, boundary(0));
  const files = (list: readonly MimePart[]): Written[] => list.map((one) => fileNode(one, date));
  if (inline.length > 0) node = multipart('related', [node, ...files(inline)], boundary(4), '; type="multipart/alternative"');
  return attached.length > 0 ? multipart('mixed', [node, ...files(attached)], boundary(5), '') : node;
}

function multipart(kind: string, parts: readonly Written[], boundary: string, more: string): Written {
  const body = parts.map((one) => `--${boundary}\r\n${one.fields.join('\r\n')}\r\n\r\n${one.body}\r\n`).join('');
  return { fields: [`Content-Type: multipart/${kind};\r\n\tboundary="${boundary}"${more}`], body: `${body}--${boundary}--\r\n` };
}

function bothTexts(html: string, boundary: string): Written {
  return multipart('alternative', [textNode('plain', textOf(html)), textNode('html', withMeta(html))], boundary, '');
}

function textNode(subtype: 'plain' | 'html', text: string): Written {
  const isLatin = LATIN1.test(text);
  const ended = text.endsWith('\r\n') ? text : `${text}\r\n`;
  const declared = ended.replace('charset=CHARSET', `charset=${isLatin ? 'iso-8859-1' : 'utf-8'}`);
  const type = `Content-Type: text/${subtype}; charset="${isLatin ? 'iso-8859-1' : 'utf-8'}"`;
  const encoding = `Content-Transfer-Encoding: ${isLatin ? 'quoted-printable' : 'base64'}`;
  return { fields: [type, encoding], body: isLatin ? quoted(declared) : base64(Buffer.from(declared)) };
}

function fileNode(part: MimePart, date: string): Written {
  const content = decodedBody(part);
  const name = encodeHeaderText(part.fileName ?? 'attachment').replace(/\r\n /g, '\r\n\t');
  const kind = part.contentId !== null && part.disposition !== 'attachment' ? 'inline' : 'attachment';
  // A mail within a mail may have no transfer encoding (RFC 2046, 5.2.1).
  const isMail = part.type === 'message/rfc822';
  return {
    fields: [
      `Content-Type: ${part.type};\r\n\tname="${name}"`,
      `Content-Description: ${name}`,
      `Content-Disposition: ${kind};\r\n\tfilename="${name}"; size=${content.length};\r\n\tcreation-date="${date}"`,
      ...(part.contentId === null ? [] : [`Content-ID: <${part.contentId}>`]),
      ...(isMail ? [] : ['Content-Transfer-Encoding: base64']),
    ],
    body: isMail ? content.toString('latin1') : base64(content),
  };
}

const META = /<meta[^>]*http-equiv=["']?content-type["']?[^>]*>\s*/gi;

/** CHARSET is told when it is known. */
function withMeta(html: string): string {
  const meta = '<meta http-equiv="Content-Type" content="text/html; charset=CHARSET">';
  const bare = html.replace(META, '');
  if (/<head[^>]*>/i.test(bare)) return bare.replace(/(<head[^>]*>)\s*/i, `$1\r\n${meta}\r\n`);
  if (/<html[^>]*>/i.test(bare)) return bare.replace(/(<html[^>]*>)\s*/i, `$1\r\n<head>\r\n${meta}\r\n</head>\r\n`);
  return `<html>\r\n<head>\r\n${meta}\r\n</head>\r\n<body>\r\n${bare}\r\n</body>\r\n</html>\r\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' },
  ...{ auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß' },
};

function textOf(html: string): string {
  const visible = html
    .replace(/<(head|style|script)\b[^]*?<\/\1>/gi, '')
    .replace(/\s+/g, ' ')
    .replace(/<br[^>]*>|<\/(?:p|div|li|tr|h\d)>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&([a-z]+);/gi, (whole, name: string) => ENTITIES[name] ?? whole);
  const lines = visible.split('\n').map((line) => line.trim());
  return `${lines.join('\r\n').trim()}\r\n`;
}

function quoted(text: string): string {
  const encode = (character: string): string => `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  const lines = text.split('\r\n').map((line) => {
    let out = '';
    let length = 0;
    for (const [piece] of line.replace(/[^\x20-\x3c\x3e-\x7e\t]|[ \t]$/g, encode).matchAll(/=[0-9A-F]{2}|[^]/g)) {
      if (length + piece.length >= LINE) {
        out += '=\r\n';
        length = 0;
      }
      out += piece;
      length += piece.length;
    }
    return out;
  });
  return lines.join('\r\n');
}

const base64 = (content: Buffer): string => content.toString('base64').replace(/(.{76})(?=.)/g, '$1\r\n') + '\r\n';

/** Fields of the message itself: the trace, then those everybody reads, then the rest, then its own. */
function heading(fields: readonly MimeField[], hasFiles: boolean): string[] {
  const isFirst = ([name]: MimeField): boolean => FIRST.some((one) => one.toLowerCase() === name.toLowerCase());
  const trace = fields.filter(([name]) => TRACE.test(name));
  const first = FIRST.flatMap((name) => fields.filter(([one]) => one.toLowerCase() === name.toLowerCase()));
  const others = fields.filter((one) => !trace.includes(one) && !isFirst(one) && !OWN.test(one[0]));
  const subject = encodeSubject(fieldOf(fields, 'Subject') ?? '');
  const written = first.map((one) => (one[0].toLowerCase() === 'subject' ? `Subject: ${subject}` : folded(one)));
  return [
    ...trace.map(folded),
    ...written,
    `Thread-Topic: ${subject}`,
    ...others.map(folded),
    'Accept-Language: de-DE, en-US',
    'Content-Language: de-DE',
    `X-MS-Has-Attach: ${hasFiles ? 'yes' : ''}`,
    'X-MS-Exchange-Organization-RecordReviewCfmType: 0',
  ];
}

/** One encoded word where it fits, of another kind than most programs write. */
function encodeSubject(field: string): string {
  const text = decodeWords(field);
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const isShortLatin = LATIN1.test(text) && text.length < 20;
  if (!isShortLatin) return encodeHeaderText(text).replace(/\r\n /g, '\r\n\t');
  const word = text.replace(/[^A-Za-z0-9]/g, (one) => `=${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return `=?iso-8859-1?Q?${word}?=`;
}

/** Folded with tabs, at spaces only. */
function folded([name, value]: MimeField): string {
  let line = `${name}:`;
  let out = '';
  for (const word of value.split(/[ \t]+/)) {
    if (line.length + word.length + 1 > LINE && line.trim() !== '' && !line.endsWith(':')) {
      out += `${line}\r\n`;
      line = `\t${word}`;
    } else line += line === '\t' ? word : ` ${word}`;
  }
  return out + line;
}
