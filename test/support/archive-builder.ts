/** Text of one byte a character, filled up with zeros to this length. */
export const bytes = (text: string, length = 0): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(Math.max(0, length - text.length))]);

/** The same from hexadecimal digits. */
export const hex = (digits: string, length = 0): Buffer => bytes(Buffer.from(digits, 'hex').toString('latin1'), length);

/** A tar archive of these names, each with the content `x`. */
export function buildTar(...names: string[]): Buffer {
  const blocks = names.flatMap((name) => {
    const head = Buffer.alloc(512);
    head.write(name, 0, 100);
    head.write('0000644\0', 100);
    head.write('00000000001\0', 124);
    head.write('        0', 148);
    head.write('ustar\x0000', 257);
    head.write(
      `${head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [head, bytes('x', 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A RAR archive of version 4 of these names, as far as its headers go; `flags` of each file: 4 encrypts it. */
export function buildRar4(names: readonly string[], flags = 0): Buffer {
  const block = (type: number, flagBits: number, rest: Buffer): Buffer => {
    const head = Buffer.alloc(7);
    head.writeUInt8(type, 2);
    head.writeUInt16LE(flagBits, 3);
    head.writeUInt16LE(7 + rest.length, 5);
    return Buffer.concat([head, rest]);
  };
  const file = (name: string): Buffer => {
    const rest = Buffer.alloc(25);
    rest.writeUInt16LE(name.length, 19);
    return block(0x74, 0x8000 | flags, Buffer.concat([rest, Buffer.from(name)]));
  };
  return Buffer.concat([bytes('Rar!\x1a\x07\0'), block(0x73, 0, Buffer.alloc(6)), ...names.map(file), block(0x7b, 0, Buffer.alloc(0))]);
}

/** The same of version 5; `extra` is the extra area of each file. */
export function buildRar5(names: readonly string[], extra = Buffer.alloc(0)): Buffer {
  const block = (type: number, flags: number, rest: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from([type, flags]), rest]);
    return Buffer.concat([Buffer.alloc(4), Buffer.from([body.length]), body]);
  };
  const file = (name: string): Buffer => {
    const fields = Buffer.concat([Buffer.from([0, 1, 0, 0, 0, name.length]), Buffer.from(name), extra]);
    return extra.length === 0 ? block(2, 0, fields) : block(2, 1, Buffer.concat([Buffer.from([extra.length]), fields]));
  };
  return Buffer.concat([bytes('Rar!\x1a\x07\x01\0'), block(1, 0, Buffer.from([0])), ...names.map(file), block(5, 0, Buffer.from([0]))]);
}
/** A 7z archive that is nothing but this directory. */
export const buildSeven = (header: string): Buffer => {
  const start = Buffer.alloc(32);
  hex('377abcaf271c').copy(start);
  start.writeBigUInt64LE(BigInt(header.length / 2), 20);
  return Buffer.concat([start, hex(header)]);
};
