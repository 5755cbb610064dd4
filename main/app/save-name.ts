import path from 'node:path';

const MAX_NAME_BYTES = 200;
/** Names that Windows gives to devices, with any ending (`CON.txt` too). */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;
/** Path parts, shell and Windows specials, controls, and what reorders or hides letters of a shown name. */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- control characters are what is removed here
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb<>:"/\\|?*]/gu;

/**
 * The name proposed in the save dialog for an attachment: one plain file name on every system, never a path, never
 * hidden, with the ending that the mail gave it (the last one, so that what is saved is what the dialog says).
 */
export function safeSaveName(fileName: string): string {
  const cleaned = fileName
    .normalize('NFC')
    .replaceAll(UNSAFE, '_')
    .replace(/^[\s.]+/u, '')
    .replace(/[\s.]+$/u, '');
  if (cleaned.replaceAll('_', '') === '') return 'attachment';
  const extension = path.extname(cleaned).slice(0, 20);
  const stem = cleaned.slice(0, cleaned.length - path.extname(cleaned).length);
  const safeStem = DEVICE.test(stem.split('.')[0]?.trim() ?? '') ? `_${stem}` : stem;
  return `${cutToBytes(safeStem, MAX_NAME_BYTES - Buffer.byteLength(extension))}${extension}`;
}

function cutToBytes(text: string, maxBytes: number): string {
  let used = 0;
  let kept = '';
  for (const letter of text) {
    used += Buffer.byteLength(letter);
    if (used > maxBytes) break;
    kept += letter;
  }
  return kept;
}
