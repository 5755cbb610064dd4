/** One file in a zip archive, as its directory lists it. */
export interface ZipEntry {
  readonly name: string;
  readonly isEncrypted: boolean;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly packedBytes: number;
  /** Of its content within the archive. */
  readonly offset: number;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
export const MAX_ZIP_ENTRIES = 5_000;

/**
 * Files that an archive holds, by its directory. Null where that cannot be trusted: no directory, one that lies beyond the bytes, more
 * than one reading (names that differ between directory and file, a second end), zip64, or more files than anybody looks through.
 */
export function listZip(bytes: Buffer): ZipEntry[] | null {
  const end = findEnd(bytes);
  if (end < 0) return null;
  const count = bytes.readUInt16LE(end + 10);
  const size = bytes.readUInt32LE(end + 12);
  const start = bytes.readUInt32LE(end + 16);
  if (count > MAX_ZIP_ENTRIES || bytes.readUInt16LE(end + 8) !== count || start + size !== end) return null;
  const entries: ZipEntry[] = [];
  let at = start;
  for (let n = 0; n < count; n += 1) {
    const read = readEntry(bytes, at, end);
    if (read === null) return null;
    entries.push(read.entry);
    at = read.next;
  }
  return at === end ? entries : null;
}

/** The end of the directory: its comment reaches to the last byte. Two that fit are one too many. */
function findEnd(bytes: Buffer): number {
  const least = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT_BYTES);
  let found = -1;
  for (let at = bytes.length - END_BYTES; at >= least; at -= 1) {
    if (bytes.readUInt32LE(at) !== END_SIGNATURE || at + END_BYTES + bytes.readUInt16LE(at + 20) !== bytes.length) continue;
    if (found >= 0) return -1;
    found = at;
  }
  return found;
}

function readEntry(bytes: Buffer, at: number, end: number): { entry: ZipEntry; next: number } | null {
  if (at + ENTRY_BYTES > end || bytes.readUInt32LE(at) !== ENTRY_SIGNATURE) return null;
  const nameBytes = bytes.readUInt16LE(at + 28);
  const next = at + ENTRY_BYTES + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  const local = bytes.readUInt32LE(at + 42);
  if (next > end || local + LOCAL_BYTES > at || bytes.readUInt32LE(local) !== LOCAL_SIGNATURE) return null;
  const name = bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
  const localName = bytes.subarray(local + LOCAL_BYTES, local + LOCAL_BYTES + bytes.readUInt16LE(local + 26));
  if (!localName.equals(name)) return null;
  const entry = {
    name: name.toString('utf8'),
    isEncrypted: (bytes.readUInt16LE(at + 8) & 1) !== 0,
    method: bytes.readUInt16LE(at + 10),
    packedBytes: bytes.readUInt32LE(at + 20),
    offset: local + LOCAL_BYTES + localName.length + bytes.readUInt16LE(local + 28),
  };
  return entry.offset + entry.packedBytes > bytes.length ? null : { entry, next };
}
