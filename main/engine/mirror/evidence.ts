import { createHash } from 'node:crypto';
import type { Address } from '../../../shared/model/message.ts';
import type { RemoteSummary } from '../imap/gateway.ts';

const people = (list: readonly Address[]): string[] => list.map((one) => one.address.toLowerCase());

/**
 * Digest of what a relay hands on unchanged: Message-ID, sent date, subject, and addresses (display names are left out:
 * servers decode them differently). Equal on both sides for one mail; used together with the Message-ID.
 */
export function summaryDigest(summary: RemoteSummary): Uint8Array {
  const canonical = JSON.stringify([
    summary.messageId,
    summary.sentDate,
    summary.subject.replace(/\s+/gu, ' ').trim(),
    people(summary.from),
    people(summary.to),
    people(summary.cc),
  ]);
  return createHash('sha256').update(canonical).digest();
}

/** Conversation key: the first of References, then In-Reply-To, then the mail itself. */
export function threadKeyOf(summary: Pick<RemoteSummary, 'references' | 'inReplyTo' | 'messageId'>): string {
  return summary.references[0] ?? summary.inReplyTo ?? summary.messageId ?? '';
}
