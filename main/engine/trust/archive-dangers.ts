import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { AttachmentDanger } from '../../../shared/model/trust.ts';
import { dangerOfName, endingOf } from '../../../shared/trust/danger-names.ts';
import { listZip, type ZipEntry } from './zip-list.ts';

const inflate = promisify(inflateRaw);

/** Archives within an archive that are opened, and what one of them may come to. */
const MAX_INNER = 10;
const MAX_INNER_BYTES = 16 * 1024 * 1024;
const MAX_NAME_CHARS = 255;

type Found = Omit<AttachmentDanger, 'index'>;

const UNCLEAR: Found = { code: 'unclear-archive', named: '' };
const isZip = (name: string): boolean => endingOf(name) === 'zip';
/** Other packers: what is in them is not looked at. */
const OTHER_ARCHIVES = new Set('7z bz2 gz lz lzma rar tar tbz tbz2 tgz txz zipx zst'.split(' '));

/** True for an archive whose content is not looked at. */
export const isClosedArchive = (fileName: string): boolean => OTHER_ARCHIVES.has(endingOf(fileName));

/** Why a zip archive is dangerous; null where nothing in it, or in the archives in it, is. */
export async function dangerOfZip(bytes: Buffer): Promise<Found | null> {
  const entries = listZip(bytes);
  if (entries === null) return UNCLEAR;
  const own = dangerOfEntries(entries);
  if (own !== null) return own;
  const inner = entries.filter(({ name }) => isZip(name));
  if (inner.length > MAX_INNER) return UNCLEAR;
  for (const entry of inner) {
    const found = await dangerOfInner(bytes, entry);
    if (found !== null) return found;
  }
  return null;
}

function dangerOfEntries(entries: readonly ZipEntry[]): Found | null {
  const risky = entries.find(({ name }) => dangerOfName(name) !== null);
  if (risky) return { code: 'holds-risky', named: (risky.name.split(/[\\/]/u).at(-1) ?? '').slice(0, MAX_NAME_CHARS) };
  if (entries.some(({ isEncrypted }) => isEncrypted)) return { code: 'locked-archive', named: '' };
  return entries.some(({ name }) => isClosedArchive(name)) ? UNCLEAR : null;
}

/** One level down and no further: an archive in an archive in an archive is unclear. */
async function dangerOfInner(bytes: Buffer, { method, offset, packedBytes }: ZipEntry): Promise<Found | null> {
  const packed = bytes.subarray(offset, offset + packedBytes);
  let content: Buffer = packed;
  try {
    if (method === 8) content = await inflate(packed, { maxOutputLength: MAX_INNER_BYTES });
    else if (method !== 0) return UNCLEAR;
  } catch {
    return UNCLEAR; // damaged, or larger than anybody needs
  }
  const entries = listZip(content);
  if (entries === null || entries.some(({ name }) => isZip(name))) return UNCLEAR;
  return dangerOfEntries(entries);
}
