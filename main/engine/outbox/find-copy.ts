import { limits } from '../../../shared/limits.ts';
import { asUid, type Uid } from '../../../shared/model/ids.ts';
import type { ImapSession, RemoteSummary } from '../imap/gateway.ts';
import { hasFlag } from '../imap/has-flag.ts';
import { readSlices } from '../imap/read-slices.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { wholeSeconds } from '../core/whole-seconds.ts';
import { BodyDigest } from './body-digest.ts';

/** Reads a mail that comes in pieces for what a person sees of it. */
export interface ContentReader {
  /** The piece is copied. @throws MailError internal, retry now, where the worker that reads was replaced: begin anew */
  push(piece: Uint8Array): Promise<void>;
  /** SHA-256 of what is seen; null where no parser could read it. @throws as push() */
  end(): Promise<Uint8Array | null>;
  abandon(): void;
}

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
  /** Of what a person sees of it; made only where bodies differ. */
  contentDigest(): Promise<Uint8Array | null>;
  reader(): ContentReader;
}

/** Copies looked at by their bytes, at most: a Message-ID of ours is in few places. */
const MAX_CANDIDATES = 20;

/**
 * Copies of a mail of ours in the selected mailbox: equal Message-ID, and equal size, body, or header and visible content: servers that
 * keep mail in a form of their own (Exchange) give it back with another body. A copy that is a draft proves nothing.
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
    if (mail.sizes.includes(one.sizeBytes) || (await hasContent(session, one, mail))) found.push(one.uid);
  }
  return found;
}

const inOneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();

/** Only such a mail is worth being read for what is seen of it. */
function isToldAlike({ sentDate, subject, from: [sender, ...others] }: RemoteSummary, mail: SoughtMail): boolean {
  const isFromUs = others.length === 0 && sender?.address.toLowerCase() === mail.from.toLowerCase();
  return isFromUs && sentDate === wholeSeconds(mail.date) && inOneLine(subject) === inOneLine(mail.subject);
}

async function hasContent(session: ImapSession, one: RemoteSummary, mail: SoughtMail): Promise<boolean> {
  if (one.sizeBytes > limits.maxSourceBytes) return false;
  const digest = new BodyDigest();
  const reader = isToldAlike(one, mail) ? mail.reader() : null;
  try {
    for await (const piece of readSlices(session, one.uid, limits.maxSourceBytes)) {
      digest.update(piece);
      await reader?.push(piece);
    }
    if (digest.digest().equals(mail.bodyDigest())) return true;
    const [seen, wanted] = reader === null ? [null, null] : [await reader.end(), await mail.contentDigest()];
    return seen !== null && wanted !== null && Buffer.compare(seen, wanted) === 0;
  } finally {
    reader?.abandon();
  }
}
