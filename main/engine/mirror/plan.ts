import type { ModSeq, Uid, UidValidity } from '../../../shared/model/ids.ts';
import type { MailboxStatus } from '../imap/gateway.ts';

/** What the store knows of a mailbox since its last pass that was applied completely. */
export interface StoredProgress {
  readonly uidValidity: UidValidity | null;
  readonly uidNext: Uid | null;
  readonly highestModSeq: ModSeq | null;
  readonly remoteMessages: number | null;
  /** Milliseconds since 1970 back to which headers are complete. */
  readonly coveredSince: number | null;
}

export type PassReason =
  | 'first-pass'
  | 'uid-validity-changed'
  | 'window-widened'
  | 'uid-next-went-back'
  | 'uids-given-anew'
  | 'modseq-went-back'
  | 'modseq-lost'
  | 'modseq-advanced'
  | 'modseq-unchanged'
  | 'counters-changed'
  | 'flags-unknown';

export interface MailboxPlan {
  readonly type: 'none' | 'delta' | 'full' | 'reset';
  readonly reason: PassReason;
}

const areCountersEqual = (stored: StoredProgress, remote: MailboxStatus): boolean =>
  remote.uidNext === stored.uidNext && remote.messages === stored.remoteMessages;

/** Whether a server's counters are those of the last pass. Where it counts no changes of flags, they say nothing of flags. */
export function isSameProgress(stored: StoredProgress, remote: MailboxStatus): boolean {
  const { uidValidity, highestModSeq } = remote;
  return stored.uidValidity === uidValidity && areCountersEqual(stored, remote) && stored.highestModSeq === highestModSeq;
}

/**
 * Decides how much of a mailbox has to be looked at. Pure. `none` is answered only where the server's counters prove
 * that nothing changed (RFC 7162 3.1.2.1); everything doubtful is a full pass.
 */
export function planMailboxPass(stored: StoredProgress, remote: MailboxStatus, wantedSince: number): MailboxPlan {
  if (stored.uidValidity === null) return { type: 'full', reason: 'first-pass' };
  if (stored.uidValidity !== remote.uidValidity) return { type: 'reset', reason: 'uid-validity-changed' };
  if (stored.uidNext === null || stored.coveredSince === null) return { type: 'full', reason: 'first-pass' };
  if (wantedSince < stored.coveredSince) return { type: 'full', reason: 'window-widened' };
  if (remote.uidNext < stored.uidNext) return { type: 'full', reason: 'uid-next-went-back' };
  return planByModSeq(stored, remote);
}

function planByModSeq(stored: StoredProgress, remote: MailboxStatus): MailboxPlan {
  const countersEqual = areCountersEqual(stored, remote);
  if (remote.highestModSeq === null) {
    if (stored.highestModSeq !== null) return { type: 'full', reason: 'modseq-lost' };
    return { type: 'delta', reason: countersEqual ? 'flags-unknown' : 'counters-changed' };
  }
  if (stored.highestModSeq === null) return { type: 'full', reason: 'modseq-lost' };
  if (remote.highestModSeq < stored.highestModSeq) return { type: 'full', reason: 'modseq-went-back' };
  if (remote.highestModSeq > stored.highestModSeq) return { type: 'delta', reason: 'modseq-advanced' };
  return countersEqual ? { type: 'none', reason: 'modseq-unchanged' } : { type: 'delta', reason: 'counters-changed' };
}
