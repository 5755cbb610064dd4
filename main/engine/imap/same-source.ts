import { limits } from '../../../shared/limits.ts';
import type { Uid } from '../../../shared/model/ids.ts';
import type { ImapSession } from './gateway.ts';

/** Length of the header block with its blank line. */
function headerLength(raw: Buffer): number {
  const ends = ['\r\n\r\n', '\n\n'].flatMap((mark) => {
    const at = raw.indexOf(mark);
    return at < 0 ? [] : [at + mark.length];
  });
  return ends.length > 0 ? Math.min(...ends) : raw.length;
}

/**
 * Whether a message of the selected mailbox has the body of this source, byte for byte; header lines are added by filters on
 * the way. Reads slices, and no further than the first difference. For messages whose Message-ID is equal already.
 */
export async function hasSameBody(session: ImapSession, uid: Uid, source: Uint8Array): Promise<boolean> {
  const raw = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const expected = raw.subarray(headerLength(raw));
  const start = (await session.fetchHeader(uid)).byteLength;
  for (let done = 0; ; done += limits.sliceBytes) {
    const piece = Buffer.from(await session.fetchSlice(uid, start + done, limits.sliceBytes));
    if (!piece.equals(expected.subarray(done, done + limits.sliceBytes))) return false;
    if (piece.length < limits.sliceBytes) return true;
  }
}
