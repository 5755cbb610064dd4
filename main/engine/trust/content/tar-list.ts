const BLOCK = 512;
const MAX_ENTRIES = 5_000;
const MAX_NAME_BYTES = 4_096;

/**
 * Names of the files in a tar archive (POSIX ustar, pax and GNU long names). Null where it cannot be read to its end, or holds more than
 * anybody looks through.
 */
export function listTar(bytes: Buffer): string[] | null {
  const names: string[] = [];
  let longName = '';
  let at = 0;
  while (at + BLOCK <= bytes.length) {
    const head = bytes.subarray(at, at + BLOCK);
    if (head.every((byte) => byte === 0)) return names;
    const size = sizeOf(head);
    if (!hasChecksum(head) || size === null || names.length >= MAX_ENTRIES) return null;
    const type = String.fromCharCode(head[156] ?? 0);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + Math.min(size, MAX_NAME_BYTES));
    if (type === 'L') longName = textOf(content);
    else if (type === 'x') longName = /(?:^|\n)\d+ path=([^\n]*)\n/u.exec(content.toString('utf8'))?.[1] ?? longName;
    else {
      const prefix = textOf(head.subarray(345, 500));
      names.push(longName || (prefix === '' ? '' : `${prefix}/`) + textOf(head.subarray(0, 100)));
      longName = '';
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return at >= bytes.length && names.length > 0 && at === bytes.length ? names : null;
}

function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** Octal digits; null for what is none, and for sizes beyond what fits into a mail. */
function sizeOf(head: Buffer): number | null {
  const digits = textOf(head.subarray(124, 136)).trim();
  return /^[0-7]{1,11}$/u.test(digits) ? Number.parseInt(digits, 8) : null;
}

/** The sum of all bytes, those of the sum itself counted as spaces. */
function hasChecksum(head: Buffer): boolean {
  const sum = head.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  return Number.parseInt(textOf(head.subarray(148, 156)).trim(), 8) === sum;
}
