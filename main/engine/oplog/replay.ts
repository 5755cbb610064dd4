import { MailError, packError, type ErrorCode } from '../../../shared/errors.ts';
import { asMailboxId, type EntryId } from '../../../shared/model/ids.ts';
import { MAX_LONE_CUTS } from '../imap/cut-pauses.ts';
import type { ImapSession } from '../imap/gateway.ts';
import { isLesserFailure } from '../imap/lesser-failure.ts';
import { isOpen, type Op, type OpChange } from '../store/ops.ts';
import { carryOutAlike, gatherAlike, MAX_ALIKE } from './op-batch.ts';
import { findTarget, locatedAt, type OpTarget } from './op-target.ts';
import { getMailbox, type ReplayContext, type StepOutcome } from './replay-context.ts';
import { confirm, refuse } from './settle-op.ts';
import { laterFlags, setFlags } from './step-flags.ts';
import * as mailboxSteps from './step-mailbox.ts';
import { copy, move, remove } from './step-place.ts';
import { restore } from './step-restore.ts';
import { findTransferred, isCopying } from './step-transfer.ts';

export type { ReplayContext } from './replay-context.ts';

/** A try that ends without a verdict is repeated this often before a person has to look. */
const MAX_ATTEMPTS = 8;
/** Pause after a refusal without a verdict, doubled each time; the first repetition comes at once. */
const PAUSE_MS = 5_000;
const MAX_PAUSE_MS = 5 * 60_000;

/** What became of one operation in this run. */
type Result = 'settled' | 'open';

/**
 * Carries open operations to the server, in the order they were made: claim (durable), act, confirm (durable). After a
 * kill between two steps the next run looks what the server has before it acts again. Returns how many were settled.
 * @throws MailError of scope connection, account or store: the rest waits.
 */
export async function replayOps(context: ReplayContext, session: ImapSession): Promise<number> {
  let settled = 0;
  const blocked = new Set<number>();
  const listed = context.store.ops.open(context.accountId);
  for (let at = 0; at < listed.length; at += 1) {
    const alike = gatherAlike(context, session, listed.slice(at, at + MAX_ALIKE), blocked);
    if (alike.length > 1) {
      settled += await carryOutAlike(context, session, alike);
      // What is left of them is next: each for itself.
    }
    const { id, entryId } = listed[at]!;
    // Later operations on a message wait for its earlier ones: a moved message is deleted where it went.
    if (entryId !== null && blocked.has(entryId)) continue;
    // It may have been taken back while an earlier one was on its way, or carried out together with others.
    const op = context.store.ops.get(id);
    if (op === null || !isOpen(op)) continue;
    if ((await replayOne(context, session, op)) === 'settled') settled += 1;
    else if (op.entryId !== null) blocked.add(op.entryId);
  }
  return settled;
}

/** The place where an operation is carried out; `open` where it has to wait, `settled` where nothing is left to be done. */
function aim(context: ReplayContext, op: Op): OpTarget | null | Result {
  const { store, side } = context;
  const { change, entryId } = op;
  if (op.notBefore > context.clock.now() || context.cuts.isPaused(op.id)) return 'open';
  if (entryId === null) return side === 'primary' && !isStillNeeded(context, op) ? null : 'open';
  if ('targetMailboxId' in change) {
    const target = store.mailboxes.get(asMailboxId(change.targetMailboxId));
    if (target && store.ops.isToBeCreated(context.accountId, target.path)) return 'open';
  }
  if (change.kind === 'restore') return aimRestore(context, op);
  const target = findTarget(context, op);
  if (target === 'wait' || target === 'other-side') return 'open';
  if (target === 'gone') return settleGone(context, op);
  if (side === 'relay' && change.kind !== 'set-flags') {
    // The relay only keeps copies: filing or deleting there would change nothing for the person.
    return refused(
      context,
      op,
      new MailError('operation-unsafe', { scope: 'message', retry: 'never', side, detail: 'held by the relay only' }),
    );
  }
  return target;
}

/** A mailbox that is to go waits for what was to be done before with the mail in it: with that mail it would not be empty, and be refused. */
function isStillNeeded({ store, accountId }: ReplayContext, { id, change }: Op): boolean {
  if (change.kind !== 'delete-mailbox') return false;
  const isIn = (entryId: EntryId): boolean =>
    store.placements.ofEntry(entryId).some((one) => one.mailboxId === change.mailboxId && one.state === 'present');
  const earlier = store.ops.open(accountId).filter((one) => one.id < id);
  return earlier.some((one) => one.entryId !== null && one.change.kind !== 'set-flags' && isIn(one.entryId));
}

function aimRestore({ store, side }: ReplayContext, op: Op): null | Result {
  if (side !== 'primary') return 'open';
  // A pass is about to find out where it went.
  const isInTransit = store.placements.ofEntry(op.entryId!).some((one) => one.side === 'primary' && one.state === 'unlinked');
  return isInTransit ? 'open' : null;
}

const deletes = ({ store }: ReplayContext, change: OpChange): boolean =>
  change.kind === 'delete' || (change.kind === 'move' && store.mailboxes.get(asMailboxId(change.targetMailboxId))?.role === 'trash');

/** The message is on no server any more: a deletion is done by that; of everything else the person is told. */
function settleGone(context: ReplayContext, op: Op): Result {
  const { change } = op;
  const before = change.kind === 'set-flags' && op.entryId !== null ? context.store.ops.lastMove(op.entryId, op.id) : null;
  // A flag on what the person has deleted before: nothing is lost by it.
  const isOwnDoing = before?.state === 'done' && deletes(context, before.change);
  if (!deletes(context, change) && !isOwnDoing)
    return refused(context, op, new MailError('message-missing', { scope: 'message', retry: 'never', side: context.side }));
  confirm(context, [{ op, target: null, outcome: { note: { gone: 1 } } }]);
  return 'settled';
}

const refused = (context: ReplayContext, op: Op, error: MailError): Result => {
  refuse(context, op, error);
  return 'settled';
};

async function replayOne(context: ReplayContext, session: ImapSession, op: Op): Promise<Result> {
  const target = aim(context, op);
  if (target === 'open' || target === 'settled') return target;
  const later = laterFlags(context, op);
  if (later !== null) {
    confirm(context, [{ op, target, outcome: { note: { partOf: later.id } } }]);
    context.step('oplog.confirmed');
    return 'settled';
  }
  context.store.handle.tx('oplog.claim', () =>
    context.store.ops.advance(op.id, op.state === 'copied' ? 'copied' : 'claimed', context.clock.now()),
  );
  context.step('oplog.claimed');
  try {
    const watch = { lookedAt: () => context.lookedAt(), onCut: (isAlone: boolean) => noteCut(context, op, isAlone) };
    const outcome = await context.cuts.around(op.id, session, () => act(context, session, op, target), watch);
    context.step('oplog.acted');
    confirm(context, [{ op, target, outcome }]);
    context.step('oplog.confirmed');
    return 'settled';
  } catch (error) {
    return await settleFailure(context, session, op, target, error);
  }
}

/** A server that ends the connection in place of a refusal is taken at its word in the end: the person is told, as of any refusal. */
function noteCut(context: ReplayContext, op: Op, isAlone: boolean): void {
  const { store, side, step } = context;
  const loneCuts = store.handle.tx('oplog.note-cut', () => store.ops.noteCut(op.id, isAlone));
  step('oplog.cut-noted');
  if (loneCuts < MAX_LONE_CUTS) return;
  refuse(context, op, new MailError('server-hangs-up', { scope: 'message', retry: 'ask', side, detail: `${loneCuts} times` }));
  step('oplog.refused');
}

function act(context: ReplayContext, session: ImapSession, op: Op, target: OpTarget | null): Promise<StepOutcome> {
  const { change } = op;
  switch (change.kind) {
    case 'append':
      return mailboxSteps.append(context, session, op, change);
    case 'create-mailbox':
      return mailboxSteps.createMailbox(session, change);
    case 'rename-mailbox':
      return mailboxSteps.renameMailbox(context, session, op, change);
    case 'delete-mailbox':
      return mailboxSteps.deleteMailbox(context, session, change);
    case 'restore':
      return restore(context, session, op, change);
    default:
      break;
  }
  if (target === null) throw new MailError('internal', { scope: 'message', retry: 'never', detail: 'operation without a message' });
  switch (change.kind) {
    case 'set-flags':
      return setFlags(context, session, op, target, change);
    case 'copy':
      return copy(context, session, op, target, change);
    case 'move':
      return move(context, session, op, target, change);
    case 'delete':
      return remove(context, session, op, target);
  }
}

async function settleFailure(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  target: OpTarget | null,
  error: unknown,
): Promise<Result> {
  if (!isLesserFailure(error, session)) throw error;
  if (error.code === 'message-missing' && target && (await isDoneAlready(context, session, op, target))) return 'settled';
  const { store, clock } = context;
  const isHalf = isHalfDone(store.ops.get(op.id) ?? op) && REFUSALS.has(error.code);
  // A connection that ended was no verdict.
  const tries = op.attempts + 1 - op.cuts;
  const isFinal = tries >= MAX_ATTEMPTS || (!isHalf && (error.retry === 'never' || error.retry === 'ask'));
  if (isFinal) return refused(context, op, error);
  // What a pass clears up is tried again after it; a server that said NO is given time.
  const isPaused = isHalf || error.code === 'command-refused';
  const pause = isPaused && tries > 1 ? Math.min(PAUSE_MS * 2 ** (tries - 1), MAX_PAUSE_MS) : 0;
  store.handle.tx('oplog.requeue', () => {
    // The step that failed may have noted how far it had come.
    const state = store.ops.get(op.id)?.state === 'copied' ? 'copied' : 'queued';
    store.ops.advance(op.id, state, clock.now(), { error: packError(error), notBefore: pause === 0 ? 0 : clock.now() + pause });
  });
  return 'open';
}

/** What a server says no to, for now or for good. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['command-refused', 'over-quota', 'mailbox-missing', 'protocol-violation']);

/** Its copy stands, or may stand: given up now, the mail would be there twice. */
const isHalfDone = (op: Pick<Op, 'state' | 'stepResult'>): boolean => isCopying(op) || op.stepResult['acknowledged'] === 1;

/**
 * Gone from its place: either our own move whose confirmation was lost, or somebody else's doing. A deletion is not taken for
 * done by that: a pass has to tell whether the message was moved.
 */
async function isDoneAlready(context: ReplayContext, session: ImapSession, op: Op, target: OpTarget): Promise<boolean> {
  const { change } = op;
  if (change.kind !== 'move') return false;
  const arrival = await findTransferred(session, op, locatedAt(target), getMailbox(context, change.targetMailboxId));
  if (arrival === null) return false;
  const note = { toUid: arrival.uid, toEpoch: Number(arrival.uidValidity) };
  confirm(context, [{ op, target, outcome: { isSourceGone: true, arrival, note } }]);
  return true;
}
