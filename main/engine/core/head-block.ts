/**
 * The header block of a message, with the blank line that ends it; what was read so far where it does not end within `atMost` bytes. Pure.
 * @param pieces of the source, in order; read only as far as the header goes
 */
export function headBlock(pieces: Iterable<Uint8Array>, atMost: number): Buffer {
  let head = Buffer.alloc(0);
  for (const piece of pieces) {
    head = Buffer.concat([head, piece.subarray(0, atMost - head.length)]);
    const end = /\r?\n\r?\n/u.exec(head.toString('latin1'));
    if (end) return head.subarray(0, end.index + end[0].length);
    if (head.length >= atMost) break;
  }
  return head;
}
