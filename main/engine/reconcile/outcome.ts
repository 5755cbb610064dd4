import type { PackedError } from '../../../shared/errors.ts';
import type { ReconcileItemState, ReconcileReason } from '../../../shared/model/reconcile.ts';
import type { DraftFact, OpFact, RemovalFact, SentFact } from './facts.ts';

/** How a thing that another part carries out stands now. */
export interface Outcome {
  readonly state: ReconcileItemState;
  readonly error: PackedError | null;
  /** Replaces the item's own where given. */
  readonly detail?: string;
  readonly reason?: ReconcileReason;
  /** Of what is under way: what the last try met, to be told where it does not come to its end in time. */
  readonly lastError?: PackedError;
}

const packed = (code: PackedError['code'], retry: PackedError['retry']): PackedError => ({
  ...{ code, retry, scope: 'message', side: 'primary', detail: '' },
});

const running: Outcome = { state: 'running', error: null };
const confirmed = (detail?: string): Outcome => ({ state: 'confirmed', error: null, ...(detail === undefined ? {} : { detail }) });

/**
 * A mail sent in the outage counts once its one copy in the primary's Sent is proved. An uncertain one is waited for, and is an
 * exception after the grace, until a look-up or a person decides.
 */
export function sentOutcome(fact: SentFact | null, now: number, dueAt: number | null): Outcome {
  if (fact === null) return confirmed('gone');
  switch (fact.state) {
    case 'filed':
      return confirmed(fact.sentCopy === 'by-server' ? 'filed by-server' : 'filed');
    case 'accepted':
      return copyOutcome(fact);
    case 'unknown':
      return dueAt !== null && now >= dueAt ? { state: 'exception', error: packed('delivery-unconfirmed', 'ask') } : running;
    case 'cancelled':
      return confirmed('cancelled');
    case 'rejected':
    case 'quarantined':
      return { state: 'exception', error: fact.error ?? packed('smtp-refused', 'ask') };
    case 'queued':
    case 'submitting':
      // Tried again for some of its recipients; where nobody has it yet, a person sends it once more.
      return copyOutcome(fact);
  }
}

/** A full mailbox is tried again for days: nobody should have to wait for the balance as long. */
function copyOutcome({ sentCopy, copyError, error }: SentFact): Outcome {
  if (sentCopy === 'filed' || sentCopy === 'by-server') return confirmed('filed');
  if (sentCopy === 'failed') return { state: 'exception', error: copyError ?? error ?? packed('command-refused', 'ask') };
  if (sentCopy !== 'waiting' || copyError === null) return running;
  const needsPerson = copyError.retry === 'ask' || copyError.retry === 'never';
  return needsPerson ? { state: 'exception', error: copyError } : { ...running, lastError: copyError };
}

/** The journal says how a change ended; one taken back before anybody saw it has nothing left to do. */
export function opOutcome(fact: OpFact | null): Outcome {
  if (fact === null) return confirmed('withdrawn');
  switch (fact.outcome) {
    case 'done':
      if (fact.met !== '') return { ...confirmed(`server ${fact.met}`), reason: 'changed-on-both-sides' };
      return confirmed(fact.isSuperseded ? 'superseded' : undefined);
    case 'undone':
      return confirmed('withdrawn');
    case 'refused':
      return { state: 'exception', error: fact.error ?? packed('command-refused', 'ask') };
    case 'conflict':
      return { state: 'exception', error: fact.error ?? packed('changed-on-both-sides', 'ask'), reason: 'changed-on-both-sides' };
    case 'open':
      return running;
  }
}

/**
 * A draft counts once what was written until the plan is on the primary, or there is no draft any more. The copy that it takes the place
 * of is looked at last, and may turn out to be changed.
 */
export function draftOutcome(fact: DraftFact | null, plannedRevision: number): Outcome {
  if (fact === null) return confirmed('ended');
  if (fact.isConflict) return { state: 'exception', error: packed('draft-conflict', 'ask'), reason: 'changed-on-both-sides' };
  if (fact.filedRevision !== null && fact.filedRevision >= plannedRevision) return fact.isReplacing ? running : confirmed('filed');
  return fact.refusal === null ? running : { state: 'exception', error: fact.refusal };
}

/** What has to go of a draft counts once nothing is left of it; what the primary does not let go is told. */
export function removalOutcome(fact: RemovalFact | null): Outcome {
  if (fact === null) return confirmed('ended');
  if (fact.error === null) return running;
  return fact.isFinal ? { state: 'exception', error: fact.error } : { ...running, lastError: fact.error };
}
