import { limits } from '../../../../shared/limits.ts';
import { ByteReader, EndOfBytes } from './byte-reader.ts';

const COMPRESSED = 0x75465a4c;
const PLAIN = 0x414c454d;
const DICTIONARY_BYTES = 4096;
/** What the dictionary holds before the first byte (MS-OXRTFCP 2.1.2.1). */
const INITIAL = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New Roman' +
    'Courier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

/**
 * Expands compressed RTF (MS-OXRTFCP), at most limits.maxRtfBytes of it and as far as it is sound; null for anything else. `isCut`: there was
 * more, or its end is missing. The sum over its bytes is not proved: what can be read is shown.
 */
export function expandRtf(bytes: Buffer): { rtf: Buffer; isCut: boolean } | null {
  if (bytes.length < 16) return null;
  const reader = new ByteReader(bytes);
  reader.u32();
  const rawBytes = reader.u32();
  const kind = reader.u32();
  reader.u32();
  const room = Math.min(rawBytes, limits.maxRtfBytes);
  if (kind === PLAIN) return { rtf: reader.take(Math.min(room, reader.left)), isCut: rawBytes > bytes.length - 16 || rawBytes > room };
  return kind === COMPRESSED ? expand(reader, room, rawBytes) : null;
}

function expand(reader: ByteReader, room: number, rawBytes: number): { rtf: Buffer; isCut: boolean } {
  const dictionary = Buffer.alloc(DICTIONARY_BYTES);
  let write = INITIAL.copy(dictionary);
  // Made as large as it gets: what is announced is no reason to take so much memory.
  const chunks: Buffer[] = [];
  let chunk = Buffer.alloc(DICTIONARY_BYTES);
  let [used, total] = [0, 0];
  const put = (byte: number): void => {
    dictionary[write] = byte;
    write = (write + 1) % DICTIONARY_BYTES;
    chunk[used++] = byte;
    total++;
    if (used < chunk.length) return;
    chunks.push(chunk);
    chunk = Buffer.alloc(DICTIONARY_BYTES);
    used = 0;
  };
  const done = (isCut: boolean): { rtf: Buffer; isCut: boolean } => ({ rtf: Buffer.concat([...chunks, chunk.subarray(0, used)]), isCut });
  try {
    for (;;) {
      const control = reader.u8();
      for (let bit = 0; bit < 8; bit++) {
        if ((control & (1 << bit)) === 0) put(reader.u8());
        else {
          const reference = (reader.u8() << 8) | reader.u8();
          const from = reference >> 4;
          if (from === write) return done(total < rawBytes);
          for (let n = 0; n < (reference & 15) + 2; n++) put(dictionary[(from + n) % DICTIONARY_BYTES] as number);
        }
        if (total > room) return done(true);
      }
    }
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error;
    return done(total < rawBytes);
  }
}
