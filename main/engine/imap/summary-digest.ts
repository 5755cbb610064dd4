import { createHash } from 'node:crypto';
import type { Address } from '../../../shared/model/message.ts';
import type { RemoteFlags, RemoteSummary } from './gateway.ts';

/** What of people servers tell alike: their addresses. */
export const addressesOf = (list: readonly Address[]): string[] => list.map((one) => one.address.toLowerCase());

/**
 * Hex form of the SHA-256 of what a relay hands on unchanged: Message-ID, sent date, subject, and addresses (display names are left out:
 * servers decode them differently). Equal on both sides for one mail; used together with the Message-ID.
 */
export function summaryDigest(summary: RemoteSummary): string {
  const canonical = JSON.stringify([
    summary.messageId,
    summary.sentDate,
    summary.subject.replace(/\s+/gu, ' ').trim(),
    addressesOf(summary.from),
    addressesOf(summary.to),
    addressesOf(summary.cc),
  ]);
  return createHash('sha256').update(canonical).digest('hex');
}

const BARE = 'unreadable:';

/** Made by bareSummary(), or noted of one: it tells nothing of what the message is. */
export const isBare = ({ structureDigest }: Pick<RemoteSummary, 'structureDigest'>): boolean => structureDigest.startsWith(BARE);

/** Stands for a message whose summary the server or we could not put into words; dated by the moment it was seen. */
export function bareSummary(flags: RemoteFlags, now: number): RemoteSummary {
  return {
    ...flags,
    internalDate: now,
    sizeBytes: 0,
    sentDate: null,
    subject: '',
    messageId: null,
    inReplyTo: null,
    references: [],
    from: [],
    sender: null,
    replyTo: [],
    to: [],
    cc: [],
    bcc: [],
    hasAttachments: false,
    emailId: null,
    structureDigest: `${BARE}${flags.uid}`,
  };
}
