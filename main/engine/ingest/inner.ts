import { MailError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import { containerKind, type ContainerKind } from '../../../shared/model/container.ts';
import type { Attachment } from '../../../shared/model/message.ts';
import { cleanLine } from '../mime/clean-text.ts';
import { cleanFileName } from '../mime/file-name.ts';
import type { FoundAttachment, Wanted } from './attachment-list.ts';
import { MessageReader } from './message-reader.ts';
import { attachmentOf } from './parse-message.ts';
import type { Piece } from './piece.ts';
import { Segmenter } from './segmenter.ts';
import { readTnef, type TnefContent, type TnefFile } from './tnef/read-tnef.ts';

/** Types by the ending of a name, where a winmail.dat does not say them: of files that can be previewed, and of containers. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', bmp: 'image/bmp' },
  ...{ txt: 'text/plain', csv: 'text/csv', ics: 'text/calendar', vcf: 'text/vcard', pdf: 'application/pdf', eml: 'message/rfc822' },
};

/** One attachment with its content. */
export interface Taken {
  readonly attachment: Attachment;
  readonly content: Buffer;
}

/** The bytes of a mail or winmail.dat that lies in a mail. */
export interface Container {
  readonly kind: ContainerKind;
  readonly content: Buffer;
}

export const notFound = (detail: string): MailError => new MailError('not-found', { scope: 'message', retry: 'never', detail });
const tooLarge = (sizeBytes: number): MailError =>
  new MailError('message-too-large', { scope: 'message', retry: 'never', detail: `attachment of ${sizeBytes} bytes` });

/** Cuts the bytes of an inner mail as those of a stored one are. */
export const piecesOf = (content: Buffer): Piece[] => new Segmenter().whole(content);

/** A reader that keeps the content of one attachment, where it is not larger than this. */
export function readerOf(index: number, maxBytes: number): MessageReader {
  const wanted: Wanted = (_, at) => (at === index ? Math.max(1, maxBytes) : 0);
  return new MessageReader({ maxTextBytes: 0, wanted });
}

/** The attachment that was wanted of a reader. @throws MailError not-found, message-too-large */
export function takenFrom(found: readonly FoundAttachment[], index: number, maxBytes: number): Taken {
  const one = found[index];
  if (!one) throw notFound(`attachment of ${found.length}`);
  if (!one.content || one.sizeBytes > maxBytes) throw tooLarge(one.sizeBytes);
  return { attachment: attachmentOf(one), content: one.content };
}

/** What an attachment holds. @throws MailError not-found when it is no container */
export function containerOf({ attachment, content }: Taken): Container {
  const kind = containerKind(attachment);
  if (kind === null) throw notFound('nothing lies in this attachment');
  return { kind, content };
}

/** An attachment of a container. @throws MailError not-found, message-too-large */
export function takeFrom({ kind, content }: Container, index: number, maxBytes: number): Taken {
  if (kind === 'tnef') {
    const file = readTnef(content)?.files[index];
    if (!file) throw notFound('file of winmail.dat');
    if (file.content.length > maxBytes) throw tooLarge(file.content.length);
    return { attachment: fileOf(file, index), content: file.content };
  }
  const reader = readerOf(index, maxBytes);
  for (const piece of piecesOf(content)) reader.push(piece);
  return takenFrom(reader.finish().attachments, index, maxBytes);
}

/** Goes down from an attachment: each number is the place of the next one in it. @throws as takeFrom and containerOf */
export function descend(first: Taken, path: readonly number[], maxBytes: number): Taken {
  let taken = first;
  for (const [n, index] of path.entries()) {
    taken = takeFrom(containerOf(taken), index, n === path.length - 1 ? maxBytes : limits.maxInnerBytes);
  }
  return taken;
}

/** Files of a winmail.dat as attachments. */
export const filesOf = (tnef: TnefContent): Attachment[] => tnef.files.map(fileOf);

function fileOf({ name, mimeType, contentId, content }: TnefFile, index: number): Attachment {
  const ending = /\.([a-z0-9]{1,5})\s*$/iu.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/u.test(mimeType)
    ? mimeType
    : (TYPES[ending] ?? 'application/octet-stream');
  const id = cleanLine(contentId, 500);
  return {
    index,
    fileName: cleanFileName(name, type, index + 1),
    mimeType: type,
    sizeBytes: content.length,
    isInline: false,
    contentId: id === '' ? null : id,
  };
}
