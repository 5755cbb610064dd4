import { asEntryId, asPlacementId, type EntryId, type MailboxId, type PlacementId } from '../../../shared/model/ids.ts';
import type { RemoteSummary } from '../imap/gateway.ts';
import { deriveEntry, type DeriveContext, type DerivedEntry } from '../store/derive-entry.ts';
import { headersOf } from '../store/entries.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { flagsToText } from '../store/flags.ts';
import { isSameLabelled, leadLabel } from '../store/labels.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import { isOtherMessage } from '../imap/same-message.ts';
import type { Placement } from '../store/placements.ts';
import { limits } from '../../../shared/limits.ts';
import { addressesOf, summaryDigest } from '../imap/summary-digest.ts';
import { isDatedAnew, isSameSubject, likeliestFirst, matchAcrossSides, matchOnSameServer, type Evidence } from './match.ts';

/** What a placement has not got before it is recorded; nothing that is shown depends on it. */
const UNRECORDED = { id: asPlacementId(1), entryId: asEntryId(1), fetchAttempts: 0, state: 'present' } as const;

export interface RecordResult {
  readonly placementId: PlacementId;
  readonly entryId: EntryId;
  readonly changed: readonly MailboxId[];
}

/**
 * States whose entry a re-found message takes over: it moved, came back, or its mailbox got a new epoch. What was held as a
 * mass deletion was none if it stands elsewhere.
 */
const TAKEN_OVER = new Set(['unlinked', 'superseded', 'vanished', 'held']);

/** Gone, and not just on its way to another mailbox, where its equal may still be found. */
const IS_SETTLED = new Set(['superseded', 'vanished', 'held']);

/** An original that could only be marked as deleted after its copy was proved is left behind by a move, too. */
const isTakenOver = (one: Placement): boolean => TAKEN_OVER.has(one.state) || one.flags.includes('\\deleted');

function evidenceOf(summary: RemoteSummary, digest: string): Evidence {
  const { messageId, structureDigest, sizeBytes, internalDate, emailId } = summary;
  return { messageId, structureDigest, sizeBytes, internalDate, emailId, summaryDigest: digest };
}

function findEarlier(alike: readonly Placement[], { side }: Mailbox, evidence: Evidence): Placement | null {
  const candidates = alike.filter((one) => one.side === side && isTakenOver(one));
  const equal = candidates.filter((one) => matchOnSameServer(evidence, one) !== 'none');
  const found = equal.length > 0 ? equal : candidates.filter((one) => IS_SETTLED.has(one.state) && isDatedAnew(evidence, one));
  // A message that left this very mailbox a moment ago is the likeliest origin of a move back; else the latest loss.
  return found.sort(likeliestFirst(evidence))[0] ?? null;
}

/** The same message under another label: what is known of it holds for this one, too, and both stay. */
function findLabel(alike: readonly Placement[], { side }: Mailbox, evidence: Evidence, { roleOf }: DeriveContext): Placement | null {
  const standing = alike.filter((one) => one.state === 'present' && isSameLabelled({ ...evidence, side }, one));
  const whole = standing.filter((one) => one.bodyState === 'complete');
  return leadLabel(whole.length > 0 ? whole : standing, roleOf) ?? null;
}

/** Earlier versions took every label for a mail of its own: what has no copy at the relay and nothing under way joins the others. */
function gatherLabels(store: EngineStore, alike: readonly Placement[], label: Placement, context: DeriveContext): MailboxId[] {
  const strays = new Set(alike.filter((one) => one.entryId !== label.entryId && isSameLabelled(one, label)).map((one) => one.entryId));
  return [...strays].flatMap((id) => {
    const held = store.placements.ofEntry(id);
    if (store.ops.hasOpen(id) || !held.every((one) => isSameLabelled(one, label))) return [];
    for (const one of held) store.placements.setEntry(one.id, label.entryId);
    return store.entries.refresh(id, context);
  });
}

/** The same mail on the other side: one of which all is equal before one whose subject a filter has changed. */
function findCounterpart(store: EngineStore, alike: readonly Placement[], { side }: Mailbox, seen: Seen): EntryId | null {
  const others = alike.filter((one) => one.side !== side);
  const equal = others.filter((one) => matchAcrossSides(seen.evidence, one) !== 'none');
  const tagged = others.filter((one) => !equal.includes(one) && isTaggedAlike(store, seen, one));
  for (const candidate of [...equal, ...tagged]) {
    // A mail that this side had lost, and has again, is that mail.
    const taken = store.placements.ofEntry(candidate.entryId).some((one) => one.side === side && !isTakenOver(one));
    if (!taken) return candidate.entryId;
  }
  return null;
}

interface Seen {
  readonly summary: RemoteSummary;
  readonly evidence: Evidence;
}

const peopleOf = ({ from, to, cc }: Pick<RemoteSummary, 'from' | 'to' | 'cc'>): string => JSON.stringify([from, to, cc].map(addressesOf));

/** A filter on the way to one of the sides marks subjects of mail from outside; nothing else of the header may differ. */
function isTaggedAlike(store: EngineStore, { summary, evidence }: Seen, one: Placement): boolean {
  if (evidence.messageId === null || evidence.messageId !== one.messageId || summary.sentDate === null) return false;
  const known = store.entries.heading(one.entryId);
  if (known === null || known.sentDate !== summary.sentDate || known.subject === summary.subject) return false;
  return isSameSubject(known.subject, summary.subject) && peopleOf(known.headers) === peopleOf(summary);
}

/** Came after the last look at this mailbox of the relay: its UID is new there, and nothing like it was there before. */
function isNewAtRelay({ side, uidNext }: Mailbox, { uid }: RemoteSummary, alike: readonly Placement[]): boolean {
  return side === 'relay' && uidNext !== null && uid >= uidNext && !alike.some((one) => one.side === 'relay');
}

function newEntry(store: EngineStore, mailbox: Mailbox, summary: RemoteSummary, shown: DerivedEntry): EntryId {
  const entry = {
    accountId: mailbox.accountId,
    internalDate: summary.internalDate,
    sentDate: summary.sentDate,
    messageId: summary.messageId,
    subject: summary.subject.slice(0, limits.maxSubjectChars),
    headers: headersOf(summary),
    sizeBytes: summary.sizeBytes,
    hasAttachments: summary.hasAttachments,
  };
  return store.entries.insert(entry, shown);
}

/**
 * Records one message seen on a server: its placement, and the entry it belongs to (its own from before a move or a new
 * epoch, the one of its copy on the other side, or a new one). Call inside a transaction.
 */
export function recordSummary(
  store: EngineStore,
  mailbox: Mailbox,
  summary: RemoteSummary,
  context: DeriveContext,
  now: number,
): RecordResult {
  const seenBefore = store.placements.findByUid(mailbox.id, mailbox.uidValidity!, summary.uid);
  if (seenBefore && !isOtherMessage(seenBefore, summary)) return revive(store, seenBefore, summary, context, now);
  if (seenBefore) store.placements.displace(seenBefore.id, now);
  const digest = summaryDigest(summary);
  const evidence = evidenceOf(summary, digest);
  const alike = store.placements.alike(mailbox.accountId, evidence.messageId, digest);
  const label = context.hasLabels ? findLabel(alike, mailbox, evidence, context) : null;
  const earlier = label ?? findEarlier(alike, mailbox, evidence);
  const known = earlier?.entryId ?? findCounterpart(store, alike, mailbox, { summary, evidence });
  const isArrival = earlier === null && isNewAtRelay(mailbox, summary, alike);
  const isTooLarge = summary.sizeBytes > limits.maxSourceBytes;
  // EMAILID is the server's own word that the source is the same; otherwise the body step proves it by the header.
  const isProven = earlier !== null && matchOnSameServer(evidence, earlier) === 'same' && earlier.bodyState === 'complete';
  const seen = {
    ...evidence,
    mailboxId: mailbox.id,
    side: mailbox.side,
    uidValidity: mailbox.uidValidity!,
    uid: summary.uid,
    modSeq: summary.modSeq,
    flags: flagsToText(summary.flags),
    sourceId: isProven ? earlier.sourceId : null,
    bodyState: isProven ? 'complete' : isTooLarge ? 'too-large' : 'missing',
    // A mail that was moved came when it came.
    arrivedAfter: isArrival ? store.relayClock.lookedAt(mailbox.accountId) : (earlier?.arrivedAfter ?? null),
  } as const;
  const merged = label === null ? [] : gatherLabels(store, alike, label, context);
  const shown = known === null ? deriveEntry([{ ...seen, ...UNRECORDED, stateSince: now }], context) : null;
  const entryId = known ?? newEntry(store, mailbox, summary, shown!);
  const placementId = store.placements.insert({ ...seen, entryId, at: now });
  if (earlier) releaseEarlier(store, earlier, isProven);
  if (isTooLarge) store.entries.setProblems(entryId, [{ code: 'size-limit', detail: '' }]);
  return { placementId, entryId, changed: shown ? [shown.viewMailboxId] : [...merged, ...store.entries.refresh(entryId, context)] };
}

/** A UID that a server had ceased to answer, and answers again in the same epoch, was never gone. */
function revive(store: EngineStore, placement: Placement, summary: RemoteSummary, context: DeriveContext, now: number): RecordResult {
  store.placements.setFlags(placement.id, flagsToText(summary.flags), summary.modSeq);
  if (placement.state !== 'present') store.placements.setState(placement.id, 'present', now);
  return { placementId: placement.id, entryId: placement.entryId, changed: store.entries.refresh(placement.entryId, context) };
}

/**
 * The earlier placement goes once its successor stands. One whose body is not yet proven to be the same stays, unlinked,
 * until the body step has compared header digests; until then the entry is readable through it.
 */
function releaseEarlier(store: EngineStore, earlier: Placement, isProven: boolean): void {
  if (!TAKEN_OVER.has(earlier.state)) return;
  if (isProven || earlier.bodyState !== 'complete') store.placements.remove(earlier.id);
  else store.placements.setState(earlier.id, 'unlinked', earlier.stateSince);
}
