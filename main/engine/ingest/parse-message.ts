import { limits } from '../../../shared/limits.ts';
import { htmlParts, joinHtmlParts } from '../../../shared/model/html-parts.ts';
import type { Address, Attachment, MessageProblem } from '../../../shared/model/message.ts';
import { decodeBytes } from '../mime/charset.ts';
import { cleanLine, cutChars } from '../mime/clean-text.ts';
import { decodeWords } from '../mime/encoded-words.ts';
import { cleanFileName } from '../mime/file-name.ts';
import { htmlToWords } from '../mime/html-text.ts';
import { firstMessageId, messageIdList } from '../mime/message-ids.ts';
import { parseStructured } from '../mime/params.ts';
import type { Field, Part } from '../mime/part.ts';
import { previewOf } from '../mime/preview.ts';
import { parseSentDate } from '../mime/sent-date.ts';
import type { FoundAttachment } from './attachment-list.ts';
import { calendarWords } from './calendar-words.ts';
import { seenContent } from './content-digest.ts';
import { deliveryReportOf } from './delivery-report.ts';
import type { ReadMail } from './mailparser-reader.ts';
import type { ReadSource } from './message-reader.ts';
import type { ParsedMessage } from './protocol.ts';
import { fieldText } from './skeleton.ts';
import { searchTextOf, type ReportedTerms } from './search-text.ts';

/** A message in the product's form, with the texts it was made of. */
export interface ComposedMessage {
  readonly parsed: ParsedMessage;
  readonly text: string;
  readonly html: string;
}

/** Stands where a block begins in text made of HTML; in no mail, since it counts as white space there. */
const BLOCK = '\u2029';
const EMPTY_LINE = /\n[^\S\n]*\n/u;
/** What no parser could read is known by its bytes alone. */
const UNREAD = { contentDigest: null, contentBlocks: null };

/** Puts together what the parser and the own pass over the source found. Pure but for the memory of reported words. */
export function composeMessage(
  source: ReadSource,
  mail: ReadMail,
  reported: ReportedTerms,
  extra: readonly MessageProblem[],
): ComposedMessage {
  const text = cutChars(withoutNul(mail.text).trim(), limits.maxTextChars);
  const whole = joinHtmlParts(mail.htmlParts ?? [mail.html]);
  const html = cutChars(whole, limits.maxHtmlChars);
  const marked = html === '' ? '' : htmlToWords(htmlParts(html).join('<br>'), limits.maxIndexedChars, BLOCK);
  const words = marked.replaceAll(BLOCK, ' ');
  const attachments = source.attachments.map(attachmentOf);
  const people = { from: mail.from, sender: mail.sender[0] ?? null, replyTo: mail.replyTo, to: mail.to, cc: mail.cc, bcc: mail.bcc };
  const subject = cleanLine(mail.subject, limits.maxSubjectChars);
  const ids = identity(source.fields);
  const isCut = text.length < mail.text.trim().length - 1 || html.length < whole.length - 1;
  const search = searchTextOf(
    {
      subject,
      people: allPeople(people),
      bodies: [text, words, ...calendars(source.attachments)],
      fileNames: attachments.map((one) => one.fileName),
    },
    reported,
  );
  const problems = [...extra, ...problemsOf(source, mail, ids, isCut)];
  const preview = previewOf(text !== '' ? text : words);
  const seen = extra.length > 0 ? UNREAD : seenContent(words.trim() === '' ? text.split(EMPTY_LINE) : marked.split(BLOCK), attachments);
  const about = { ...seen, deliveryReport: deliveryReportOf(source) };
  const parsed = { ...ids, ...people, subject, preview, attachments, problems, search, ...about };
  return { parsed, text, html };
}

type Identity = Pick<ParsedMessage, 'messageId' | 'inReplyTo' | 'references' | 'sentDate'>;

function identity(fields: readonly Field[]): Identity {
  const bodies = (name: string) => fields.filter((field) => field.name === name).map((field) => fieldText(field));
  const firstOf = <T>(name: string, read: (body: string) => T | null): T | null => {
    for (const body of bodies(name)) {
      const value = read(body);
      if (value !== null) return value;
    }
    return null;
  };
  return {
    messageId: firstOf('message-id', firstMessageId),
    inReplyTo: firstOf('in-reply-to', firstMessageId),
    references: messageIdList(bodies('references').join(' ')),
    sentDate: firstOf('date', parseSentDate),
  };
}

function allPeople(people: Pick<ParsedMessage, 'from' | 'sender' | 'replyTo' | 'to' | 'cc' | 'bcc'>): Address[] {
  const all = [...people.from, ...people.to, ...people.cc, ...people.bcc, ...people.replyTo];
  return people.sender ? [...all, people.sender] : all;
}

function problemsOf(source: ReadSource, mail: ReadMail, ids: Identity, isCut: boolean): MessageProblem[] {
  const problems: MessageProblem[] = [];
  const add = (code: MessageProblem['code'], detail = '') => problems.push({ code, detail: detail.slice(0, 300) });
  if (ids.messageId === null) add('no-message-id');
  if (ids.sentDate === null) add('no-date');
  if (mail.from.length > 1) add('several-from');
  for (const code of ['header-limit', 'part-limit', 'depth-limit', 'truncated'] as const) if (source.structureProblems.has(code)) add(code);
  if (source.isTextCut || isCut) add('text-limit');
  if (source.unknownCharsets.length > 0) add('unknown-charset', cleanLine(source.unknownCharsets.join(', '), 200));
  return problems;
}

/** What is told of an attachment. */
export function attachmentOf(found: FoundAttachment): Attachment {
  const { part, index, sizeBytes } = found;
  const contentId = cleanLine(contentIdOf(part), 500);
  return {
    index,
    fileName: cleanFileName(fileNameOf(part), part.type, index + 1),
    mimeType: part.type,
    sizeBytes,
    isInline: contentId !== '' && isPictureOfText(part),
    contentId: contentId === '' ? null : contentId,
  };
}

function contentIdOf(part: Part): string {
  const field = part.fields.find((one) => one.name === 'content-id');
  return field ? fieldText(field).replace(/^<|>$/g, '').trim() : '';
}

/** "inline" alone says nothing: some programs send every file so. */
const isPictureOfText = (part: Part): boolean => part.type.startsWith('image/') && part.disposition !== 'attachment' && isInRelated(part);

function isInRelated(part: Part): boolean {
  for (let parent = part.parent; parent; parent = parent.parent) if (parent.type === 'multipart/related') return true;
  return false;
}

/** Content-Disposition first; RFC 2231 forms are decoded already, encoded words (which RFC 2047 forbids here) are tolerated. */
export function fileNameOf(part: Part): string {
  for (const [fieldName, param] of [
    ['content-disposition', 'filename'],
    ['content-type', 'name'],
  ] as const) {
    const field = part.fields.find((one) => one.name === fieldName);
    if (!field) continue;
    const { params, decoded } = parseStructured(fieldText(field));
    const value = params.get(param);
    if (value !== undefined && value !== '') return decoded.has(param) ? value : decodeWords(value);
  }
  return '';
}

/** Text of invitations: found by search, since the mail around them often says nothing. */
function calendars(attachments: readonly FoundAttachment[]): string[] {
  return attachments
    .filter((one) => one.part.type === 'text/calendar' && one.content !== null)
    .map((one) => calendarWords(decodeBytes(one.content as Buffer, one.part.params.get('charset') ?? '')));
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}
