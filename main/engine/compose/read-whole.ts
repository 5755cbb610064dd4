import { createHash, type Hash } from 'node:crypto';
import type { Uid } from '../../../shared/model/ids.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { readSlices } from '../imap/read-slices.ts';

/** SHA-256 and size of a message of the selected mailbox, read in slices: a draft with large files is never in memory whole. */
export async function remoteDigest(session: ImapSession, uid: Uid, maxBytes: number): Promise<{ digest: Buffer; sizeBytes: number }> {
  const hash: Hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const slice of readSlices(session, uid, maxBytes + 1)) {
    hash.update(slice);
    sizeBytes += slice.length;
  }
  return { digest: hash.digest(), sizeBytes };
}
