import { limits } from '../../../../shared/limits.ts';
import { ByteReader, EndOfBytes } from './byte-reader.ts';

/** A property with its first value (MS-OXTNEF 2.1.3.4, MsgPropertyList). */
export interface MapiValue {
  readonly type: number;
  readonly bytes: Buffer;
}

export const propertyType = { string8: 0x1e, unicode: 0x1f, object: 0x0d, binary: 0x102 } as const;

const MULTIPLE = 0x1000;
const FIRST_NAMED = 0x8000;
const NAME_IS_STRING = 1;
const VARIABLE: ReadonlySet<number> = new Set(Object.values(propertyType));
/** Bytes of values of one size (MS-OXCDATA 2.11.1), as they are stored: shorter ones fill four. */
const FIXED: Readonly<Record<number, number>> = { 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 0x14: 8, 0x40: 8, 0x48: 16 };

/** Properties by their id; the first of equal ids counts. Reads as far as the bytes are sound. */
export function readProperties(bytes: Buffer): { values: Map<number, MapiValue>; isWhole: boolean } {
  const values = new Map<number, MapiValue>();
  const reader = new ByteReader(bytes);
  try {
    const count = reader.u32();
    for (let n = 0; n < count; n += 1) {
      if (n >= limits.maxTnefRecords) return { values, isWhole: false };
      const type = reader.u16();
      const id = reader.u16();
      if (id >= FIRST_NAMED) skipName(reader);
      const value = readValue(reader, type);
      if (value === undefined) return { values, isWhole: false };
      if (value && !values.has(id)) values.set(id, { type: type & ~MULTIPLE, bytes: value });
    }
    return { values, isWhole: true };
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error;
    return { values, isWhole: false };
  }
}

function skipName(reader: ByteReader): void {
  reader.take(16);
  if (reader.u32() === NAME_IS_STRING) reader.padded(reader.u32());
  else reader.take(4);
}

/** The first value; null for a list without any; undefined for a type of which the size is not known. */
function readValue(reader: ByteReader, type: number): Buffer | null | undefined {
  const single = type & ~MULTIPLE;
  const isVariable = VARIABLE.has(single);
  const size = FIXED[single];
  if (!isVariable && size === undefined) return undefined;
  const count = isVariable || type !== single ? reader.u32() : 1;
  let first: Buffer | null = null;
  for (let n = 0; n < count; n += 1) {
    const value = isVariable ? reader.padded(reader.u32()) : reader.take(size as number);
    first ??= value;
  }
  return first;
}
