import { MailError } from '../../../shared/errors.ts';
import type { Uid, UidValidity } from '../../../shared/model/ids.ts';
import type { CopyResult, ImapSession } from '../imap/gateway.ts';
import { packFloor, readFloor, unpackFloor, type Floor } from '../imap/floor.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op } from '../store/ops.ts';
import { selectProven, type Located } from './op-target.ts';
import type { Arrival, ReplayContext, StepOutcome } from './replay-context.ts';

/** UIDNEXT of the target noted before anything is put there: whatever is found from there on is ours or newer. */
async function noteFloor(context: ReplayContext, session: ImapSession, op: Op, path: string): Promise<{ op: Op; floor: Floor }> {
  const noted = unpackFloor(op.stepResult);
  if (noted) return { op, floor: noted };
  const floor = await readFloor(session, path);
  const stepResult = { ...op.stepResult, ...packFloor(floor) };
  context.record(op, op.state === 'copied' ? 'copied' : 'claimed', stepResult);
  context.step('oplog.floor-noted');
  return { op: { ...op, stepResult }, floor };
}

interface Found {
  readonly uid: Uid;
  readonly uidValidity: UidValidity;
}

/** Copy of a message that stands in the target since the floor: by Message-ID and size. */
async function findCopy(session: ImapSession, path: string, floor: Floor, source: Located): Promise<Found | null> {
  if (source.messageId === null) return null;
  const { uidValidity } = await session.select(path);
  const uids = await session.searchMessageId(source.messageId, ...(uidValidity === floor.uidValidity ? [floor.uid] : []));
  if (uids.length === 0) return null;
  for await (const one of session.fetchSummaries(uids)) {
    if (!('error' in one) && one.sizeBytes === source.sizeBytes) return { uid: one.uid, uidValidity };
  }
  return null;
}

/** The new place as COPYUID tells it; null where the server does not say. */
function toldPlace({ mappings, targetUidValidity }: CopyResult, source: Located): Found | null {
  const uid = mappings?.find((one) => one.source === source.uid)?.target;
  return uid === undefined || targetUidValidity === null ? null : { uid, uidValidity: targetUidValidity };
}

const arrivalAt = (mailbox: Mailbox, found: Found | null): Arrival | null => (found === null ? null : { mailbox, ...found });
const arrivalNote = (found: Found | null): Op['stepResult'] =>
  found === null ? {} : { toUid: found.uid, toEpoch: Number(found.uidValidity) };

/** Removes exactly one message; without UIDPLUS it is only marked, for a plain EXPUNGE would take other clients' mail too. */
export async function removeSource(
  session: ImapSession,
  source: Located,
  guard: Parameters<ImapSession['storeFlags']>[3] | null = null,
): Promise<StepOutcome> {
  await selectProven(session, source);
  const { modified } = await session.storeFlags([source.uid], 'add', ['\\Deleted'], ...(guard === null ? [] : [guard]));
  if (modified.length > 0) {
    throw new MailError('changed-on-both-sides', {
      scope: 'message',
      retry: 'never',
      side: session.side,
      detail: 'changed at the last moment',
    });
  }
  if (!session.caps.uidplus) return { isSourceLeft: true };
  await session.expunge([source.uid]);
  return { isSourceGone: true };
}

/** Copies once, and proves it by COPYUID or by search: a repeated try looks for its earlier copy first. */
export async function copyProved(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  source: Located,
  to: Mailbox,
): Promise<{ op: Op; found: Found }> {
  const hasEarlier = unpackFloor(op.stepResult) !== null;
  const noted = await noteFloor(context, session, op, to.path);
  const earlier = hasEarlier ? await findCopy(session, to.path, noted.floor, source) : null;
  if (earlier) return { op: noted.op, found: earlier };
  await selectProven(session, source);
  const told = toldPlace(await session.copy([source.uid], to.path), source);
  context.step('oplog.copied');
  const found = told ?? (await findCopy(session, to.path, noted.floor, source));
  if (found) return { op: noted.op, found };
  throw new MailError('operation-unsafe', { scope: 'message', retry: 'never', side: session.side, detail: 'the copy cannot be proved' });
}

/** UID MOVE where offered; else copy, prove, note, and only then remove (bar O11: delete is last). */
export async function transfer(context: ReplayContext, session: ImapSession, op: Op, source: Located, to: Mailbox): Promise<StepOutcome> {
  if (session.caps.move) {
    await noteFloor(context, session, op, to.path);
    await selectProven(session, source);
    const found = toldPlace(await session.move([source.uid], to.path), source);
    return { isSourceGone: true, arrival: arrivalAt(to, found), note: arrivalNote(found) };
  }
  if (op.state === 'copied') {
    const found = notedArrival(op);
    return { ...(await removeSource(session, source)), arrival: arrivalAt(to, found), note: arrivalNote(found) };
  }
  const copied = await copyProved(context, session, op, source, to);
  context.record(copied.op, 'copied', { ...copied.op.stepResult, ...arrivalNote(copied.found) });
  context.step('oplog.copy-noted');
  return { ...(await removeSource(session, source)), arrival: arrivalAt(to, copied.found), note: arrivalNote(copied.found) };
}

function notedArrival({ stepResult }: Op): Found | null {
  const { toUid, toEpoch } = stepResult;
  return typeof toUid === 'number' && typeof toEpoch === 'number'
    ? { uid: toUid as Uid, uidValidity: BigInt(toEpoch) as UidValidity }
    : null;
}

/** After a lost confirmation the source is gone already: the transfer counts when its copy is found in the target. */
export async function findTransferred(session: ImapSession, op: Op, source: Located, to: Mailbox): Promise<Arrival | null> {
  const floor = unpackFloor(op.stepResult);
  return floor === null ? null : arrivalAt(to, await findCopy(session, to.path, floor, source));
}
