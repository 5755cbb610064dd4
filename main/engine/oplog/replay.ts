import { MailError, packError } from '../../../shared/errors.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { ImapSession } from '../imap/gateway.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { flagsToText } from '../store/flags.ts';
import type { Op, OpState } from '../store/ops.ts';
import * as steps from './op-steps.ts';
import { findTarget, type OpTarget } from './op-target.ts';

export interface ReplayContext {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly accountId: AccountId;
  readonly side: Side;
  /** Notes a step in the journal, durable on return. */
  record(op: Op, state: OpState, stepResult: Op['stepResult']): void;
  readonly step: (name: string) => void;
  /** How entries are shown again once an operation is confirmed or refused. */
  view(): DeriveContext;
  readonly onEntriesChanged: (mailboxIds: readonly number[]) => void;
}

/** A try that ends without a verdict is repeated this often before a person has to look. */
const MAX_ATTEMPTS = 8;

/**
 * Carries open operations to the server, in the order they were made: claim (durable), act, confirm (durable). After a
 * kill between two steps the next run looks what the server has before it acts again. Returns how many were settled.
 * @throws MailError of scope connection, account or store: the rest waits.
 */
export async function replayOps(context: ReplayContext, session: ImapSession): Promise<number> {
  let settled = 0;
  const blocked = new Set<number>();
  for (const op of context.store.ops.open(context.accountId)) {
    // Later operations on a message wait for its earlier ones: a moved message is deleted where it went.
    if (op.entryId !== null && blocked.has(op.entryId)) continue;
    const isSettled = await replayOne(context, session, op);
    if (isSettled) settled += 1;
    else if (op.entryId !== null) blocked.add(op.entryId);
  }
  return settled;
}

async function replayOne(context: ReplayContext, session: ImapSession, op: Op): Promise<boolean> {
  const target = op.entryId === null ? null : findTarget(context.store, op, context.side);
  if (op.entryId === null && context.side !== 'primary') return false;
  if (target === 'wait' || target === 'other-side') return false;
  if (target !== null && target !== 'gone' && context.side === 'relay' && op.change.kind !== 'set-flags') {
    // The relay only keeps copies: filing or deleting there would change nothing for the person.
    return refuse(
      context,
      op,
      new MailError('operation-unsafe', { scope: 'message', retry: 'never', side: 'relay', detail: 'held by the relay only' }),
    );
  }
  if (target === 'gone')
    return refuse(context, op, new MailError('message-missing', { scope: 'message', retry: 'never', side: context.side }));
  context.store.handle.tx('oplog.claim', () =>
    context.store.ops.advance(op.id, op.state === 'copied' ? 'copied' : 'claimed', context.clock.now()),
  );
  context.step('oplog.claimed');
  try {
    const outcome = await act(context, session, op, target);
    context.step('oplog.acted');
    confirm(context, op, target, outcome);
    context.step('oplog.confirmed');
    return true;
  } catch (error) {
    return await settleFailure(context, session, op, target, error);
  }
}

function act(context: ReplayContext, session: ImapSession, op: Op, target: OpTarget | null): Promise<steps.StepOutcome> {
  const { change } = op;
  switch (change.kind) {
    case 'append':
      return steps.append(context, session, op, change);
    case 'create-mailbox':
      return steps.createMailbox(session, change);
    case 'rename-mailbox':
      return steps.renameMailbox(context, session, change);
    case 'delete-mailbox':
      return steps.deleteMailbox(context, session, change);
    default:
      break;
  }
  if (target === null) throw new MailError('internal', { scope: 'message', retry: 'never', detail: 'operation without a message' });
  if (change.kind === 'set-flags') return steps.setFlags(session, target, change);
  if (change.kind === 'copy') return steps.copy(context, session, op, target, change);
  return change.kind === 'move' ? steps.move(context, session, op, target, change) : steps.remove(session, target);
}

function confirm(context: ReplayContext, op: Op, target: OpTarget | null, outcome: steps.StepOutcome): void {
  const { store, clock } = context;
  const lists: number[] = [];
  store.handle.tx('oplog.confirm', () => {
    store.ops.advance(op.id, 'done', clock.now(), { stepResult: { ...op.stepResult, left: outcome.isSourceLeft ? 1 : 0 } });
    if (target === null) return;
    const { placement } = target;
    if (outcome.flags) store.placements.setFlags(placement.id, flagsToText(outcome.flags), null);
    if (outcome.isSourceLeft) store.placements.setFlags(placement.id, flagsToText([...placement.flags.split(' '), '\\Deleted']), null);
    if (outcome.isSourceGone) store.placements.setState(placement.id, op.change.kind === 'delete' ? 'vanished' : 'unlinked', clock.now());
    lists.push(...store.entries.refresh(placement.entryId, context.view()));
  });
  context.onEntriesChanged(lists);
}

async function settleFailure(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  target: OpTarget | null,
  error: unknown,
): Promise<boolean> {
  if (!(error instanceof MailError) || !session.isOpen || !['message', 'mailbox'].includes(error.scope)) throw error;
  if (error.code === 'message-missing' && target) {
    // Gone from its place: either our own move whose confirmation was lost, or somebody else's doing.
    const isDone = await steps.isMoveDone(context, session, op, target, op.change);
    if (isDone || op.change.kind === 'delete') {
      confirm(context, op, target, { isSourceGone: true });
      return true;
    }
  }
  const isFinal = error.retry === 'never' || error.retry === 'ask' || op.attempts + 1 >= MAX_ATTEMPTS;
  if (isFinal) return refuse(context, op, error);
  const { store, clock } = context;
  store.handle.tx('oplog.requeue', () =>
    store.ops.advance(op.id, op.state === 'copied' ? 'copied' : 'queued', clock.now(), { error: packError(error) }),
  );
  return false;
}

/** Refused for good: shown as the server has it, and listed for the person; never dropped in silence. */
function refuse(context: ReplayContext, op: Op, error: MailError): boolean {
  const { store, clock, log } = context;
  const lists: number[] = [];
  store.handle.tx('oplog.refuse', () => {
    const state = error.code === 'operation-unsafe' || error.code === 'message-missing' ? 'conflict' : 'refused';
    store.ops.advance(op.id, state, clock.now(), { error: packError(error) });
    if (op.entryId !== null) lists.push(...store.entries.refresh(op.entryId, context.view()));
  });
  log.warn({ ev: 'oplog.refused', op: op.id, kind: op.change.kind, code: error.code });
  context.onEntriesChanged(lists);
  return true;
}
