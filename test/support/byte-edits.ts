import type { SeededRandom } from './random.ts';

/** Changes a few bytes of an answer: flips, deletions, doublings, cuts of pieces, and bytes that mean something in IMAP. */
export function editBytes(answer: Buffer, random: SeededRandom): Buffer {
  let bytes = Buffer.from(answer);
  const edits = random.int(1, 6);
  for (let i = 0; i < edits && bytes.length > 2; i += 1) {
    const at = random.int(0, bytes.length - 1);
    const to = Math.min(bytes.length, at + random.int(1, 40));
    const kind = random.int(0, 5);
    if (kind === 0) bytes[at] = random.int(0, 255);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    else if (kind === 3) bytes[at] = random.pick([...Buffer.from('(){}[]"\\*+ \r\n\0~<>9')]);
    else if (kind === 4)
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(random.pick(['{5}\r\n', '* BYE x\r\n', 'NIL', '))', '\r\n* ', '{99999999}\r\n', '"'])),
        bytes.subarray(at),
      ]);
    else bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
  }
  return bytes;
}
