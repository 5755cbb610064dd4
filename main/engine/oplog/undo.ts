import type { MailboxId } from '../../../shared/model/ids.ts';
import type { ShownEntry } from '../store/entries.ts';
import type { Op, OpChange } from '../store/ops.ts';
import { mailboxForRole, requireTarget, restoreTarget } from './target-mailbox.ts';
import type { Recorder } from './recorder.ts';

/** Never claimed: no server has heard of it, and taking it back sends nothing. One that stands for an earlier one, too, is more than itself. */
const isUnheard = (op: Op): boolean => op.state === 'queued' && op.attempts === 0 && op.stepResult['hasParts'] !== 1;

function placeBefore(recorder: Recorder, op: Op, shown: ShownEntry): MailboxId {
  const before = op.baseline?.shownIn;
  const mailbox = before === undefined ? null : recorder.store.mailboxes.get(before as MailboxId);
  if (mailbox === null || mailbox.side !== 'primary' || mailbox.vanishedAt !== null) return restoreTarget(recorder, op.entryId!, shown);
  return requireTarget(recorder.store, mailbox.id, shown.accountId).id;
}

/** The change that takes an operation back; null where there is nothing to take back. */
function inverse(recorder: Recorder, op: Op, shown: ShownEntry): OpChange | null {
  const { change } = op;
  if (change.kind === 'set-flags') return { kind: 'set-flags', add: change.remove, remove: change.add };
  if (change.kind === 'restore') return { kind: 'move', targetMailboxId: mailboxForRole(recorder, shown.accountId, 'trash') };
  if (change.kind !== 'move' && change.kind !== 'delete') return null;
  return { kind: shown.isRecoverable ? 'restore' : 'move', targetMailboxId: placeBefore(recorder, op, shown) };
}

/** A mailbox planned for what is taken back is not made, unless something else is on its way there. */
function withdrawCreation(recorder: Recorder, op: Op & { change: Extract<OpChange, { kind: 'create-mailbox' }> }): void {
  const { store, now } = recorder;
  const mailbox = store.mailboxes.list(op.accountId, 'primary').find((one) => one.path === op.change.path);
  const isNeeded = store.ops
    .open(op.accountId)
    .some(({ id, change }) => id !== op.id && 'targetMailboxId' in change && change.targetMailboxId === mailbox?.id);
  if (isNeeded || !isUnheard(op)) return;
  store.ops.advance(op.id, 'undone', now);
  if (mailbox) store.mailboxes.markVanished(mailbox.id, now);
  recorder.forgetView(op.accountId);
}

function undoOne(recorder: Recorder, op: Op): void {
  const { store, now } = recorder;
  if (op.entryId === null) {
    if (op.change.kind === 'create-mailbox') withdrawCreation(recorder, { ...op, change: op.change });
    return;
  }
  if (['refused', 'conflict', 'undone'].includes(op.state) || store.ops.isUndone(op.id)) return;
  const shown = store.entries.shown(op.entryId);
  if (shown === null) return;
  if (isUnheard(op)) {
    store.ops.advance(op.id, 'undone', now);
    recorder.refresh(op.entryId, shown);
    return;
  }
  const change = inverse(recorder, op, shown);
  if (change !== null) recorder.change(op.entryId, shown, change, { undoOf: op.id });
}

/**
 * Takes back what one action did, newest first: what no server has heard of is withdrawn, for all else the inverse is
 * recorded as a change of its own. A second time does nothing.
 */
export function recordUndo(recorder: Recorder, undoId: number): void {
  for (const op of recorder.store.ops.ofGroup(undoId).reverse()) undoOne(recorder, op);
}
