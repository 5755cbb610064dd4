/** Names of the files in an archive, where they can be read, and whether a password is needed for them. */
export interface PackedNames {
  readonly names: readonly string[];
  readonly isEncrypted: boolean;
}

const MAX_ENTRIES = 5_000;
const RAR4 = Buffer.from('Rar!\x1a\x07\0', 'latin1');
const RAR5 = Buffer.from('Rar!\x1a\x07\x01\0', 'latin1');

/** Lists a RAR archive of version 4 or 5 by its headers. Null where they cannot be followed to the end. */
export function listRar(bytes: Buffer): PackedNames | null {
  try {
    if (bytes.subarray(0, RAR5.length).equals(RAR5)) return listRar5(bytes);
    return bytes.subarray(0, RAR4.length).equals(RAR4) ? listRar4(bytes) : null;
  } catch (error) {
    if (error instanceof RangeError) return null; // a field beyond the last byte
    throw error;
  }
}

/** Blocks of version 4: checksum, type, flags, size; then the size of what follows, where flag 0x8000 says so. */
function listRar4(bytes: Buffer): PackedNames | null {
  const names: string[] = [];
  let isEncrypted = false;
  for (let at = RAR4.length; at < bytes.length;) {
    const type = bytes.readUInt8(at + 2);
    const flags = bytes.readUInt16LE(at + 3);
    const size = bytes.readUInt16LE(at + 5);
    if (size < 7 || names.length >= MAX_ENTRIES) return null;
    if (type === 0x73 && (flags & 0x80) !== 0) return { names, isEncrypted: true };
    if (type === 0x74) {
      const name = at + 32 + ((flags & 0x100) !== 0 ? 8 : 0);
      names.push(nameOf(bytes.subarray(name, name + bytes.readUInt16LE(at + 26))));
      isEncrypted ||= (flags & 0x04) !== 0;
    }
    if (type === 0x7b) break;
    at += size + ((flags & 0x8000) !== 0 || type === 0x74 ? bytes.readUInt32LE(at + 7) : 0);
  }
  return { names, isEncrypted };
}

/** Behind a plain name of version 4 the same one may follow packed, as Unicode. */
function nameOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** Numbers of seven bits a byte, the lowest first. */
class Fields {
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; shift < 50; shift += 7) {
      const byte = this.#bytes.readUInt8(this.at);
      this.at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('number');
  }
}

/** Blocks of version 5: checksum, size, type, flags, size of the extra area, size of what follows. */
function listRar5(bytes: Buffer): PackedNames | null {
  const names: string[] = [];
  let isEncrypted = false;
  for (let at = RAR5.length; at < bytes.length;) {
    const fields = new Fields(bytes, at + 4);
    const size = fields.number();
    const begin = fields.at;
    const type = fields.number();
    const flags = fields.number();
    const extra = (flags & 1) !== 0 ? fields.number() : 0;
    const follows = (flags & 2) !== 0 ? fields.number() : 0;
    if (size === 0 || names.length >= MAX_ENTRIES) return null;
    if (type === 4) return { names, isEncrypted: true };
    if (type === 2) {
      names.push(rar5Name(bytes, fields));
      isEncrypted ||= hasEncryption(bytes, begin + size - extra, begin + size);
    }
    if (type === 5) break;
    at = begin + size + follows;
  }
  return { names, isEncrypted };
}

function rar5Name(bytes: Buffer, fields: Fields): string {
  const flags = fields.number();
  fields.number(); // unpacked size
  fields.number(); // attributes
  fields.at += ((flags & 2) !== 0 ? 4 : 0) + ((flags & 4) !== 0 ? 4 : 0);
  fields.number(); // method
  fields.number(); // system
  const length = fields.number();
  return bytes.toString('utf8', fields.at, fields.at + length);
}

/** Records of the extra area: size, type; 1 is that of encryption. */
function hasEncryption(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to;) {
    const fields = new Fields(bytes, at);
    const size = fields.number();
    const begin = fields.at;
    if (size === 0) return false;
    if (fields.number() === 1) return true;
    at = begin + size;
  }
  return false;
}

/** AES-256 with SHA-256, the one method of 7z to encrypt (its id in the list of methods). */
const SEVEN_AES = Buffer.from('06f10701', 'hex');

/** Whether the directory of a 7z archive names encryption; where it is packed, too, only its own. */
export function isLocked7z(bytes: Buffer): boolean {
  if (bytes.length < 32) return false;
  const at = 32 + Number(bytes.readBigUInt64LE(12));
  const length = Number(bytes.readBigUInt64LE(20));
  return at < bytes.length && bytes.subarray(at, at + length).includes(SEVEN_AES);
}
