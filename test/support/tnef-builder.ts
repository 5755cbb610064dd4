/** A file for buildTnef. */
export interface TnefTestFile {
  readonly name: string;
  readonly content: Buffer;
  readonly mimeType?: string;
  readonly contentId?: string;
  /** The content is a TNEF stream of a mail inside. */
  readonly isMessage?: boolean;
}

const MESSAGE_INTERFACE = Buffer.from('0703020000000000c000000000000046', 'hex');

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function attribute(level: 1 | 2, id: number, data: Buffer): Buffer {
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(data.reduce((total, byte) => (total + byte) & 0xffff, 0));
  return Buffer.concat([Buffer.from([level]), u32(id), u32(data.length), data, sum]);
}

function property(type: number, id: number, value: Buffer): Buffer {
  const padding = Buffer.alloc((4 - (value.length % 4)) % 4);
  return Buffer.concat([u32((id << 16) | type), u32(1), u32(value.length), value, padding]);
}

const unicode = (id: number, text: string): Buffer => property(0x1f, id, Buffer.from(`${text}\0`, 'utf16le'));
const list = (properties: readonly Buffer[]): Buffer => Buffer.concat([u32(properties.length), ...properties]);

/** A named property (MS-OXTNEF 2.1.3.4.1) with a number as its value, which readers must step over. */
const namedNumber = (): Buffer => {
  const name = Buffer.from('Keywords\0', 'utf16le');
  const padding = Buffer.alloc((4 - (name.length % 4)) % 4);
  return Buffer.concat([u32((0x8001 << 16) | 3), Buffer.alloc(16, 7), u32(1), u32(name.length), name, padding, u32(42)]);
};

/** A winmail.dat by MS-OXTNEF. */
export function buildTnef(fields: {
  subject?: string;
  text?: string;
  html?: string;
  rtf?: Buffer;
  files?: readonly TnefTestFile[];
}): Buffer {
  const own = [
    namedNumber(),
    ...(fields.subject === undefined ? [] : [unicode(0x0037, fields.subject)]),
    ...(fields.text === undefined ? [] : [unicode(0x1000, fields.text)]),
    ...(fields.rtf === undefined ? [] : [property(0x102, 0x1009, fields.rtf)]),
    ...(fields.html === undefined ? [] : [property(0x102, 0x1013, Buffer.from(fields.html))]),
  ];
  const files = (fields.files ?? []).flatMap(({ name, content, mimeType, contentId, isMessage }) => [
    attribute(2, 0x00069002, Buffer.alloc(14)),
    attribute(2, 0x00018010, Buffer.from(`${name.slice(0, 12)}\0`, 'latin1')),
    ...(isMessage ? [] : [attribute(2, 0x0006800f, content)]),
    attribute(
      2,
      0x00069005,
      list([
        unicode(0x3707, name),
        ...(mimeType === undefined ? [] : [unicode(0x370e, mimeType)]),
        ...(contentId === undefined ? [] : [unicode(0x3712, contentId)]),
        ...(isMessage ? [property(0x0d, 0x3701, Buffer.concat([MESSAGE_INTERFACE, content]))] : []),
      ]),
    ),
  ]);
  return Buffer.concat([
    u32(0x223e9f78),
    Buffer.from([1, 0]),
    attribute(1, 0x00089006, u32(0x00010000)),
    attribute(1, 0x00069007, Buffer.concat([u32(1252), u32(0)])),
    attribute(1, 0x00069003, list(own)),
    ...files,
  ]);
}

const DICTIONARY =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New Roman' +
  'Courier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx';

/** RTF as MS-OXRTFCP compresses it: references into what went before wherever three bytes or more are there. */
export function compressRtf(rtf: string, announcedBytes = rtf.length): Buffer {
  const all = DICTIONARY + rtf;
  const tokens: { isReference: boolean; bytes: number[] }[] = [];
  const reference = (from: number, length: number): void => {
    const value = ((from % 4096) << 4) | (length - 2);
    tokens.push({ isReference: true, bytes: [value >> 8, value & 255] });
  };
  let at = DICTIONARY.length;
  while (at < all.length) {
    const from = all.lastIndexOf(all.slice(at, at + 3), at - 3);
    let length = 3;
    if (from < 0 || at - from >= 4000 || at + 3 > all.length) tokens.push({ isReference: false, bytes: [all.charCodeAt(at++)] });
    else {
      while (length < 17 && at + length < all.length && from + length < at && all[from + length] === all[at + length]) length++;
      reference(from, length);
      at += length;
    }
  }
  reference(at, 2);
  const out: number[] = [];
  for (let n = 0; n < tokens.length; n += 8) {
    const group = tokens.slice(n, n + 8);
    out.push(group.reduce((bits, one, bit) => bits | (one.isReference ? 1 << bit : 0), 0));
    for (const one of group) out.push(...one.bytes);
  }
  return Buffer.concat([u32(out.length + 12), u32(announcedBytes), u32(0x75465a4c), u32(0), Buffer.from(out)]);
}
