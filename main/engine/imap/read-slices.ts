import { limits } from '../../../shared/limits.ts';
import type { Uid } from '../../../shared/model/ids.ts';
import type { ImapSession } from './gateway.ts';

/**
 * A message of the selected mailbox in slices, up to the first that is shorter than was asked for, wherever its size says that it ends:
 * that may be an estimate. No slice is asked for that begins at `maxBytes` or later.
 */
export async function* readSlices(session: ImapSession, uid: Uid, maxBytes = Infinity): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < maxBytes; at += limits.sliceBytes) {
    const slice = await session.fetchSlice(uid, at, limits.sliceBytes);
    yield slice;
    if (slice.length < limits.sliceBytes) return;
  }
}
