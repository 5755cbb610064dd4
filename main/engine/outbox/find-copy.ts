import { limits } from '../../../shared/limits.ts';
import { asUid, type Uid } from '../../../shared/model/ids.ts';
import type { ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { BodyDigest } from './body-digest.ts';

/** What a copy has to equal to be one. */
export interface SoughtMail {
  readonly messageId: string;
  /** Sizes it may have: as sent, and with its Bcc field. */
  readonly sizes: readonly number[];
  /** Made only where sizes differ. */
  bodyDigest(): Buffer;
}

/** Copies looked at by their bytes, at most: a Message-ID of ours is in few places. */
const MAX_CANDIDATES = 20;

/**
 * Copies of a mail of ours in the selected mailbox: equal Message-ID, and equal size or body. A copy that is a draft proves nothing.
 * @param floor look through everything from this UID on too, without trusting the server's search: some index late
 */
export async function findCopies(session: ImapSession, mail: SoughtMail, floor: Uid | null = null): Promise<Uid[]> {
  const uids = new Set(await session.searchMessageId(mail.messageId));
  if (uids.size === 0 && floor !== null) for (const uid of await session.searchUidRange(floor, asUid(0xffff_ffff))) uids.add(uid);
  const candidates = (await readSummaries(session, [...uids])).filter(
    (one) => one.messageId === mail.messageId && !hasFlag(one.flags, '\\draft'),
  );
  const found: Uid[] = [];
  for (const one of candidates.slice(0, MAX_CANDIDATES)) {
    if (mail.sizes.includes(one.sizeBytes) || (await hasBody(session, one, mail))) found.push(one.uid);
  }
  return found;
}

async function hasBody(session: ImapSession, { uid, sizeBytes }: RemoteSummary, mail: SoughtMail): Promise<boolean> {
  if (sizeBytes > limits.maxSourceBytes) return false;
  const digest = new BodyDigest();
  for (let offset = 0; offset < sizeBytes; offset += limits.sliceBytes) {
    const piece = await session.fetchSlice(uid, offset, limits.sliceBytes);
    if (piece.length === 0) break;
    digest.update(piece);
  }
  return digest.digest().equals(mail.bodyDigest());
}
