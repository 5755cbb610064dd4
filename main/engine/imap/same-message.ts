import type { RemoteSummary } from './gateway.ts';
import { isBare, summaryDigest } from './summary-digest.ts';

/** What is known of a message, to be compared with what a server says of one. */
export interface KnownMessage {
  /** With its angle brackets; null where it has none. */
  readonly messageId: string | null;
  /** As the server told it; 0 where it is not known. */
  readonly sizeBytes: number;
  /** Milliseconds since 1970; null where it is not known. */
  readonly internalDate: number | null;
  /** See summaryDigest(); null where it is not known. */
  readonly summaryDigest: string | null;
}

/**
 * Whether a server speaks of this very message: equal Message-ID, and equal size or else equal internal date, people, dates and
 * subject. Size alone proves nothing where it differs: Exchange tells what a message takes in its own store until it has once been
 * asked for the whole (MS-STANOIMAP 2.2.25), and again for a copy of it.
 */
export function isSameMessage(known: KnownMessage, summary: RemoteSummary): boolean {
  if (summary.messageId !== known.messageId) return false;
  if (known.sizeBytes === 0 || summary.sizeBytes === known.sizeBytes) return true;
  return summary.internalDate === known.internalDate && summaryDigest(summary) === known.summaryDigest;
}

/**
 * Whether a UID that stood for a message stands for another one by now, though UIDVALIDITY is the same: what a server does that was set
 * back to a backup and gives its UIDs once more (RFC 9051 2.3.1.1 forbids it). Said only where nothing speaks against it.
 */
export function isOtherMessage(known: KnownMessage & { readonly structureDigest: string }, summary: RemoteSummary): boolean {
  if ([known, summary].some((one) => isBare(one))) return false;
  if (known.messageId !== null && summary.messageId !== null) return known.messageId !== summary.messageId;
  return known.internalDate !== summary.internalDate && summaryDigest(summary) !== known.summaryDigest;
}

/** What is known of a message from what the server says of it now. */
export function knownOf(summary: RemoteSummary): KnownMessage {
  const { messageId, sizeBytes, internalDate } = summary;
  return { messageId, sizeBytes, internalDate, summaryDigest: summaryDigest(summary) };
}
