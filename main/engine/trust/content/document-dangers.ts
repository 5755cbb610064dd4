import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { DangerFound } from '../danger-found.ts';
import type { ZipEntry } from '../zip-list.ts';

const inflate = promisify(inflateRaw);
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** Names of directory entries of a compound file (MS-CFB 2.6), and class ids of Windows installer packages. */
const VBA = utf16('_VBA_PROJECT');
const PACKED_OBJECT = utf16('\x01Ole10Native');
const ENCRYPTED = utf16('EncryptedPackage');
const INSTALLER = ['84100c0000000000c000000000000046', '86100c0000000000c000000000000046', '82100c0000000000c000000000000046'].map((id) =>
  Buffer.from(id, 'hex'),
);

const MACROS: DangerFound = { code: 'has-macros', named: '' };
const EMBEDDED: DangerFound = { code: 'embedded-file', named: '' };

/** Why a document of old Office programs, or a package that is stored like one, can do harm; null where nothing is found. */
export function dangerOfCompound(content: Buffer): DangerFound | null {
  if (INSTALLER.some((id) => content.includes(id))) return { code: 'disguised', named: 'program' };
  if (content.includes(VBA) || hasMacroSheet(content)) return MACROS;
  if (content.includes(PACKED_OBJECT)) return EMBEDDED;
  return content.includes(ENCRYPTED) ? { code: 'locked-archive', named: '' } : null;
}

/** A BoundSheet8 record (MS-XLS 2.4.28) of an Excel 4.0 macro sheet: type 0x85, its length, place, state, `1`, and a name that fills it. */
function hasMacroSheet(content: Buffer): boolean {
  for (
    let at = content.indexOf('\x85\0', 0, 'latin1');
    at >= 0 && at + 12 <= content.length;
    at = content.indexOf('\x85\0', at + 1, 'latin1')
  ) {
    const chars = content[at + 10] ?? 0;
    const width = (content[at + 11] ?? 0) + 1;
    const isRecord = content.readUInt16LE(at + 2) === 8 + chars * width && chars > 0 && width <= 2 && (content[at + 8] ?? 9) <= 2;
    if (isRecord && content[at + 9] === 1) return true;
  }
  return false;
}

/** Objects in RTF are written as hexadecimal digits after `\objdata`: by them a text comes to be a program. */
export const dangerOfRtf = (content: Buffer): DangerFound | null =>
  /\\obj(?:data|update|class)\b/iu.test(content.toString('latin1')) ? EMBEDDED : null;

const PART_BYTES = 1024 * 1024;
const MAX_PARTS = 20;
/** One element at a time, or a part without an end would be gone through from each of its beginnings. */
const RELATIONSHIP = /<relationship\b[^<>]*>/giu;

/** Whether a zip archive is a document of an office program, by the parts it has. */
export const isOfficeZip = (entries: readonly ZipEntry[]): boolean =>
  entries.some(({ name }) => name === '[Content_Types].xml' || name === 'META-INF/manifest.xml');

/** Whether it is a program that a system starts or installs: Java, Android, Windows. */
export const isProgramZip = (entries: readonly ZipEntry[]): boolean =>
  entries.some(({ name }) =>
    /^(?:META-INF\/MANIFEST\.MF|AndroidManifest\.xml|classes\.dex|AppxManifest\.xml|AppxBlockMap\.xml)$/u.test(name),
  );

/** Why a document of present office programs can do harm; null where nothing is found. */
export async function dangerOfOfficeZip(content: Buffer, entries: readonly ZipEntry[]): Promise<DangerFound | null> {
  const isMacro = ({ name }: ZipEntry): boolean =>
    /(?:^|\/)vbaproject[^/]*\.bin$|\/macrosheets\/|\/activex\/|^scripts\/|^basic\/[^/]+\/(?!script-lb\.xml)[^/]+\.xml$/iu.test(name);
  if (entries.some(isMacro)) return MACROS;
  if (entries.some(({ isEncrypted }) => isEncrypted)) return { code: 'locked-archive', named: '' };
  for (const entry of entries
    .filter(({ name }) => /\/embeddings\/[^/]*\.bin$|\/_rels\/settings\.xml\.rels$/iu.test(name))
    .slice(0, MAX_PARTS)) {
    const part = await partOf(content, entry);
    if (part === null) continue;
    if (entry.name.endsWith('.bin') && part.includes(PACKED_OBJECT)) return EMBEDDED;
    const isRemote = (part.toString('utf8').match(RELATIONSHIP) ?? []).some(
      (one) => /attachedtemplate/iu.test(one) && /\btarget\s*=\s*["']\s*https?:/iu.test(one),
    );
    if (isRemote) return { code: 'remote-template', named: '' };
  }
  return null;
}

/** Content of a part; null where it is damaged or larger than any that is asked for. */
async function partOf(content: Buffer, { method, offset, packedBytes }: ZipEntry): Promise<Buffer | null> {
  const packed = content.subarray(offset, offset + packedBytes);
  if (method === 0) return packed.subarray(0, PART_BYTES);
  try {
    return method === 8 ? await inflate(packed, { maxOutputLength: PART_BYTES }) : null;
  } catch {
    return null; // it is no less a document for it
  }
}
