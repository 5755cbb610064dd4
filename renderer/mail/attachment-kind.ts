import type { Attachment } from '../../shared/model/message.ts';

/** What may be done with an attachment inside the app, besides saving. */
export type AttachmentKind = 'image' | 'text' | 'pdf' | 'other';

const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
};
const TEXTS = new Set(['txt', 'text', 'log', 'csv', 'tsv', 'md', 'ics', 'vcf', 'diff', 'patch']);

/**
 * Decides by name first, since the name is what the system goes by. A picture or text must be named and declared as one;
 * when the two differ it can only be saved. SVG and HTML are never shown as attachments.
 */
export function attachmentKind({ fileName, mimeType }: Pick<Attachment, 'fileName' | 'mimeType'>): AttachmentKind {
  const ending = /\.([^.]*)$/u.exec(fileName.replace(/:.*$/su, '').replace(/[.\s]+$/u, ''))?.[1]?.toLowerCase() ?? '';
  const type = mimeType.toLowerCase();
  const isImageType = Object.values(IMAGES).includes(type) || type === 'image/jpg';
  if (isImageType && (ending === '' || ending in IMAGES)) return 'image';
  if ((type === 'application/pdf' || type === 'application/x-pdf') && (ending === '' || ending === 'pdf')) return 'pdf';
  if (type.startsWith('text/') && type !== 'text/html' && type !== 'text/xml' && (ending === '' || TEXTS.has(ending))) return 'text';
  return 'other';
}

const PDF_MARK = '%PDF-';
/** Readers accept the mark of a PDF within so many first bytes. */
const PDF_HEAD_BYTES = 1024;

/** Whether this begins like a PDF. */
export const isPdf = (content: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(content.subarray(0, PDF_HEAD_BYTES)).includes(PDF_MARK);
