import { randomBytes } from 'node:crypto';
import type { SeededRandom } from './random.ts';

export interface MailAttachment {
  readonly fileName: string;
  /** Default application/octet-stream. */
  readonly contentType?: string;
  readonly content: Buffer;
  /** Makes it an inline part that HTML can show as `cid:…`. */
  readonly contentId?: string;
}

export interface MailFields {
  /** E.g. `Anna Example <anna@example.com>`; non-ASCII names are encoded. */
  readonly from?: string;
  readonly to?: string | readonly string[];
  readonly cc?: string | readonly string[];
  readonly subject?: string;
  /** Milliseconds since 1970. */
  readonly date?: number;
  /** With its angle brackets; default a new one, null for none. */
  readonly messageId?: string | null;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  readonly text?: string;
  readonly html?: string;
  readonly attachments?: readonly MailAttachment[];
  /** More header lines, written as they are, before the others. */
  readonly headers?: readonly (readonly [string, string])[];
}

const BASE64_LINE = 76;
const ENCODED_WORD_BYTES = 42;
const ASCII = /^[\x09\x0a\x0d\x20-\x7e]*$/;
const DEFAULT_DATE = Date.UTC(2025, 0, 15, 9, 30, 0);

let serial = 0;

/** A word that occurs nowhere else: letters and digits only, so that it is one term to search and to grep for. */
export function canary(label = 'x', random?: SeededRandom): string {
  serial += 1;
  const chance = random ? random.bytes(8) : randomBytes(8);
  return `canary${label.replace(/[^a-z0-9]/gi, '').toLowerCase()}${serial.toString(36)}q${chance.toString('hex')}`;
}

/** A Message-ID of its own. */
export function newMessageId(random?: SeededRandom): string {
  serial += 1;
  return `<${serial}.${(random ? random.bytes(6) : randomBytes(6)).toString('hex')}@mail.example.com>`;
}

/** RFC 2047 encoded words where the text is not plain ASCII. */
export function encodeHeaderText(text: string): string {
  if (ASCII.test(text)) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > ENCODED_WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((w) => `=?utf-8?B?${Buffer.from(w).toString('base64')}?=`).join('\r\n ');
}

function encodeAddress(address: string): string {
  const match = /^(.*?)\s*(<[^>]*>)$/s.exec(address);
  return match ? `${encodeHeaderText(match[1] as string)} ${match[2]}` : address;
}

function addresses(list: string | readonly string[]): string {
  return (typeof list === 'string' ? [list] : list).map(encodeAddress).join(',\r\n ');
}

/** A Date header value in UTC. */
export function dateHeader(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}

function base64Lines(content: Buffer): string {
  const text = content.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += BASE64_LINE) lines.push(text.slice(at, at + BASE64_LINE));
  return lines.join('\r\n');
}

interface Part {
  readonly headers: string;
  readonly body: string;
}

function textPart(subtype: 'plain' | 'html', text: string): Part {
  const isPlain = ASCII.test(text);
  const body = isPlain ? text.replace(/\r?\n/g, '\r\n') : base64Lines(Buffer.from(text));
  const type = `Content-Type: text/${subtype}; charset=utf-8\r\n`;
  return { headers: `${type}Content-Transfer-Encoding: ${isPlain ? '7bit' : 'base64'}\r\n`, body };
}

function attachmentPart(attachment: MailAttachment): Part {
  const name = ASCII.test(attachment.fileName)
    ? `filename="${attachment.fileName}"`
    : `filename*=utf-8''${encodeURIComponent(attachment.fileName)}`;
  const kind = attachment.contentId === undefined ? 'attachment' : 'inline';
  const id = attachment.contentId === undefined ? '' : `Content-ID: <${attachment.contentId}>\r\n`;
  return {
    headers:
      `Content-Type: ${attachment.contentType ?? 'application/octet-stream'}\r\nContent-Transfer-Encoding: base64\r\n` +
      `Content-Disposition: ${kind};\r\n ${name}\r\n${id}`,
    body: base64Lines(attachment.content),
  };
}

function multipart(subtype: string, parts: readonly Part[]): Part {
  // The boundary follows from the content, so that equal fields give equal bytes.
  const boundary = `=_${subtype}_${parts.length}_${parts.reduce((sum, part) => (sum * 31 + part.body.length) % 1_000_003, 7)}`;
  const body = parts.map((part) => `--${boundary}\r\n${part.headers}\r\n${part.body}\r\n`).join('');
  return { headers: `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n`, body: `${body}--${boundary}--\r\n` };
}

function content(fields: MailFields): Part {
  const texts: Part[] = [];
  if (fields.text !== undefined || fields.html === undefined) texts.push(textPart('plain', fields.text ?? 'Hello.\n'));
  if (fields.html !== undefined) texts.push(textPart('html', fields.html));
  let part = texts.length > 1 ? multipart('alternative', texts) : (texts[0] as Part);
  const inline = (fields.attachments ?? []).filter((a) => a.contentId !== undefined);
  const attached = (fields.attachments ?? []).filter((a) => a.contentId === undefined);
  if (inline.length > 0) part = multipart('related', [part, ...inline.map(attachmentPart)]);
  if (attached.length > 0) part = multipart('mixed', [part, ...attached.map(attachmentPart)]);
  return part;
}

/** A well-formed message with CRLF line ends. Equal fields (Message-ID given) give equal bytes. */
export function buildMail(fields: MailFields = {}): Buffer {
  const lines: [string, string][] = [...(fields.headers ?? [])] as [string, string][];
  lines.push(['Date', dateHeader(fields.date ?? DEFAULT_DATE)]);
  lines.push(['From', addresses(fields.from ?? 'Anna Example <anna@example.com>')]);
  lines.push(['To', addresses(fields.to ?? 'Ben Sample <ben@example.org>')]);
  if (fields.cc !== undefined) lines.push(['Cc', addresses(fields.cc)]);
  lines.push(['Subject', encodeHeaderText(fields.subject ?? 'No particular subject')]);
  if (fields.messageId !== null) lines.push(['Message-ID', fields.messageId ?? newMessageId()]);
  if (fields.inReplyTo !== undefined) lines.push(['In-Reply-To', fields.inReplyTo]);
  if (fields.references !== undefined) lines.push(['References', fields.references.join('\r\n ')]);
  lines.push(['MIME-Version', '1.0']);
  const part = content(fields);
  const header = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${header}${part.headers}\r\n${part.body}${part.body.endsWith('\r\n') ? '' : '\r\n'}`);
}
