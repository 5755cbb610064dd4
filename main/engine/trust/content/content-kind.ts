import type { ContentKind } from '../../../../shared/model/content-kind.ts';
import { imageTypeOf } from '../../../../shared/trust/image-type.ts';
import { textKindOf } from './text-kind.ts';

/** What packer or program made it, where its content is looked into. */
export type ContentForm = 'zip' | 'tar' | 'gzip' | 'rar' | '7z' | 'closed' | 'compound' | 'rtf' | 'pdf' | 'other';

export interface Recognised {
  readonly kind: ContentKind;
  readonly form: ContentForm;
}

type Magic = readonly [kind: ContentKind, form: ContentForm, at: number, bytes: string];

/**
 * Marks by which files are known, as Latin-1. From their makers' specifications (PE, ELF, Mach-O, MS-SHLLINK, MS-CFB, MS-ONESTORE, VHD, VHDX,
 * ECMA-119, APPNOTE, RAR 5, 7z, RFC 1952, RFC 8878, POSIX ustar, SWF) and the Unix magic database, which agree.
 */
const MAGIC: readonly Magic[] = [
  ['program', 'other', 0, '\x7fELF'],
  ['program', 'other', 0, '\xfe\xed\xfa\xce'],
  ['program', 'other', 0, '\xfe\xed\xfa\xcf'],
  ['program', 'other', 0, '\xce\xfa\xed\xfe'],
  ['program', 'other', 0, '\xcf\xfa\xed\xfe'],
  // A Mach-O for several machines, and a Java class.
  ['program', 'other', 0, '\xca\xfe\xba\xbe'],
  ['program', 'other', 0, 'dex\n'],
  ['program', 'other', 0, '\0asm'],
  ['program', 'other', 0, '!<arch>\ndebian'],
  ['program', 'other', 0, '\xed\xab\xee\xdb'],
  ['program', 'other', 0, 'xar!'],
  ['program', 'other', 0, 'ITSF'],
  ['program', 'other', 0, '?_\x03\0'],
  ['program', 'other', 0, '\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3'],
  ['shortcut', 'other', 0, 'L\0\0\0\x01\x14\x02\0'],
  ['disk-image', 'other', 0, 'conectix'],
  ['disk-image', 'other', 0, 'vhdxfile'],
  ['disk-image', 'other', 0, 'KDMV'],
  ['disk-image', 'other', 0, 'MSWIM\0\0\0'],
  ['disk-image', 'other', 0, 'QFI\xfb'],
  ['disk-image', 'other', 0x8001, 'CD001'],
  ['disk-image', 'other', 0x8001, 'BEA01'],
  ['archive', 'zip', 0, 'PK\x03\x04'],
  ['archive', 'zip', 0, 'PK\x05\x06'],
  ['archive', 'rar', 0, 'Rar!\x1a\x07'],
  ['archive', '7z', 0, "7z\xbc\xaf'\x1c"],
  ['archive', 'gzip', 0, '\x1f\x8b\x08'],
  ['archive', 'tar', 257, 'ustar'],
  ['archive', 'closed', 0, 'BZh'],
  ['archive', 'closed', 0, '\xfd7zXZ\0'],
  ['archive', 'closed', 0, '(\xb5/\xfd'],
  ['archive', 'closed', 0, 'MSCF\0\0\0\0'],
  ['archive', 'closed', 2, '-lh'],
  ['archive', 'closed', 7, '**ACE**'],
  ['archive', 'closed', 0, '\x60\xea'],
  ['document', 'compound', 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['document', 'rtf', 0, '{\\rt'],
  ['pdf', 'pdf', 0, '%PDF-'],
  ['picture', 'other', 0, 'II*\0'],
  ['picture', 'other', 0, 'MM\0*'],
];

/** Kinds that do something on a computer when they are opened. */
export const ACTING: ReadonlySet<ContentKind> = new Set(['program', 'script', 'web-page', 'shortcut', 'settings', 'disk-image']);

/** Readers of PDF take its mark anywhere in so many first bytes. */
const PDF_HEAD_BYTES = 1024;
const TEXT_HEAD_BYTES = 8 * 1024;
/** Trailers by which disk images are known: VHD of a fixed size, and Apple's. */
const TRAILERS = ['conectix', 'koly'];
const TRAILER_BYTES = 512;

/**
 * What a file is by all of its bytes, whatever its name; null where nothing is known of them. Pure.
 */
export function recognise(content: Buffer): Recognised | null {
  if (isProgram(content)) return { kind: 'program', form: 'other' };
  const found = MAGIC.find(([, , at, bytes]) => content.subarray(at, at + bytes.length).equals(Buffer.from(bytes, 'latin1')));
  if (found) return { kind: found[0], form: found[1] };
  if (isPicture(content)) return { kind: 'picture', form: 'other' };
  if (TRAILERS.some((mark) => content.subarray(-TRAILER_BYTES).indexOf(mark, 0, 'latin1') === 0)) {
    return { kind: 'disk-image', form: 'other' };
  }
  const text = textKindOf(content.subarray(0, TEXT_HEAD_BYTES));
  if (text !== null) return { kind: text, form: 'other' };
  return content.subarray(0, PDF_HEAD_BYTES).includes('%PDF-', 0, 'latin1') ? { kind: 'pdf', form: 'pdf' } : null;
}

/** DOS and Windows programs, and Flash: marks of two or three letters that a text could begin with, too. */
function isProgram(content: Buffer): boolean {
  const mark = content.toString('latin1', 0, 3);
  if (/^[FCZ]WS$/u.test(mark)) return (content[3] ?? 0xff) < 0x40;
  return mark.startsWith('MZ') && content.subarray(0, 512).includes(0);
}

function isPicture(content: Buffer): boolean {
  const type = imageTypeOf(content);
  // "BM" alone begins many a text; behind the length of a bitmap four bytes are zero.
  return type !== null && (type !== 'image/bmp' || content.subarray(6, 10).equals(Buffer.alloc(4)));
}
