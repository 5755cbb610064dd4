/** What a process did to its files, in order; `told` is what it said to be durable. */
export type DiskEvent =
  | { readonly kind: 'create' | 'mkdir' | 'unlink'; readonly inode: number; readonly path: string }
  | { readonly kind: 'write'; readonly inode: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly inode: number; readonly length: number }
  | { readonly kind: 'sync'; readonly inode: number }
  | { readonly kind: 'rename'; readonly inode: number; readonly from: string; readonly to: string }
  | { readonly kind: 'told'; readonly text: string };

const HEAD = 40;

/** Reads the record that disk.c writes. */
export function readDiskLog(log: Buffer): DiskEvent[] {
  const events: DiskEvent[] = [];
  for (let at = 0; at < log.length;) {
    const [kind, inode, , offset, length] = [0, 1, 2, 3, 4].map((n) => Number(log.readBigUInt64LE(at + n * 8))) as [number, number, number, number, number]; // prettier-ignore
    const bytes = log.subarray(at + HEAD, at + HEAD + length);
    events.push(eventOf(kind, inode, offset, bytes));
    at += HEAD + length;
  }
  return events;
}

function eventOf(kind: number, inode: number, offset: number, bytes: Buffer): DiskEvent {
  const text = () => bytes.toString();
  switch (kind) {
    case 1:
      return { kind: 'create', inode, path: text() };
    case 2:
      return { kind: 'write', inode, offset, bytes };
    case 3:
      return { kind: 'truncate', inode, length: offset };
    case 4:
      return { kind: 'sync', inode };
    case 5: {
      const [from = '', to = ''] = text().split('\0');
      return { kind: 'rename', inode, from, to };
    }
    case 6:
      return { kind: 'unlink', inode, path: text() };
    case 7:
      return { kind: 'mkdir', inode, path: text() };
    case 8:
      return { kind: 'told', text: text() };
    default:
      throw new Error(`unknown kind of record ${kind}`);
  }
}
