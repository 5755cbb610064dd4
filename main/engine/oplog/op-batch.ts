import type { ModSeq } from '../../../shared/model/ids.ts';
import { asMailboxId } from '../../../shared/model/ids.ts';
import type { MailboxRole } from '../../../shared/model/mailbox.ts';
import type { ImapSession, RemoteSummary, SelectedMailbox } from '../imap/gateway.ts';
import { isSameMessage } from '../imap/same-message.ts';
import { packFloor, readFloor } from '../imap/floor.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import { readSummaries } from '../imap/read-summaries.ts';
import { flagsToText } from '../store/flags.ts';
import { hasLabels } from '../store/labels.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op, OpChange } from '../store/ops.ts';
import { baselineFor, findTarget, guardOf, type OpTarget } from './op-target.ts';
import type { ReplayContext } from './replay-context.ts';
import { confirm, type Settled } from './settle-op.ts';
import { keptOf, laterFlags, metNote, noteMeeting } from './step-flags.ts';
import { laterPlace } from './step-place.ts';
import { changedFlags, decideFlags, decidePlace } from './three-way.ts';

/** Operations carried out with one command, at most. */
export const MAX_ALIKE = 200;

type Of<K extends OpChange['kind']> = Extract<OpChange, { kind: K }>;

interface Member {
  readonly op: Op;
  readonly target: OpTarget;
}

/** A member whose message was seen on the server and is the one meant. */
interface Seen extends Member {
  readonly summary: RemoteSummary;
}

/** Of these labels a move takes a message out for certain. */
const SINGLE_LABELS: ReadonlySet<MailboxRole> = new Set(['inbox', 'other', 'trash', 'junk']);

/** Never tried, and nothing stands in its way: whatever is more than that is carried out for itself. */
function memberOf(context: ReplayContext, session: ImapSession, id: Op['id']): Member | null {
  const { store, side } = context;
  const op = store.ops.get(id);
  if (op === null || op.entryId === null || op.state !== 'queued' || op.attempts > 0) return null;
  const isKind = op.change.kind === 'set-flags' || (op.change.kind === 'move' && side === 'primary' && session.caps.move);
  if (!isKind) return null;
  const target = findTarget(context, op);
  if (typeof target === 'string' || laterFlags(context, op) !== null) return null;
  if (op.change.kind === 'move' && !isPlainMove(context, { op, target }, op.change)) return null;
  return { op, target };
}

function isPlainMove(context: ReplayContext, { op, target }: Member, change: Of<'move'>): boolean {
  const { store, side, accountId } = context;
  const to = store.mailboxes.get(asMailboxId(change.targetMailboxId));
  if (to === null || to.vanishedAt !== null || store.ops.isToBeCreated(accountId, to.path)) return false;
  // What may stay where it is, is looked after by itself.
  if (hasLabels(store, accountId) && (!SINGLE_LABELS.has(target.mailbox.role) || op.undoOf !== null)) return false;
  const verdict = decidePlace(baselineFor(op, side)?.mailboxId ?? null, target.mailbox.id, to.id);
  return verdict === 'apply' && laterPlace(context, op) === null;
}

/** The operations at the beginning of the list that ask for the same on different messages of one mailbox. */
export function gatherAlike(context: ReplayContext, session: ImapSession, listed: readonly Op[], blocked: ReadonlySet<number>): Member[] {
  const members: Member[] = [];
  const entries = new Set<number>();
  const wanted = JSON.stringify(listed[0]?.change);
  // Most lists are short and mixed: nothing is looked up for those.
  if (JSON.stringify(listed[1]?.change) !== wanted) return members;
  for (const { id, entryId, change } of listed) {
    if (entryId === null || blocked.has(entryId) || entries.has(entryId) || JSON.stringify(change) !== wanted) break;
    const member = memberOf(context, session, id);
    const first = members[0]?.target ?? member?.target;
    const isSamePlace =
      member?.target.mailbox.id === first?.mailbox.id && member?.target.placement.uidValidity === first?.placement.uidValidity;
    if (member === null || !isSamePlace) break;
    entries.add(entryId);
    members.push(member);
  }
  return members;
}

/**
 * Carries out what asks for the same with one command, by the same rules and proofs as each for itself. Returns how many were
 * settled; what is left of them is claimed, and goes the single way.
 * @throws MailError of scope connection, account or store.
 */
export async function carryOutAlike(context: ReplayContext, session: ImapSession, members: readonly Member[]): Promise<number> {
  const { store, clock } = context;
  const { change } = members[0]!.op;
  const to = change.kind === 'move' ? store.mailboxes.get(asMailboxId(change.targetMailboxId)) : null;
  try {
    const floor = to === null ? {} : packFloor(await readFloor(session, to.path));
    // The server was asked meanwhile: what the person has taken back, or changed again, is no longer one of them.
    const claimed = members.filter(({ op }) => memberOf(context, session, op.id) !== null);
    if (claimed.length === 0) return 0;
    store.handle.tx('oplog.claim', () => {
      for (const { op } of claimed) store.ops.advance(op.id, 'claimed', clock.now(), { stepResult: { ...op.stepResult, ...floor } });
    });
    context.step('oplog.claimed');
    const { selected, seen } = await see(session, claimed);
    const settled =
      change.kind === 'set-flags'
        ? await flagAlike(context, session, selected, seen, keptOf(change, selected))
        : await moveAlike(context, session, seen, to!);
    context.step('oplog.acted');
    confirm(context, settled);
    context.step('oplog.confirmed');
    return settled.length;
  } catch (error) {
    // A refusal is about one of them, or about all: the single way finds out.
    if (isLesserFailure(error, session)) return 0;
    throw error;
  }
}

/** Selects their mailbox, and gives those whose UID still is the message meant. */
async function see(session: ImapSession, members: readonly Member[]): Promise<{ selected: SelectedMailbox; seen: Seen[] }> {
  const { mailbox, placement } = members[0]!.target;
  const selected = await session.select(mailbox.path, { forChange: true });
  if (selected.uidValidity !== placement.uidValidity) return { selected, seen: [] };
  const uids = members.map((member) => member.target.placement.uid);
  const summaries = new Map((await readSummaries(session, uids)).map((one) => [one.uid as number, one]));
  const seen = members.flatMap((member): Seen[] => {
    const { placement } = member.target;
    const summary = summaries.get(placement.uid);
    return summary && isSameMessage(placement, summary) ? [{ ...member, summary }] : [];
  });
  return { selected, seen };
}

/** One guard for all: MODSEQ only grows, so whatever changes from now on has a higher one than each of them. */
function commonGuard(context: ReplayContext, session: ImapSession, selected: SelectedMailbox, seen: readonly Seen[]): ModSeq | null {
  let highest: ModSeq | null = null;
  for (const { target, summary } of seen) {
    const guard = guardOf(context, session, selected, { mailbox: target.mailbox, summary });
    if (guard === null) return null;
    if (highest === null || guard > highest) highest = guard;
  }
  return highest;
}

async function flagAlike(
  context: ReplayContext,
  session: ImapSession,
  selected: SelectedMailbox,
  seen: readonly Seen[],
  change: Of<'set-flags'>,
): Promise<Settled[]> {
  const settled: Settled[] = [];
  const open: Seen[] = [];
  for (const one of seen) {
    const decision = decideFlags(baselineFor(one.op, context.side)?.flags ?? null, flagsToText(one.summary.flags), change);
    if (decision.theirs.length > 0) continue;
    if (decision.add.length + decision.remove.length === 0) settled.push(flagged(context, one, one.summary.flags, change));
    else open.push(one);
  }
  const mode = change.add.length > 0 ? 'add' : 'remove';
  // Both at once need two commands, each with a guard of its own.
  if (open.length === 0 || (change.add.length > 0 && change.remove.length > 0)) return settled;
  const guard = commonGuard(context, session, selected, open);
  const uids = open.map((one) => one.target.placement.uid);
  const { modified } = await session.storeFlags(uids, mode, change[mode], ...(guard === null ? [] : [guard]));
  context.step('oplog.flags-stored');
  const passedOver = new Set<number>(modified);
  const now = new Map((await session.fetchFlags(uids)).map((one) => [one.uid as number, one.flags]));
  const isDone = (flags: readonly string[]): boolean => {
    const { add, remove } = decideFlags(null, flagsToText(flags), change);
    return add.length + remove.length === 0;
  };
  for (const one of open) {
    const { uid } = one.target.placement;
    const flags = now.get(uid);
    if (passedOver.has(uid)) noteQuicker(context, one, flags);
    else if (flags && isDone(flags)) settled.push(flagged(context, one, flags, change));
  }
  return settled;
}

function flagged(context: ReplayContext, { op, target }: Seen, flags: readonly string[], change: Of<'set-flags'>): Settled {
  const baseline = baselineFor(op, context.side)?.flags ?? null;
  return { op, target, outcome: { flags, note: metNote(baseline, flagsToText(flags), change) } };
}

/** Somebody else was quicker: logged here, decided anew by itself. */
function noteQuicker(context: ReplayContext, { op, summary }: Seen, now: readonly string[] | undefined): void {
  const baseline = baselineFor(op, context.side)?.flags ?? null;
  noteMeeting(context, op, { baseline, server: flagsToText(now ?? summary.flags), theirs: 0, modified: 1 });
}

async function moveAlike(context: ReplayContext, session: ImapSession, seen: readonly Seen[], to: Mailbox): Promise<Settled[]> {
  const isUnchanged = ({ op, summary }: Seen): boolean =>
    to.role !== 'trash' || changedFlags(baselineFor(op, context.side)?.flags ?? null, flagsToText(summary.flags), 'trash').length === 0;
  const moved = seen.filter(isUnchanged);
  if (moved.length === 0) return [];
  const { mappings, targetUidValidity } = await session.move(
    moved.map((one) => one.target.placement.uid),
    to.path,
  );
  // Without COPYUID each is looked for in its target.
  if (mappings === null || targetUidValidity === null) return [];
  const places = new Map(mappings.map((one) => [one.source as number, one.target]));
  return moved.flatMap((one): Settled[] => {
    const uid = places.get(one.target.placement.uid);
    if (uid === undefined) return [];
    const arrival = { mailbox: to, uid, uidValidity: targetUidValidity };
    return [{ ...one, outcome: { isSourceGone: true, arrival, note: { toUid: uid, toEpoch: Number(targetUidValidity) } } }];
  });
}
