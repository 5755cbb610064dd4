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
export function buildTnef(fields: { subject?: string; text?: string; html?: string; files?: readonly TnefTestFile[] }): Buffer {
  const own = [
    namedNumber(),
    ...(fields.subject === undefined ? [] : [unicode(0x0037, fields.subject)]),
    ...(fields.text === undefined ? [] : [unicode(0x1000, fields.text)]),
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
