import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { NewItem } from '../store/reconcile.ts';
import { arrivedAt, standingOf } from './arrival.ts';
import type { DraftFact, OpFact, PlanInput, ReceivedFact, RemovalFact, SentFact } from './facts.ts';
import type { DraftId } from '../../../shared/model/ids.ts';
import { wholeSeconds } from '../core/whole-seconds.ts';

/** Relay mailboxes whose mail is no delivery to the person: set aside, thrown away, or written by the person. */
const NOT_DELIVERED: ReadonlySet<MailboxRole> = new Set(['quarantine', 'junk', 'trash', 'sent', 'drafts']);

type Item = NewItem;

const blank = {
  state: 'planned',
  ...{ entryId: null, opId: null, outboxId: null, draftId: null, messageId: null, dueAt: null },
  detail: '',
} as const;

/**
 * What has to be done so that the primary agrees, each thing in exactly one item. Pure; what is there already is told apart by
 * the items' keys, so that planning again adds only what is new.
 */
export function planItems(input: PlanInput): Item[] {
  return [
    ...input.ops.flatMap(planOp),
    ...input.sent.flatMap((one) => planSent(one, input)),
    ...input.drafts.flatMap(planDraft),
    ...input.removals.flatMap(planRemoval),
    ...planReceived(input),
  ];
}

/** Items of a plan that a run does not have yet. */
export function newItems(planned: readonly Item[], known: ReadonlySet<string>): Item[] {
  return planned.filter((one) => !known.has(one.key));
}

function planOp(op: OpFact): Item[] {
  if (!op.isOpen) return [];
  const { opId, entryId, subject, detail, isRestore } = op;
  const what = isRestore
    ? ({ kind: 'restore', operation: 'restore-message' } as const)
    : ({ kind: 'change', operation: 'replay-change' } as const);
  return [{ ...blank, ...what, key: `op:${opId}`, reason: 'changed-here', opId, entryId, subject, detail }];
}

function planSent(sent: SentFact, { outage, primaryBackAt, graceMs }: PlanInput): Item[] {
  const { outboxId, messageId, subject, state, route, acceptedAt, endedAt, isPutAway } = sent;
  const item = { ...blank, kind: 'sent', key: `sent:${outboxId}`, outboxId, messageId, subject } as const;
  if (state === 'unknown') {
    return [{ ...item, operation: 'resolve-unknown', reason: 'delivery-uncertain', dueAt: primaryBackAt + graceMs }];
  }
  // Somebody reads the balance of the outage to learn what did not get through.
  if (state === 'rejected' || state === 'quarantined') {
    return isPutAway || (endedAt ?? 0) < outage.startedAt ? [] : [{ ...item, operation: 'note-unsent', reason: 'not-sent' }];
  }
  const wasAccepted = acceptedAt !== null && acceptedAt >= outage.startedAt;
  const wasRelayed = route === 'relay' && wasAccepted && state === 'filed';
  // Taken for some, and tried again for the others: of what was taken there is a copy to be proved.
  const isPartlySent = wasAccepted && (state === 'queued' || state === 'submitting');
  if (state !== 'accepted' && !wasRelayed && !isPartlySent) return [];
  return [{ ...item, operation: 'prove-sent-copy', reason: route === 'primary' ? 'sent-by-primary' : 'sent-by-relay' }];
}

function planDraft({ draftId, subject, revision, filedRevision }: DraftFact): Item[] {
  // What was opened and never written in is not filed anywhere.
  const isUntouched = revision === 0 && filedRevision === null;
  if (isUntouched || filedRevision === revision) return [];
  const what = { kind: 'draft', operation: 'file-draft', reason: 'written-here', stepResult: { revision } } as const;
  return [{ ...blank, ...what, key: `draft:${draftId}`, draftId, subject }];
}

/** Key of the item for the copies of a draft that have to go. */
export const removalKey = (draftId: DraftId): string => `draft-copy:${draftId}`;

function planRemoval({ draftId, entryId, subject, isFinal }: RemovalFact): Item[] {
  // Given up before the outage, and told then.
  if (isFinal) return [];
  const what = { kind: 'draft', operation: 'remove-draft-copy', reason: 'discarded-here' } as const;
  return [{ ...blank, ...what, key: removalKey(draftId), draftId, entryId, subject }];
}

function planReceived(input: PlanInput): Item[] {
  const { outage, primaryBackAt, graceMs, now, relayClockMs } = input;
  const ownIds = new Set(input.sent.filter((one) => !one.isToSelf).map((one) => one.messageId));
  return input.received.flatMap((mail): Item[] => {
    const standing = standingOf(mail, { startedAt: outage.startedAt, relayClockMs, now });
    if (standing === 'older' || !isDelivery(mail, ownIds)) return [];
    const { entryId, messageId, subject, primaryDate } = mail;
    // What both sides had before the outage has nothing to do with it.
    if (primaryDate !== null && primaryDate < wholeSeconds(outage.startedAt)) return [];
    const item = { ...blank, kind: 'received', key: `in:${entryId}`, operation: 'await-delivery', entryId, messageId, subject } as const;
    if (primaryDate !== null) return [{ ...item, reason: 'already-at-primary', state: 'confirmed', detail: 'delivered' }];
    // A date in the future must not put it off.
    const at = Math.min(arrivedAt(mail, relayClockMs), now);
    const reason = standing === 'uncertain' ? 'time-uncertain' : 'seen-at-relay-only';
    return [{ ...item, reason, dueAt: dueAt(at, primaryBackAt, graceMs) }];
  });
}

function isDelivery({ relayRoles, messageId }: ReceivedFact, ownIds: ReadonlySet<string>): boolean {
  if (messageId !== null && ownIds.has(messageId)) return false;
  return isDelivered(relayRoles);
}

/** Whether one of these relay mailboxes is a place where mail reaches the person. Pure. */
export function isDelivered(relayRoles: readonly MailboxRole[]): boolean {
  return relayRoles.some((role) => !NOT_DELIVERED.has(role));
}

/** Until then mail seen by the relay only is left to the relay's own queue: counted from the primary's return and the mail's own date. */
export function dueAt(arrived: number, primaryBackAt: number, graceMs: number): number {
  return Math.max(arrived, primaryBackAt) + graceMs;
}
