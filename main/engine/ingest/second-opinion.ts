import type { Address } from '../../../shared/model/message.ts';
import type { ReadMail } from './mailparser-reader.ts';
import type { ReadSource } from './message-reader.ts';
import { fieldText } from './skeleton.ts';

/** An encoded word that was left undecoded, or a character that could not be decoded. */
const BROKEN_TEXT = /=\?[^?\s]{1,60}\?[bq]\?[^?]*\?=|\ufffd/i;

/** Bytes of text of which something must be left. */
const MUCH_TEXT = 4096;

/** Signs that a reading is wrong: it found less than the source plainly holds. Cheap; false for nearly every mail. */
export function looksWrong(source: ReadSource, mail: ReadMail): boolean {
  if (BROKEN_TEXT.test(mail.subject) || (mail.subject === '' && hasBody(source, 'subject'))) return true;
  for (const name of ['from', 'to'] as const) if (lacksPeople(source, name, mail[name]) || !isSound(mail[name])) return true;
  return source.textBytes > MUCH_TEXT && mail.text.trim() === '' && mail.html.trim() === '';
}

/** The first opinion with the gaps filled from the second, then from the plain reading. */
export function mergeOpinions(first: ReadMail, second: ReadMail, plain: ReadMail): ReadMail {
  const people = (name: 'from' | 'sender' | 'replyTo' | 'to' | 'cc' | 'bcc'): readonly Address[] =>
    bestOf([first[name], second[name], plain[name]]);
  const subject = [first, second, plain].map((one) => one.subject).find((text) => text !== '' && !BROKEN_TEXT.test(text));
  return {
    subject: subject ?? (first.subject || second.subject || plain.subject),
    from: people('from'),
    sender: people('sender'),
    replyTo: people('replyTo'),
    to: people('to'),
    cc: people('cc'),
    bcc: people('bcc'),
    text: first.text.trim() !== '' ? first.text : second.text,
    ...htmlOf(first.html.trim() !== '' ? first : second),
  };
}

const htmlOf = ({ html, htmlParts }: ReadMail): Pick<ReadMail, 'html' | 'htmlParts'> => ({ html, ...(htmlParts ? { htmlParts } : {}) });

function hasBody(source: ReadSource, name: string): boolean {
  return source.fields.some((field) => field.name === name && fieldText(field) !== '');
}

function lacksPeople(source: ReadSource, name: string, found: readonly Address[]): boolean {
  return !hasAddress(found) && source.fields.some((field) => field.name === name && fieldText(field).includes('@'));
}

/** The first list that is sound, else the first with an address, else the longest. */
function bestOf(lists: readonly (readonly Address[])[]): readonly Address[] {
  return lists.find((list) => hasAddress(list) && isSound(list)) ?? lists.find(hasAddress) ?? longest(lists);
}

/** False where brackets or quotation marks of the field were taken for a part of a name or an address. */
function isSound(list: readonly Address[]): boolean {
  return list.every(({ name, address }) => !/[<>]/.test(name) && !/[\s<>"]/.test(address));
}

function hasAddress(list: readonly Address[]): boolean {
  return list.some((one) => one.address.includes('@'));
}

function longest(lists: readonly (readonly Address[])[]): readonly Address[] {
  return lists.reduce((best, list) => (list.length > best.length ? list : best));
}
