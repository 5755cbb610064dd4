import { packError, type MailError } from '../../../shared/errors.ts';
import { asMailboxId, type EntryId } from '../../../shared/model/ids.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import { flagsFromText, flagsToText } from '../store/flags.ts';
import type { EngineStore } from '../store/engine-store.ts';
import { hasLabels, otherLabels } from '../store/labels.ts';
import type { Op } from '../store/ops.ts';
import type { Placement } from '../store/placements.ts';
import { recordArrival } from './arrive.ts';
import type { OpTarget } from './op-target.ts';
import type { ReplayContext, StepOutcome } from './replay-context.ts';
import { applyFlags } from './three-way.ts';

/** Codes that tell of another change on the server, not of its refusal. */
const CONFLICTS = new Set(['operation-unsafe', 'message-missing', 'changed-on-both-sides']);

export interface Settled {
  readonly op: Op;
  readonly target: OpTarget | null;
  readonly outcome: StepOutcome;
}

/** Notes the outcome of operations: the journal, the placements, and how the mails are shown, in one transaction. */
export function confirm(context: ReplayContext, all: readonly Settled[]): void {
  if (all.length === 0) return;
  const lists: number[] = [];
  context.store.handle.tx('oplog.confirm', () => {
    for (const one of all) if (one.op.change.kind === 'create-mailbox') unveil(context, one.op.change.path);
    const view = context.view();
    for (const one of all) lists.push(...confirmOne(context, one, view));
  });
  context.onEntriesChanged([...new Set(lists)]);
}

function confirmOne(context: ReplayContext, { op, target, outcome }: Settled, view: DeriveContext): number[] {
  const { store, clock } = context;
  const noted = store.ops.get(op.id)?.stepResult ?? op.stepResult;
  const left = outcome.isSourceLeft ? { left: 1 } : {};
  store.ops.advance(op.id, 'done', clock.now(), { stepResult: { ...noted, ...outcome.note, ...left } });
  if (op.entryId === null) return [];
  const { isPlaced, displaced } = outcome.arrival
    ? recordArrival(store, op.entryId, outcome.arrival, target?.placement ?? null, clock.now())
    : { isPlaced: false, displaced: null };
  if (target !== null) settleSource(context, op, target.placement, outcome, isPlaced);
  if (isPlaced && op.change.kind === 'restore') forgetLost(context, op.entryId);
  const partOf = outcome.note?.['partOf'];
  if (partOf === undefined) bringForward(context, op, outcome);
  else noteWhole(context, op.entryId, partOf);
  return [...store.entries.refresh(op.entryId, view), ...(displaced === null ? [] : store.entries.refresh(displaced, view))];
}

function settleSource({ store, clock }: ReplayContext, op: Op, placement: Placement, outcome: StepOutcome, isPlaced: boolean): void {
  const labels = labelsOf(store, op, placement);
  if (outcome.flags) for (const one of [placement, ...labels]) store.placements.setFlags(one.id, flagsToText(outcome.flags), null);
  if (outcome.isSourceLeft) store.placements.setFlags(placement.id, flagsToText([...flagsFromText(placement.flags), '\\deleted']), null);
  if (!outcome.isSourceGone) return;
  const { change } = op;
  const to = change.kind === 'move' ? store.mailboxes.get(asMailboxId(change.targetMailboxId)) : null;
  const isLost = change.kind === 'delete' || (change.kind === 'move' && to?.isMirrored !== true);
  // The Trash holds a message alone: it has no other label any more.
  if (to?.role === 'trash' || to?.role === 'junk') for (const one of labels) store.placements.setState(one.id, 'vanished', clock.now());
  if (isPlaced) store.placements.remove(placement.id);
  else store.placements.setState(placement.id, isLost ? 'vanished' : 'unlinked', clock.now());
}

/** The other labels under which the very message stands, at a server that has such. */
function labelsOf(store: EngineStore, { accountId, entryId, change }: Op, placement: Placement): Placement[] {
  if (entryId === null) return [];
  const target = 'targetMailboxId' in change ? change.targetMailboxId : null;
  return otherLabels(store.placements, hasLabels(store, accountId), placement).filter(
    (one) => one.state === 'present' && one.mailboxId !== target,
  );
}

/** A restored mail is no longer what it was lost as. */
function forgetLost({ store }: ReplayContext, entryId: EntryId): void {
  for (const one of store.placements.ofEntry(entryId)) {
    if (one.side === 'primary' && (one.state === 'vanished' || one.state === 'unlinked')) store.placements.remove(one.id);
  }
}

/** Later changes of the mail are compared with the server as it is after this one: our own doing is no change of the other side. */
function bringForward({ store }: ReplayContext, op: Op, outcome: StepOutcome): void {
  const { change } = op;
  for (const later of store.ops.ofEntry(op.entryId!)) {
    if (later.id <= op.id || later.baseline === null) continue;
    const { baseline } = later;
    if (change.kind === 'set-flags')
      store.ops.setBaseline(later.id, { ...baseline, flags: flagsToText(applyFlags(baseline.flags, change)) });
    else if (change.kind === 'move' || change.kind === 'restore') {
      const flags = outcome.arrival?.seen?.flags ?? baseline.flags;
      store.ops.setBaseline(later.id, { ...baseline, side: 'primary', mailboxId: change.targetMailboxId, flags });
    }
  }
}

/** The later operation stands for both: withdrawn without a word to the server, the earlier one's wish would go with it. */
function noteWhole({ store, clock }: ReplayContext, entryId: EntryId, laterId: string | number | null): void {
  const later = store.ops.ofEntry(entryId).find((one) => one.id === laterId);
  if (later?.state !== 'queued') return;
  store.ops.advance(later.id, 'queued', clock.now(), { stepResult: { ...later.stepResult, hasParts: 1 }, notBefore: later.notBefore });
}

/** A mailbox that was planned here stands now, whatever a look at the list in between made of its row. */
function unveil({ store, accountId }: ReplayContext, path: string): void {
  const planned = store.mailboxes.list(accountId, 'primary', true).find((one) => one.path === path);
  if (planned && planned.vanishedAt !== null) store.mailboxes.record(planned);
}

/** Refused for good, or met by another change: shown as the server has it, and listed for the person; never dropped in silence. */
export function refuse(context: ReplayContext, op: Op, error: MailError): void {
  const { store, clock, log } = context;
  const lists: number[] = [];
  const { change } = op;
  store.handle.tx('oplog.refuse', () => {
    store.ops.advance(op.id, CONFLICTS.has(error.code) ? 'conflict' : 'refused', clock.now(), { error: packError(error) });
    if (op.entryId !== null) lists.push(...store.entries.refresh(op.entryId, context.view()));
    if (change.kind !== 'create-mailbox') return;
    const planned = store.mailboxes.list(context.accountId, 'primary').find((one) => one.path === change.path && one.uidValidity === null);
    if (planned) store.mailboxes.markVanished(planned.id, clock.now());
  });
  log.warn({ ev: 'oplog.refused', op: op.id, kind: change.kind, code: error.code, detail: error.detail });
  context.onEntriesChanged(lists);
}
