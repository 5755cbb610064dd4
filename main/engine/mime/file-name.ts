import { limits } from '../../../shared/limits.ts';
import { cleanLine, cutChars } from './clean-text.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/ics': 'ics',
  'application/json': 'json',
  'application/ms-tnef': 'dat',
  'application/msword': 'doc',
  'application/pdf': 'pdf',
  'application/pgp-encrypted': 'asc',
  'application/pgp-keys': 'asc',
  'application/pgp-signature': 'asc',
  'application/pkcs7-mime': 'p7m',
  'application/pkcs7-signature': 'p7s',
  'application/rtf': 'rtf',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/x-pkcs7-mime': 'p7m',
  'application/x-pkcs7-signature': 'p7s',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'image/bmp': 'bmp',
  'image/gif': 'gif',
  'image/heic': 'heic',
  'image/jpeg': 'jpg',
  'image/jpg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/tiff': 'tiff',
  'image/webp': 'webp',
  'message/delivery-status': 'txt',
  'message/disposition-notification': 'txt',
  'message/global': 'eml',
  'message/rfc822': 'eml',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/rfc822-headers': 'txt',
  'text/vcard': 'vcf',
  'text/x-vcard': 'vcf',
  'video/mp4': 'mp4',
};

const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;

/**
 * A file name that is safe to show and to offer for saving: no path, no control or bidirectional characters, no name that
 * Windows reserves, at most limits.maxFileNameChars, never empty. `ordinal` counts from 1.
 */
export function cleanFileName(given: string, mimeType: string, ordinal: number): string {
  // The extension of an endless name is at its end.
  const bounded = given.length > 4 * limits.maxFileNameChars ? given.slice(0, 2 * limits.maxFileNameChars) + given.slice(-50) : given;
  const name = cleanLine(bounded, bounded.length)
    .replace(/[/\\:*?"<>|]+/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const safe = RESERVED.test(name) ? `_${name}` : name;
  if (safe === '' || /^_+$/.test(safe)) return fallbackName(mimeType, ordinal);
  return shortened(safe);
}

function fallbackName(mimeType: string, ordinal: number): string {
  const stem = mimeType === 'message/rfc822' ? 'message' : mimeType.startsWith('image/') ? 'image' : 'attachment';
  return `${stem}-${ordinal}.${EXTENSIONS[mimeType] ?? (mimeType.startsWith('text/') ? 'txt' : 'bin')}`;
}

/** Cuts the stem, not the extension. */
function shortened(name: string): string {
  if (name.length <= limits.maxFileNameChars) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 20 ? name.slice(dot) : '';
  return cutChars(name, limits.maxFileNameChars - extension.length) + extension;
}
