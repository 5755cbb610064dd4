import { limits } from '../../../shared/limits.ts';
import { asUid, type Uid } from '../../../shared/model/ids.ts';
import type { ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { wholeSeconds } from '../core/whole-seconds.ts';
import { BodyDigest } from './body-digest.ts';

/** What a copy has to equal to be one. */
export interface SoughtMail {
  readonly messageId: string;
  /** As its header says: milliseconds since 1970, subject, address of the sender. */
  readonly date: number;
  readonly subject: string;
  readonly from: string;
  /** Sizes it may have: as sent, and with its Bcc field. */
  readonly sizes: readonly number[];
  /** Made only where sizes differ. */
  bodyDigest(): Buffer;
}

/** Copies looked at by their bytes, at most: a Message-ID of ours is in few places. */
const MAX_CANDIDATES = 20;

/**
 * Copies of a mail of ours in the selected mailbox: equal Message-ID, and equal size, body, or date, sender and subject: servers that keep
 * mail in a form of their own (Exchange) give it back with another body. A copy that is a draft proves nothing.
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
    if (mail.sizes.includes(one.sizeBytes) || isToldAlike(one, mail) || (await hasBody(session, one, mail))) found.push(one.uid);
  }
  return found;
}

const inOneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();

/** A Message-ID of ours is a matter of chance (160 bits); who has it in a mail of the same date, sender and subject has that mail. */
function isToldAlike({ sentDate, subject, from: [sender, ...others] }: RemoteSummary, mail: SoughtMail): boolean {
  const isFromUs = others.length === 0 && sender?.address.toLowerCase() === mail.from.toLowerCase();
  return isFromUs && sentDate === wholeSeconds(mail.date) && inOneLine(subject) === inOneLine(mail.subject);
}

/** Read to its end, wherever the server said that is: a size may be an estimate. */
async function hasBody(session: ImapSession, { uid, sizeBytes }: RemoteSummary, mail: SoughtMail): Promise<boolean> {
  if (sizeBytes > limits.maxSourceBytes) return false;
  const digest = new BodyDigest();
  for (let offset = 0; offset < limits.maxSourceBytes; offset += limits.sliceBytes) {
    const piece = await session.fetchSlice(uid, offset, limits.sliceBytes);
    digest.update(piece);
    if (piece.length < limits.sliceBytes) break;
  }
  return digest.digest().equals(mail.bodyDigest());
}
