import { encodeWord } from 'nodemailer/lib/mime-funcs';
import type { Account } from '../../../shared/model/account.ts';
import { limits } from '../../../shared/limits.ts';
import type { DraftContent, DraftFile } from '../../../shared/model/compose.ts';
import type { Random } from '../core/random.ts';
import { wholeSeconds } from '../core/whole-seconds.ts';
import { cleanFileName } from '../mime/file-name.ts';
import { previewOf } from '../mime/preview.ts';
import type { FrozenMessage } from '../store/frozen-message.ts';
import { checkDraft, envelopeTo, senderOf, validRecipients, type Recipient, type Recipients } from './check-draft.ts';
import { composeBytes, type OutgoingFile } from './compose-bytes.ts';
import { cleanHtml } from './html.ts';
import { newMessageId } from './message-id.ts';
import { bodyText, headerLine } from './plain-text.ts';
import { textFromHtml } from './text-from-html.ts';

/** Message-IDs that tie a mail to the ones before it (RFC 5322 3.6.4), angle brackets included. */
export interface Thread {
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
}

export interface FileToSend extends DraftFile {
  pieces(): Iterable<Uint8Array>;
}

/** What a mail is made of. */
export interface Material {
  readonly account: Account;
  readonly content: DraftContent;
  readonly files: readonly FileToSend[];
  readonly thread: Thread;
}

export type Frozen = Pick<
  FrozenMessage,
  'messageId' | 'date' | 'envelope' | 'raw' | 'bcc' | 'needsSmtpUtf8' | 'subject' | 'to' | 'preview'
>;

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/;
const CONTENT_ID = /^[\x21-\x3b\x3d\x3f-\x7e]{1,200}$/;

/**
 * Composes a draft into the bytes that are sent, once: Message-ID and date are fixed by it. `now` in milliseconds since 1970.
 * @throws MailError draft-invalid (the detail names the field and place), message-unreadable (the proof failed: not sent)
 */
export async function freezeMail(material: Material, random: Random, now: number): Promise<Frozen> {
  const { content, account } = material;
  const recipients = checkDraft(content, material.files);
  const from = senderOf(account, content.from);
  const messageId = newMessageId(random, from.domain);
  const { raw, text, subject } = await render(material, from, recipients, messageId, now);
  const all = [...recipients.to, ...recipients.cc, ...recipients.bcc];
  return {
    messageId,
    date: wholeSeconds(now),
    envelope: { from: from.address, to: envelopeTo(recipients) },
    raw,
    bcc: recipients.bcc.map(headerForm),
    needsSmtpUtf8: [from, ...all].some((one) => one.needsSmtpUtf8),
    subject,
    to: [...content.to, ...content.cc, ...content.bcc],
    preview: previewOf(text),
  };
}

/** The copy of an unfinished draft for the server: what is no address yet is left out. The same input gives the same bytes. */
export async function renderDraft(material: Material, messageId: string, date: number): Promise<{ raw: Buffer; bcc: string[] }> {
  const recipients = validRecipients(material.content);
  const { raw } = await render(material, senderOf(material.account, material.content.from), recipients, messageId, date);
  return { raw, bcc: recipients.bcc.map(headerForm) };
}

async function render({ content, files, thread }: Material, from: Recipient, recipients: Recipients, messageId: string, now: number) {
  const subject = headerLine(content.subject, limits.maxSubjectChars);
  const outgoing = files.map((file, index) => outgoingFile(file, index, content.format === 'rich'));
  const used = new Set<string>();
  const known = new Set(outgoing.map((one) => one.contentId));
  const image = (id: string): string | null => (known.has(id) ? (used.add(id), `cid:${id}`) : null);
  const html = content.format === 'rich' ? cleanHtml(content.html, { image }) : null;
  const text = html === null ? content.text : textFromHtml(html);
  const raw = await composeBytes({
    ...{ from, recipients, subject, messageId, date: wholeSeconds(now), inReplyTo: thread.inReplyTo, references: thread.references },
    text: bodyText(text),
    html: html === null ? null : bodyText(documentOf(html)),
    // A picture that was taken out of the text again is not sent.
    files: outgoing.filter((one) => one.contentId === null || used.has(one.contentId)),
  });
  return { raw, text, subject };
}

const documentOf = (html: string): string => `<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n${html}\n</body></html>\n`;

function outgoingFile(file: FileToSend, index: number, isRich: boolean): OutgoingFile {
  const given = file.mimeType.trim().toLowerCase();
  // Messages and multiparts may not be encoded (RFC 2046 5.2.1) and would have to be rewritten to be 7-bit: they go as plain files.
  const isType = MEDIA_TYPE.test(given) && !/^(?:message|multipart)\//.test(given);
  const mimeType = isType ? given : 'application/octet-stream';
  const fileName = cleanFileName(headerLine(file.fileName, limits.maxFileNameChars), given, index + 1);
  const isInline = isRich && file.isInline && mimeType.startsWith('image/') && CONTENT_ID.test(file.contentId);
  return { fileName, mimeType, sizeBytes: file.sizeBytes, contentId: isInline ? file.contentId : null, pieces: () => file.pieces() };
}

/** One recipient as it stands in a header. */
function headerForm({ name, address }: Recipient): string {
  if (name === '') return address;
  const isPlain = /^[\x20-\x7e]*$/.test(name) && !name.includes('=?');
  return `${isPlain ? `"${name.replace(/[\\"]/g, '\\$&')}"` : encodeWord(name, 'B', 52)} <${address}>`;
}
