import type { Attachment } from '../../../../shared/model/message.ts';
import type { ContentKind } from '../../../../shared/model/content-kind.ts';
import { dangerOfAttachment, endingOf } from '../../../../shared/trust/danger-names.ts';
import { dangerOfGzip, dangerOfListed, dangerOfZip, UNCLEAR } from '../archive-dangers.ts';
import type { DangerFound } from '../danger-found.ts';
import { listZip } from '../zip-list.ts';
import { ACTING, recognise, type ContentForm, type Recognised } from './content-kind.ts';
import { dangerOfCompound, dangerOfOfficeZip, dangerOfRtf, isOfficeZip, isProgramZip } from './document-dangers.ts';
import { dangerOfPdf } from './pdf-dangers.ts';
import { isLocked7z, listRar } from './rar-list.ts';
import { listTar } from './tar-list.ts';

type Named = Pick<Attachment, 'fileName' | 'mimeType'>;

/** What a name promises, by its ending. Only of these it can be said that the bytes are something else. */
const PROMISES: readonly (readonly [kind: ContentKind | 'text' | 'media', endings: string])[] = [
  ['pdf', 'pdf'],
  ['picture', 'png jpg jpeg gif webp bmp tif tiff'],
  ['archive', 'zip 7z rar gz tgz tar bz2 tbz tbz2 txz zst zipx lzma'],
  ['document', 'doc dot docx dotx xls xlt xlsx xltx ppt pps pot pptx ppsx potx rtf odt ods odp vsd vsdx pub mpp'],
  ['text', 'txt text log csv tsv md ics vcf diff patch json asc'],
  ['media', 'mp3 mp4 m4a wav ogg avi mov mkv webm heic'],
];
const BY_ENDING = new Map(PROMISES.flatMap(([kind, endings]) => endings.split(' ').map((ending) => [ending, kind] as const)));
const BY_TYPE: readonly (readonly [kind: ContentKind | 'text' | 'media', type: RegExp])[] = [
  ['pdf', /^application\/(?:x-)?pdf$/iu],
  ['picture', /^image\//iu],
  ['archive', /^application\/(?:zip|x-zip-compressed|gzip|x-tar|x-7z-compressed|vnd\.rar)$/iu],
  ['document', /^application\/(?:msword|rtf|vnd\.(?:ms-|openxmlformats|oasis))/iu],
  ['text', /^text\//iu],
  ['media', /^(?:audio|video)\//iu],
];
/** What a program that shows text shows as text. */
const HARMLESS_AS_TEXT = new Set<ContentKind>(['script', 'web-page', 'shortcut', 'settings']);

function promised({ fileName, mimeType }: Named): ContentKind | 'text' | 'media' | null {
  const ending = endingOf(fileName);
  if (ending !== '') return BY_ENDING.get(ending) ?? null;
  return BY_TYPE.find(([, type]) => type.test(mimeType.trim()))?.[0] ?? null;
}

/** Whether an attachment calls itself an archive. */
export const promisesArchive = (attachment: Named): boolean => promised(attachment) === 'archive';

/** Why an attachment can do harm, by its name, its declared type and its bytes, or what it is instead; null where there is nothing to say. */
export async function dangerOfContent(attachment: Named, bytes: Uint8Array): Promise<DangerFound | null> {
  const byName = dangerOfAttachment(attachment);
  if (byName !== null) return byName;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const promise = promised(attachment);
  const seen = recognise(content);
  if (seen === null) return promise === 'archive' ? UNCLEAR : null;
  if (seen.kind === 'markup') return promise === 'text' ? null : { code: 'disguised', named: 'web-page' };
  if (ACTING.has(seen.kind)) {
    const isText = promise === 'text' && HARMLESS_AS_TEXT.has(seen.kind);
    return { code: isText ? 'other-content' : 'disguised', named: seen.kind };
  }
  const inside = await dangerInside(attachment, content, promise, seen.form);
  return inside ?? otherContent(promise, seen);
}

function otherContent(promise: ReturnType<typeof promised>, { kind, form }: Recognised): DangerFound | null {
  if (promise === null || promise === kind) return null;
  // Documents are zip archives, too.
  if (form === 'zip' && (promise === 'archive' || promise === 'document')) return null;
  return { code: 'other-content', named: kind };
}

async function dangerInside(
  { fileName }: Named,
  content: Buffer,
  promise: ReturnType<typeof promised>,
  form: ContentForm,
): Promise<DangerFound | null> {
  switch (form) {
    case 'zip':
      return dangerInZip(content, promise);
    case 'tar':
      return dangerOfListed(listTar(content));
    case 'gzip':
      return dangerOfGzip(content, fileName);
    case 'rar': {
      const listed = listRar(content);
      return dangerOfListed(listed?.names ?? null, listed?.isEncrypted);
    }
    case '7z':
      return isLocked7z(content) ? { code: 'locked-archive', named: '' } : UNCLEAR;
    case 'closed':
      return UNCLEAR;
    case 'compound':
      return dangerOfCompound(content);
    case 'rtf':
      return dangerOfRtf(content);
    case 'pdf':
      return dangerOfPdf(content);
    case 'other':
      return null;
  }
}

async function dangerInZip(content: Buffer, promise: ReturnType<typeof promised>): Promise<DangerFound | null> {
  const entries = listZip(content);
  if (entries === null) {
    // Not every program that writes documents keeps to the letter of the format.
    if (promise !== 'document') return UNCLEAR;
    return content.includes('vbaProject') ? { code: 'has-macros', named: '' } : null;
  }
  if (isOfficeZip(entries)) return dangerOfOfficeZip(content, entries);
  if (promise !== 'archive' && isProgramZip(entries)) return { code: 'disguised', named: 'program' };
  const danger = await dangerOfZip(content);
  // Where the name promised no archive, that it is one is the least to be said.
  if (danger !== null || promise === 'archive' || promise === null) return danger;
  return { code: 'other-content', named: 'archive' };
}
