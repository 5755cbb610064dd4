import { limits } from '../../../../shared/limits.ts';
import { asModSeq, type ModSeq, type Uid } from '../../../../shared/model/ids.ts';
import type { Address } from '../../../../shared/model/message.ts';
import { cleanLine } from '../../mime/clean-text.ts';
import { decodeWords } from '../../mime/encoded-words.ts';
import { firstMessageId, messageIdList } from '../../mime/message-ids.ts';
import { parseSentDate } from '../../mime/sent-date.ts';
import type { RemoteSummary } from '../gateway.ts';
import { headerText, parseAddressList } from './address-list.ts';
import { structureFacts } from './body-structure.ts';
import { parseInternalDate } from './dates.ts';
import type { FetchItems } from './fetch-items.ts';
import { headerFields } from './header-fields.ts';

/** Bytes of the header fields that are read of one message; more recipients than fit are left out of the list. */
export const SUMMARY_HEADER_BYTES = 64 * 1024;

const FIELDS = 'DATE SUBJECT FROM SENDER REPLY-TO TO CC BCC MESSAGE-ID IN-REPLY-TO REFERENCES';

/**
 * What a summary is asked with. The header fields, and not ENVELOPE: servers parse broken headers each in their own way,
 * and both sides of an account have to come to the same reading; and a sender could make ENVELOPE of any size.
 */
export function summaryItems(extra: { readonly hasModSeq: boolean; readonly emailIdItem: string | null }): string {
  const modSeq = extra.hasModSeq ? ' MODSEQ' : '';
  const emailId = extra.emailIdItem === null ? '' : ` ${extra.emailIdItem}`;
  return `(UID FLAGS${modSeq} INTERNALDATE RFC822.SIZE${emailId} BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (${FIELDS})]<0.${SUMMARY_HEADER_BYTES}>)`;
}

/** True when the answer holds all that a summary is made of. */
export function isCompleteSummary(items: FetchItems): boolean {
  const { uid, flags, internalDate, sizeBytes, structure, header } = items;
  return (
    uid !== undefined &&
    flags !== undefined &&
    internalDate !== undefined &&
    sizeBytes !== undefined &&
    structure !== undefined &&
    header !== undefined
  );
}

/** MODSEQ of a FETCH answer; a value outside the 63 bits of RFC 7162 counts as none. */
export function modSeqOf(value: bigint | undefined): ModSeq | null {
  return value === undefined || value >= 1n << 63n ? null : asModSeq(value);
}

/** Makes a summary of what came; null when not even flags, size and header are there. */
export function makeSummary(uid: Uid, items: FetchItems): RemoteSummary | null {
  const { flags, sizeBytes, header } = items;
  if (flags === undefined || sizeBytes === undefined || header === undefined || header === null) return null;
  const fields = headerFields(header);
  const sentDate = parseSentDate(oneOf(fields, 'date'));
  const internalDate = parseInternalDate(items.internalDate ?? '') ?? sentDate;
  if (internalDate === null) return null;
  const { hasAttachments, digest } = structureFacts(items.structure, `${sizeBytes}`);
  return {
    uid,
    flags,
    modSeq: modSeqOf(items.modSeq),
    internalDate,
    sizeBytes,
    sentDate,
    subject: cleanLine(decodeWords(headerText(oneOf(fields, 'subject'))), limits.maxSubjectChars),
    messageId: firstMessageId(oneOf(fields, 'message-id')),
    inReplyTo: firstMessageId(oneOf(fields, 'in-reply-to')),
    references: messageIdList(oneOf(fields, 'references')),
    ...people(fields),
    hasAttachments,
    emailId: items.emailId ?? null,
    structureDigest: digest,
  };
}

function oneOf(fields: ReadonlyMap<string, readonly string[]>, name: string): string {
  return fields.get(name)?.[0] ?? '';
}

const NO_ONE: Address[] = [];

function listOf(fields: ReadonlyMap<string, readonly string[]>, name: string): Address[] {
  const bodies = fields.get(name);
  if (!bodies) return NO_ONE;
  return parseAddressList(bodies.length === 1 ? (bodies[0] as string) : bodies.join(', '));
}

function people(fields: ReadonlyMap<string, readonly string[]>): Pick<RemoteSummary, 'from' | 'sender' | 'replyTo' | 'to' | 'cc' | 'bcc'> {
  return {
    from: listOf(fields, 'from'),
    sender: listOf(fields, 'sender')[0] ?? null,
    replyTo: listOf(fields, 'reply-to'),
    to: listOf(fields, 'to'),
    cc: listOf(fields, 'cc'),
    bcc: listOf(fields, 'bcc'),
  };
}
