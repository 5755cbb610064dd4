import { ownAddressTest } from '../../../shared/model/account.ts';
import { continuityInForce } from '../../../shared/model/continuity-config.ts';
import type { AccountId, DraftId, EntryId, OpId, OutboxId } from '../../../shared/model/ids.ts';
import { placementOfCopy, shownOfCopy } from '../store/copy-placement.ts';
import type { DraftRow } from '../store/draft-row.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { hasLabels } from '../store/labels.ts';
import { isOpen, type Op, type OpChange } from '../store/ops.ts';
import type { OutboxRow } from '../store/outbox-item.ts';
import type { PrimaryPlace, RelayMail } from '../store/reconcile-facts.ts';
import type { DraftFact, OpFact, PlanInput, ReceivedFact, RemovalFact, SentFact } from './facts.ts';
import { primaryMailbox } from '../store/primary-mailbox.ts';
import { TRANSIT_MARGIN_MS } from './arrival.ts';
import { isSameMail, type MailEvidence } from './same-mail.ts';

/** What is read of the outage and its account to make a plan. */
export interface GatherInput {
  readonly accountId: AccountId;
  readonly startedAt: number;
  /** The outage's own: placements after it were seen since it was confirmed. */
  readonly relayMark: number;
  readonly primaryBackAt: number;
  readonly now: number;
  /** A change in machine-readable words. */
  readonly describe: Describe;
}

export type Describe = (change: OpChange) => string;

/** Reads what a plan is made of, in one transaction: nothing changes between the questions. */
export function gather(store: EngineStore, of: GatherInput): PlanInput {
  return store.handle.tx('reconcile.gather', () => {
    const { accountId, startedAt, relayMark: mark, primaryBackAt, now } = of;
    const { config } = store.accounts.get(accountId);
    const from = startedAt - TRANSIT_MARGIN_MS;
    const relayClockMs = store.relayClock.offsetMs(accountId);
    const wanted = { datedFrom: from + Math.min(0, relayClockMs), arrivedFrom: from, mark };
    return {
      outage: { startedAt },
      ...{ primaryBackAt, now, relayClockMs },
      graceMs: continuityInForce(config).deliveryGraceSeconds * 1000,
      sent: sentSince(store, accountId, from),
      ops: store.ops.open(accountId).map((op) => opFact(store, op, of.describe)),
      // A primary without a mailbox for them keeps none.
      drafts: primaryMailbox(store, accountId, 'drafts')
        ? store.drafts.openOf(accountId).map((row) => draftFact(store, row, startedAt))
        : [],
      removals: removalFacts(store, accountId),
      received: store.reconcileFacts
        .relayMail(accountId, wanted)
        .filter(({ entryId }) => !isCarried(store, entryId))
        .map((mail) => receivedFact(store, accountId, mail)),
    };
  });
}

/** What is still to be proved or cleared up, and what was not sent: whether that was in the outage, the plan decides. */
const OPEN_OR_UNSENT = ['accepted', 'unknown', 'rejected', 'quarantined'] as const;

function sentSince(store: EngineStore, accountId: AccountId, from: number): SentFact[] {
  const rows = [...store.outbox.accepted(accountId, from), ...store.outbox.inStates(accountId, OPEN_OR_UNSENT)];
  return [...new Map(rows.map((row) => [row.id, sentFact(store, row)])).values()];
}

function sentFact(store: EngineStore, row: OutboxRow): SentFact {
  const isOwn = ownAddressTest(store.accounts.get(row.accountId).config);
  const { id: outboxId, state, route, acceptedAt, endedAt, sentCopy, subject, messageId, error } = row;
  const isToSelf = row.recipients.some((one) => isOwn(one.address));
  const isUnsent = state === 'rejected' || state === 'quarantined';
  const isPutAway = isUnsent && (row.dismissedAt !== null || store.outbox.isReplaced(row));
  const copyError = row.sentStep?.error ?? null;
  return { outboxId, state, route, acceptedAt, endedAt, sentCopy, copyError, subject, messageId, isToSelf, error, isPutAway };
}

/** How a mail handed over stands now; null when it is gone. */
export function sentFactOf(store: EngineStore, id: OutboxId): SentFact | null {
  const row = store.outbox.find(id);
  return row === null ? null : sentFact(store, row);
}

/** How a change of the person stands now; null when it is forgotten. */
export function opFactOf(store: EngineStore, id: OpId, describe: Describe): OpFact | null {
  const op = store.ops.get(id);
  return op === null ? null : opFact(store, op, describe);
}

function opFact(store: EngineStore, op: Op, describe: Describe): OpFact {
  const { id: opId, entryId, change, state, stepResult, lastError: error } = op;
  const outcome = isOpen(op) ? 'open' : (state as OpFact['outcome']);
  const subject = entryId === null ? '' : (store.lists.detail(entryId)?.row.subject ?? '');
  const detail = describe(change).slice(0, 300);
  const met = typeof stepResult['met'] === 'string' ? stepResult['met'] : '';
  const isSuperseded = stepResult['partOf'] !== undefined;
  const isRestore = change.kind === 'restore';
  return { opId, entryId, isRestore, isOpen: outcome === 'open', outcome, subject, detail, met, isSuperseded, error };
}

function draftFact(store: EngineStore, row: DraftRow, since: number): DraftFact {
  const { id: draftId, content, revision, filedRevision, conflictAt, filingRefusal: last } = row;
  // A full mailbox is tried again for hours: nobody should have to wait for the balance as long.
  const isHeldUp = last !== null && ((last.isFinal && last.revision === revision) || last.error.retry !== 'later');
  // One that the primary does not let go is told by itself.
  const isReplacing = store.drafts.copies
    .ofDraft(draftId)
    .some((one) => one.state === 'removing' && one.uid !== null && one.refusal === null);
  return {
    ...{ draftId, subject: content.subject, revision, filedRevision, isReplacing },
    ...{ isConflict: conflictAt !== null && conflictAt >= since, refusal: isHeldUp ? last.error : null },
  };
}

/**
 * How a draft stands now; null when it was sent or discarded.
 * @param since beginning of the outage, milliseconds since 1970
 */
export function draftFactOf(store: EngineStore, id: DraftId, since: number): DraftFact | null {
  const row = store.drafts.find(id);
  return row === null || row.state !== 'open' ? null : draftFact(store, row, since);
}

/** Those of open drafts go with the filing of the next version. */
function removalFacts(store: EngineStore, accountId: AccountId): RemovalFact[] {
  const ids = new Set(store.drafts.copies.inState(accountId, 'removing').map((one) => one.draftId));
  return [...ids].flatMap((id) => (store.drafts.find(id)?.state === 'open' ? [] : (removalFactOf(store, id) ?? [])));
}

/** What still has to go of a draft that was discarded or sent; null where nothing is left. */
export function removalFactOf(store: EngineStore, draftId: DraftId): RemovalFact | null {
  const copies = store.drafts.copies.ofDraft(draftId).filter((one) => one.state === 'removing');
  const [first] = copies;
  if (first === undefined) return null;
  const isFinal = copies.every((one) => one.refusal?.isFinal === true);
  const listed = copies.find((one) => placementOfCopy(store, one) !== null) ?? first;
  return { draftId, ...shownOfCopy(store, listed), isFinal, error: copies.find((one) => one.refusal !== null)?.refusal?.error ?? null };
}

/**
 * Whether an outage shortly before has proved it at the primary: wherever a person has put it since, in Sent too, where a copy alone
 * says nothing of delivery.
 */
const isCarried = ({ reconcile }: EngineStore, entryId: EntryId): boolean => reconcile.receivedItemOf(entryId)?.state === 'confirmed';

function receivedFact(store: EngineStore, accountId: AccountId, mail: RelayMail): ReceivedFact {
  const { entryId, messageId, subject, internalDate, arrivedAfter, seenAt, isNew, isWatched, roles: relayRoles } = mail;
  const places = placesOfSameMail(store, accountId, entryId, messageId);
  const primaryDate = places.length === 0 ? null : Math.min(...places.map((one) => one.internalDate));
  const arrival = { internalDate, arrivedAfter, seenAt, isNew, isWatched };
  return { entryId, messageId, subject, ...arrival, relayRoles, primaryDate };
}

/** Where the primary holds or held this mail: under the same entry, or under one that is the same mail by its headers. */
export function placesOfSameMail(store: EngineStore, accountId: AccountId, entryId: EntryId, messageId: string | null): PrimaryPlace[] {
  const known = evidenceOf(store, entryId);
  return store.reconcileFacts
    .primaryPlaces(accountId, entryId, messageId)
    .filter((one) => one.entryId === entryId || (known !== null && isSameEntry(store, known, one.entryId)))
    .filter((one) => known === null || !isWritten(store, accountId, known, one));
}

/** What the person wrote stands in what holds all mail, too, where mailboxes are labels: there it is no sign of delivery. */
function isWritten(store: EngineStore, accountId: AccountId, { from, messageId }: MailEvidence, { mailboxId }: PrimaryPlace): boolean {
  if (!hasLabels(store, accountId) || store.mailboxes.get(mailboxId)?.role !== 'archive') return false;
  if (messageId !== null && store.outbox.withMessageId(accountId, messageId) !== null) return true;
  const isOwn = ownAddressTest(store.accounts.get(accountId).config);
  return from.some((one) => isOwn(one.address));
}

function isSameEntry(store: EngineStore, known: MailEvidence, other: EntryId): boolean {
  const found = evidenceOf(store, other);
  return found !== null && isSameMail(known, found);
}

/** What of an entry is compared with mail found at the primary. */
export function evidenceOf(store: EngineStore, entryId: EntryId): MailEvidence | null {
  const detail = store.lists.detail(entryId);
  if (detail === null) return null;
  const { messageId, row, headers } = detail;
  return { messageId, sentDate: row.sentDate, subject: row.subject, from: headers.from };
}
