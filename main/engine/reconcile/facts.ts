import type { PackedError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { DraftId, EntryId, OpId, OutboxId } from '../../../shared/model/ids.ts';
import type { OutboxState, SentCopyState } from '../../../shared/model/outbox.ts';

/** A mail handed over to be sent, as far as carrying back is concerned. */
export interface SentFact {
  readonly outboxId: OutboxId;
  readonly state: OutboxState;
  readonly route: Side | null;
  readonly acceptedAt: number | null;
  /** When nothing more was to be done for it, milliseconds since 1970. */
  readonly endedAt: number | null;
  readonly sentCopy: SentCopyState | null;
  /** Why its copy is not in Sent yet, by the last try. */
  readonly copyError: PackedError | null;
  readonly subject: string;
  readonly messageId: string;
  /** The person's own address is among its recipients: then it is also received. */
  readonly isToSelf: boolean;
  readonly error: PackedError | null;
  /** The person has seen that it was not sent, and put it away or sent it anew. */
  readonly isPutAway: boolean;
}

/** A change of the person. */
export interface OpFact {
  readonly opId: OpId;
  readonly entryId: EntryId | null;
  readonly isRestore: boolean;
  readonly isOpen: boolean;
  readonly outcome: 'open' | 'done' | 'refused' | 'conflict' | 'undone';
  readonly subject: string;
  /** `flag +seen`, `move Archive`. */
  readonly detail: string;
  /** What the other side did to the same mail meanwhile (`+flagged`); empty where nothing. */
  readonly met: string;
  /** A later change of the same stands for it. */
  readonly isSuperseded: boolean;
  readonly error: PackedError | null;
}

/** A mail being written. */
export interface DraftFact {
  readonly draftId: DraftId;
  readonly subject: string;
  /** Raised by each change. */
  readonly revision: number;
  /** Revision that lies on the primary; null for none. */
  readonly filedRevision: number | null;
  /** Another program has changed what we filed, and that was found out since the outage began. */
  readonly isConflict: boolean;
  /** What lay on the primary before is still to be looked at and removed. */
  readonly isReplacing: boolean;
  /** Why the primary does not take it, where nothing but a change or a person helps; null where it is to be filed. */
  readonly refusal: PackedError | null;
}

/** Copies at the primary that have to go: their draft was discarded or sent. */
export interface RemovalFact {
  readonly draftId: DraftId;
  /** The mail that a copy is in the lists; null where none is known. */
  readonly entryId: EntryId | null;
  readonly subject: string;
  /** Why the last try did not remove one; null where none was refused. */
  readonly error: PackedError | null;
  /** None of them is tried again. */
  readonly isFinal: boolean;
}

/** A mail of which the relay holds a copy. */
export interface ReceivedFact {
  readonly entryId: EntryId;
  readonly messageId: string | null;
  readonly subject: string;
  /** When the relay says that it took it, milliseconds since 1970 by its clock. */
  readonly internalDate: number;
  /** Our clock at the last look at the relay at which it was not there yet; null where none tells. */
  readonly arrivedAfter: number | null;
  /** Our clock when it was first seen, or its place there last changed. */
  readonly seenAt: number;
  /** First seen here since the outage was confirmed. */
  readonly isNew: boolean;
  /** It is new, and came while the relay was being watched. */
  readonly isWatched: boolean;
  /** Roles of the relay's mailboxes that hold it. */
  readonly relayRoles: readonly MailboxRole[];
  /** When the primary took it, in whatever mailbox but Sent and Drafts, and even if it is gone from there by now; null when it never was seen there. */
  readonly primaryDate: number | null;
}

/** Everything a plan is made of: plain values, gathered at one instant. */
export interface PlanInput {
  readonly outage: { readonly startedAt: number };
  /** When the primary was back: delivery by the relay's queue is waited for from here on. */
  readonly primaryBackAt: number;
  readonly now: number;
  readonly graceMs: number;
  /** How far the relay's clock is ahead of ours; 0 where it is right or not known. */
  readonly relayClockMs: number;
  readonly sent: readonly SentFact[];
  readonly ops: readonly OpFact[];
  readonly drafts: readonly DraftFact[];
  readonly removals: readonly RemovalFact[];
  readonly received: readonly ReceivedFact[];
}
