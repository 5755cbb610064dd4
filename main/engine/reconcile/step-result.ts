import { unpackAppendNote, type AppendNote, type AppendProof } from '../imap/proved-append.ts';
import type { ItemRow, StepResult } from '../store/reconcile.ts';

/** Where our copy of a mail was filed at the primary, and how it was then. */
export interface AppendedCopy {
  readonly mailboxId: number;
  readonly epoch: number;
  readonly uid: number;
  readonly sizeBytes: number;
  /** Internal date as servers keep it: whole seconds, in milliseconds since 1970. */
  readonly internalDate: number;
  /** Flags it was filed with, as text. */
  readonly flags: string;
  /** See traceDigest(); null where it has no trace lines, or was filed when they were not noted yet. */
  readonly trace: string | null;
}

/** The other copy of a double. */
export interface DeliveredCopy {
  readonly mailboxId: number;
  readonly epoch: number;
  readonly uid: number;
  readonly placementId: number;
}

const number = (of: StepResult, key: string): number | null => {
  const value = of[key];
  return typeof value === 'number' ? value : null;
};

/** What an earlier try noted before it sent anything; null where none did. */
export const appendNoteOf = ({ stepResult }: Pick<ItemRow, 'stepResult'>): AppendNote | null => unpackAppendNote(stepResult);

/** Mailbox into which it is filed, chosen at the first try. */
export const targetOf = ({ stepResult }: Pick<ItemRow, 'stepResult'>): number | null => number(stepResult, 'target');

export function withCopy(of: StepResult, proof: AppendProof, copy: Omit<AppendedCopy, 'epoch' | 'uid'>): StepResult {
  const { sizeBytes: size, internalDate: date, flags, trace, mailboxId } = copy;
  return { ...of, target: mailboxId, uid: proof.uid, epoch: proof.epoch, size, date, flags, trace };
}

/** Our copy; null where none was filed by us. */
export function appendedCopyOf({ stepResult }: Pick<ItemRow, 'stepResult'>): AppendedCopy | null {
  const [mailboxId, epoch, uid] = [number(stepResult, 'target'), number(stepResult, 'epoch'), number(stepResult, 'uid')];
  const [sizeBytes, internalDate] = [number(stepResult, 'size'), number(stepResult, 'date')];
  if (mailboxId === null || epoch === null || uid === null || sizeBytes === null || internalDate === null) return null;
  const { flags, trace } = stepResult;
  return { mailboxId, epoch, uid, sizeBytes, internalDate, flags: String(flags ?? ''), trace: typeof trace === 'string' ? trace : null };
}

/** Of a noted double: the item that filed our copy, the other copy, and how far the removal of ours has come. */
export interface DoubleNote {
  readonly itemId: number;
  readonly other: DeliveredCopy;
  /** Both bodies are equal, byte for byte but for white space at the end. */
  readonly isEqual: boolean;
  readonly removal: 'none' | 'requested' | 'removing';
}

export const doubleStep = ({ itemId, other, isEqual, removal }: DoubleNote): StepResult => ({
  ...{ item: itemId, otherMailbox: other.mailboxId, otherEpoch: other.epoch, otherUid: other.uid, otherPlacement: other.placementId },
  ...{ equal: Number(isEqual), removal },
});

export function doubleNoteOf({ stepResult }: Pick<ItemRow, 'stepResult'>): DoubleNote | null {
  const itemId = number(stepResult, 'item');
  const mailboxId = number(stepResult, 'otherMailbox');
  const epoch = number(stepResult, 'otherEpoch');
  const uid = number(stepResult, 'otherUid');
  const placementId = number(stepResult, 'otherPlacement');
  if (itemId === null || mailboxId === null || epoch === null || uid === null || placementId === null) return null;
  const removal = stepResult['removal'];
  return {
    ...{ itemId, other: { mailboxId, epoch, uid, placementId }, isEqual: stepResult['equal'] === 1 },
    removal: removal === 'requested' || removal === 'removing' ? removal : 'none',
  };
}
