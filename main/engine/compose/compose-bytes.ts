import { Readable } from 'node:stream';
import { encodeWord } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';
import { nextTurn } from '../core/clock.ts';
import type { Recipient, Recipients } from './check-draft.ts';
import { LineProof, proveHeader, provePartHeaders } from './header-proof.ts';

/** A file that comes along; its content is read when it is needed, a piece at a time. */
export interface OutgoingFile {
  readonly fileName: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** Set for a picture inside the text. */
  readonly contentId: string | null;
  pieces(): Iterable<Uint8Array>;
}

/** A mail with every value checked and cleaned. */
export interface OutgoingMail {
  readonly from: Recipient;
  readonly recipients: Recipients;
  readonly subject: string;
  /** With angle brackets. */
  readonly messageId: string;
  /** Milliseconds since 1970, whole seconds. */
  readonly date: number;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  /** CRLF line ends. */
  readonly text: string;
  /** A complete document; null for a plain mail. */
  readonly html: string | null;
  readonly files: readonly OutgoingFile[];
}

const ENCODED_WORD_CHARS = 52;
/** A longer word could not be folded to the 998 characters of a line. */
const MAX_PLAIN_WORD = 200;
const BASE64_GROWTH = 1.38;

/** Text that stands in a header as it is, or has to be an encoded word (RFC 2047); what looks like one is encoded too. */
function encodedText(text: string, isPlain: RegExp): string | null {
  if (isPlain.test(text) && !text.includes('=?') && !text.split(' ').some((word) => word.length > MAX_PLAIN_WORD)) return null;
  const ascii = text.replace(/[^\x20-\x7e]/gu, '').length;
  return encodeWord(text, ascii * 2 > text.length ? 'Q' : 'B', ENCODED_WORD_CHARS);
}

/** The library quotes names that look like encoded words, which readers decode all the same. */
class HeadNode extends MimeNode {
  _encodeAddressName(name: string): string {
    const encoded = encodedText(name, /^[\x20-\x7e]*$/);
    if (encoded !== null) return encoded;
    return /^[\w ]*$/.test(name) ? name : `"${name.replace(/[\\"]/g, '\\$&')}"`;
  }
}

/**
 * Composes the bytes of a mail with nodemailer's MIME nodes: alternative (text, HTML) around related (pictures) inside mixed (files),
 * 7-bit, CRLF. The result is read back and compared with what was meant before it is returned. The same input gives the same bytes.
 * @throws MailError message-unreadable when the bytes do not say what was meant.
 */
export async function composeBytes(mail: OutgoingMail): Promise<Buffer> {
  const root = bodyTree(mail);
  setHeader(root, mail);
  const needsUtf8 = [mail.from, ...mail.recipients.to, ...mail.recipients.cc].some((one) => one.needsSmtpUtf8);
  const raw = await collect(root.createReadStream(), estimate(mail), new LineProof(needsUtf8));
  proveHeader(raw, meantBy(mail));
  provePartHeaders(raw, boundariesOf(root));
  return raw;
}

const hidden = (mail: OutgoingMail) => mail.files.filter((one) => one.contentId !== null && mail.html !== null);

function bodyTree(mail: OutgoingMail): MimeNode {
  const inline = hidden(mail);
  const attached = mail.files.filter((one) => !inline.includes(one));
  const token = /[0-9a-f]{16}/.exec(mail.messageId)?.[0] ?? '0';
  const make = (type: string, parent: MimeNode | null): MimeNode =>
    parent
      ? parent.createChild(type)
      : new HeadNode(type, { baseBoundary: token, boundaryPrefix: '--=', newline: 'win', disableFileAccess: true, disableUrlAccess: true });
  const mixed = attached.length > 0 ? make('multipart/mixed', null) : null;
  const root = mail.html === null ? leaf(make('text/plain; charset=utf-8', mixed), mail.text) : make('multipart/alternative', mixed);
  if (mail.html !== null) {
    leaf(make('text/plain; charset=utf-8', root), mail.text);
    const related = inline.length > 0 ? make('multipart/related; type="text/html"', root) : root;
    leaf(make('text/html; charset=utf-8', related), mail.html);
    for (const file of inline) fileNode(related, file, 'inline');
  }
  for (const file of attached) fileNode(mixed!, file, 'attachment');
  return mixed ?? root;
}

const leaf = (node: MimeNode, content: string): MimeNode => node.setContent(content === '' ? '\r\n' : content);

function fileNode(parent: MimeNode, file: OutgoingFile, disposition: 'inline' | 'attachment'): void {
  const node = parent.createChild(file.mimeType, { filename: file.fileName });
  node.setHeader('Content-Transfer-Encoding', 'base64');
  node.setHeader('Content-Disposition', disposition);
  if (disposition === 'inline') node.setHeader('Content-ID', `<${file.contentId}>`);
  node.setContent(Readable.from(inTurns(file.pieces()), { objectMode: false }));
}

/** A large file keeps the process busy for a piece at a time only. */
async function* inTurns(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    yield piece;
    await nextTurn();
  }
}

type Prepared = Parameters<MimeNode['setHeader']>[1];

function setHeader(root: MimeNode, mail: OutgoingMail): void {
  const people = (list: readonly Recipient[]) => list.map(({ name, address }) => ({ name, address })) as unknown as Prepared;
  root.setHeader('From', people([mail.from]));
  if (mail.recipients.to.length > 0) root.setHeader('To', people(mail.recipients.to));
  if (mail.recipients.cc.length > 0) root.setHeader('Cc', people(mail.recipients.cc));
  const subject = encodedText(mail.subject, /^[\x20-\x7e]*$/) ?? mail.subject;
  if (subject !== '') root.setHeader('Subject', { prepared: true, foldLines: true, value: subject } as unknown as Prepared);
  root.setHeader('Message-ID', mail.messageId);
  if (mail.inReplyTo !== null) root.setHeader('In-Reply-To', mail.inReplyTo);
  if (mail.references.length > 0) root.setHeader('References', mail.references.join(' '));
  root.setHeader('Date', dateText(mail.date));
}

/** RFC 5322 3.3, in UTC: the sender's time zone is not told. */
const dateText = (date: number): string => new Date(date).toUTCString().replace('GMT', '+0000');

function meantBy(mail: OutgoingMail): Parameters<typeof proveHeader>[1] {
  const { from, recipients, subject, messageId, date, inReplyTo, references } = mail;
  return {
    people: {
      from: [from],
      ...(recipients.to.length > 0 ? { to: recipients.to } : {}),
      ...(recipients.cc.length > 0 ? { cc: recipients.cc } : {}),
    },
    texts: {
      ...(subject === '' ? {} : { subject }),
      'message-id': messageId,
      date: dateText(date),
      ...(inReplyTo === null ? {} : { 'in-reply-to': inReplyTo }),
      ...(references.length > 0 ? { references: references.join(' ') } : {}),
    },
  };
}

function boundariesOf(node: MimeNode): string[] {
  const own = typeof node.boundary === 'string' ? [node.boundary] : [];
  return [...own, ...node.childNodes.flatMap(boundariesOf)];
}

function estimate({ files, text, html }: OutgoingMail): number {
  const ofFiles = files.reduce((sum, one) => sum + Math.ceil(one.sizeBytes * BASE64_GROWTH) + 2000, 0);
  return ofFiles + (text.length + (html?.length ?? 0)) * 2 + 64 * 1024;
}

/** Gathers a stream in one buffer: joining pieces at the end would need everything twice. */
async function collect(stream: Readable, expectedBytes: number, proof: LineProof): Promise<Buffer> {
  let buffer = Buffer.allocUnsafeSlow(expectedBytes);
  let length = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    if (length + piece.length > buffer.length) {
      const larger = Buffer.allocUnsafeSlow((length + piece.length) * 2);
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    proof.push(piece);
    piece.copy(buffer, length);
    length += piece.length;
  }
  proof.end();
  return buffer.subarray(0, length);
}
