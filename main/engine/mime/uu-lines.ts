/** Longest line that uuencode writes: a length and 63 bytes in groups of four. */
const MAX_LINE_CHARS = 1 + 84 + 2;
const BEGIN = /^begin(?:-base64)? [0-7]{3,4} /;

/**
 * Decodes lines of uuencode (POSIX), whatever slices they come in: from `begin` to `end`; blanks that a gateway cut off at line ends stand
 * for nought. What lies outside, or is no such line, is left out.
 */
export class UuLines {
  #open = '';
  #isWithin = false;

  push(bytes: Buffer): Buffer {
    const lines = (this.#open + bytes.toString('latin1')).split('\n');
    const open = lines.pop() as string;
    // Of an endless line the beginning is enough to see that it is none of ours.
    this.#open = open.length > 2 * MAX_LINE_CHARS ? open.slice(0, 2 * MAX_LINE_CHARS) : open;
    return Buffer.concat(lines.map((line) => this.#line(line)));
  }

  end(): Buffer {
    return this.push(Buffer.from('\n'));
  }

  #line(raw: string): Buffer {
    const line = raw.replace(/\r+$/, '');
    if (!this.#isWithin || BEGIN.test(line) || line === 'end') {
      this.#isWithin = BEGIN.test(line);
      return NOTHING;
    }
    const length = line === '' ? 0 : valueAt(line, 0);
    if (length === 0 || line.length > MAX_LINE_CHARS) return NOTHING;
    const out = Buffer.alloc(length + 2);
    let write = 0;
    for (let at = 1; write < length; at += 4) {
      const group = (valueAt(line, at) << 18) | (valueAt(line, at + 1) << 12) | (valueAt(line, at + 2) << 6) | valueAt(line, at + 3);
      write = out.writeUIntBE(group, write, 3);
    }
    return out.subarray(0, length);
  }
}

const NOTHING = Buffer.alloc(0);

/** Six bits; a character that is missing or none of the code counts as nought. */
function valueAt(line: string, at: number): number {
  const code = line.charCodeAt(at);
  return code > 32 && code < 97 ? (code - 32) & 63 : 0;
}
