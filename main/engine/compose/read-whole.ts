import { createHash, type Hash } from 'node:crypto';
import { limits } from '../../../shared/limits.ts';
import type { Uid } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';

/** SHA-256 and size of a message of the selected mailbox, read in slices: a draft with large files is never in memory whole. */
export async function remoteDigest(session: ImapSession, uid: Uid, maxBytes: number): Promise<{ digest: Buffer; sizeBytes: number }> {
  const hash: Hash = createHash('sha256');
  let sizeBytes = 0;
  while (sizeBytes <= maxBytes) {
    const slice = await session.fetchSlice(uid, sizeBytes, limits.sliceBytes);
    hash.update(slice);
    sizeBytes += slice.length;
    if (slice.length < limits.sliceBytes) break;
  }
  return { digest: hash.digest(), sizeBytes };
}
