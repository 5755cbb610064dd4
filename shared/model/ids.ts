import { z } from 'zod';

declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Row id of an enrolled account. */
export type AccountId = Brand<number, 'AccountId'>;
/** Row id of one IMAP mailbox on one side. */
export type MailboxId = Brand<number, 'MailboxId'>;
/**
 * One mail as the reader sees it, whichever sides hold it. Chosen once from the internal date (seconds since 1970 times
 * 2^20, plus a number within the second), so that ordering by id is ordering by date, in the full-text index too.
 */
export type EntryId = Brand<number, 'EntryId'>;
/** Row id of a placement: one (side, mailbox, UIDVALIDITY, UID) seen. */
export type PlacementId = Brand<number, 'PlacementId'>;
/** Row id of one stored RFC 5322 source. */
export type SourceId = Brand<number, 'SourceId'>;
/** Row id of a recorded user change. */
export type OpId = Brand<number, 'OpId'>;
/** Row id of a mail being written. */
export type DraftId = Brand<number, 'DraftId'>;
/** Row id of a file attached to a mail being written. */
export type DraftFileId = Brand<number, 'DraftFileId'>;
/** Row id of a mail handed over to be sent. */
export type OutboxId = Brand<number, 'OutboxId'>;
/** Row id of one outage of one account, from its confirmation to the end of its reconciliation. */
export type OutageId = Brand<number, 'OutageId'>;
/** Row id of one reconciliation. */
export type ReconcileRunId = Brand<number, 'ReconcileRunId'>;
/** IMAP unique identifier within a mailbox epoch (RFC 9051 2.3.1.1), 1 to 2^32-1. */
export type Uid = Brand<number, 'Uid'>;
/** Epoch of a mailbox's UIDs (RFC 9051 2.3.1.1), 32 bit. */
export type UidValidity = Brand<bigint, 'UidValidity'>;
/** CONDSTORE change counter (RFC 7162), 63 bit. */
export type ModSeq = Brand<bigint, 'ModSeq'>;

const MAX_UID = 0xffff_ffff;
const MAX_MODSEQ = (1n << 63n) - 1n;

function positiveInteger(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${what} must be a positive integer`);
  return value;
}

export const asAccountId = (value: number): AccountId => positiveInteger(value, 'AccountId') as AccountId;
export const asMailboxId = (value: number): MailboxId => positiveInteger(value, 'MailboxId') as MailboxId;
export const asEntryId = (value: number): EntryId => positiveInteger(value, 'EntryId') as EntryId;
export const asPlacementId = (value: number): PlacementId => positiveInteger(value, 'PlacementId') as PlacementId;
export const asSourceId = (value: number): SourceId => positiveInteger(value, 'SourceId') as SourceId;
export const asDraftId = (value: number): DraftId => positiveInteger(value, 'DraftId') as DraftId;
export const asDraftFileId = (value: number): DraftFileId => positiveInteger(value, 'DraftFileId') as DraftFileId;
export const asOutboxId = (value: number): OutboxId => positiveInteger(value, 'OutboxId') as OutboxId;
export const asOutageId = (value: number): OutageId => positiveInteger(value, 'OutageId') as OutageId;
export const asReconcileRunId = (value: number): ReconcileRunId => positiveInteger(value, 'ReconcileRunId') as ReconcileRunId;
export const asOpId = (value: number): OpId => positiveInteger(value, 'OpId') as OpId;

/** @throws RangeError when the value is no RFC 9051 nz-number. */
export function asUid(value: number): Uid {
  if (!Number.isSafeInteger(value) || value < 1 || value > MAX_UID) throw new RangeError('UID must be 1 to 2^32-1');
  return value as Uid;
}

/** @throws RangeError when the value is no RFC 9051 nz-number. */
export function asUidValidity(value: bigint | number): UidValidity {
  const big = BigInt(value);
  if (big < 1n || big > BigInt(MAX_UID)) throw new RangeError('UIDVALIDITY must be 1 to 2^32-1');
  return big as UidValidity;
}

/** @throws RangeError when the value is no RFC 7162 mod-sequence-value. */
export function asModSeq(value: bigint | number): ModSeq {
  const big = BigInt(value);
  if (big < 0n || big > MAX_MODSEQ) throw new RangeError('MODSEQ must be 0 to 2^63-1');
  return big as ModSeq;
}

const idSchema = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const accountIdSchema = idSchema.transform((value) => value as AccountId);
export const mailboxIdSchema = idSchema.transform((value) => value as MailboxId);
export const entryIdSchema = idSchema.transform((value) => value as EntryId);
export const opIdSchema = idSchema.transform((value) => value as OpId);
export const draftIdSchema = idSchema.transform((value) => value as DraftId);
export const draftFileIdSchema = idSchema.transform((value) => value as DraftFileId);
export const outboxIdSchema = idSchema.transform((value) => value as OutboxId);
export const outageIdSchema = idSchema.transform((value) => value as OutageId);
export const reconcileRunIdSchema = idSchema.transform((value) => value as ReconcileRunId);
