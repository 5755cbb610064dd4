import { promisify } from 'node:util';
import { gunzip, inflateRaw } from 'node:zlib';
import { dangerOfName, endingOf } from '../../../shared/trust/danger-names.ts';
import { ACTING, recognise } from './content/content-kind.ts';
import { listTar } from './content/tar-list.ts';
import type { DangerFound } from './danger-found.ts';
import { listZip, type ZipEntry } from './zip-list.ts';

const inflate = promisify(inflateRaw);
const unpack = promisify(gunzip);

/** Archives within an archive that are opened, and what one of them may come to. */
const MAX_INNER = 10;
const MAX_INNER_BYTES = 16 * 1024 * 1024;
const MAX_NAME_CHARS = 255;

export const UNCLEAR: DangerFound = { code: 'unclear-archive', named: '' };
const LOCKED: DangerFound = { code: 'locked-archive', named: '' };
const isZip = (name: string): boolean => endingOf(name) === 'zip';
/** Other packers: what is in them is not looked at. */
const OTHER_ARCHIVES = new Set('7z bz2 gz lz lzma rar tar tbz tbz2 tgz txz zipx zst'.split(' '));

/** True for a name of an archive that is not looked into where it lies in another. */
const isClosedArchive = (fileName: string): boolean => OTHER_ARCHIVES.has(endingOf(fileName));

/** Why a zip archive is dangerous; null where nothing in it, or in the archives in it, is. */
export async function dangerOfZip(bytes: Buffer): Promise<DangerFound | null> {
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

function dangerOfEntries(entries: readonly ZipEntry[]): DangerFound | null {
  return dangerOfNames(
    entries.map(({ name }) => name),
    entries.some(({ isEncrypted }) => isEncrypted),
  );
}

function dangerOfNames(names: readonly string[], isEncrypted: boolean): DangerFound | null {
  const risky = names.find((name) => dangerOfName(name) !== null);
  if (risky !== undefined) return holdsRisky(risky);
  if (isEncrypted) return LOCKED;
  return names.some(isClosedArchive) ? UNCLEAR : null;
}

const holdsRisky = (name: string): DangerFound => ({
  code: 'holds-risky',
  named: (name.split(/[\\/]/u).at(-1) ?? '').slice(0, MAX_NAME_CHARS),
});

/** Why an archive with these names is dangerous; without names it cannot be looked into. An archive within it is not opened. */
export function dangerOfListed(names: readonly string[] | null, isEncrypted = false): DangerFound | null {
  if (names === null) return UNCLEAR;
  return dangerOfNames(names, isEncrypted) ?? (names.some(isZip) ? UNCLEAR : null);
}

/** Why a gzip file is dangerous: one file, or a tar archive, that may come to so much. */
export async function dangerOfGzip(bytes: Buffer, fileName: string): Promise<DangerFound | null> {
  let content: Buffer;
  try {
    content = await unpack(bytes, { maxOutputLength: MAX_INNER_BYTES });
  } catch {
    return UNCLEAR; // damaged, or larger than anybody needs
  }
  const seen = recognise(content);
  if (seen?.form === 'tar') return dangerOfListed(listTar(content));
  const name = fileName.replace(/\.(?:gz|tgz)[.\s]*$/iu, '');
  if (dangerOfName(name) !== null || (seen !== null && ACTING.has(seen.kind))) return holdsRisky(name);
  return seen?.kind === 'archive' ? UNCLEAR : null;
}

/** One level down and no further: an archive in an archive in an archive is unclear. */
async function dangerOfInner(bytes: Buffer, { method, offset, packedBytes }: ZipEntry): Promise<DangerFound | null> {
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
