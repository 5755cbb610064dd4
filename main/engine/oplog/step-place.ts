import type { ImapSession } from '../imap/gateway.ts';
import { flagsToText } from '../store/flags.ts';
import { hasLabels } from '../store/labels.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op, OpChange } from '../store/ops.ts';
import { baselineFor, locatedAt, type OpTarget } from './op-target.ts';
import { conflict, getMailbox, type ReplayContext, type StepOutcome } from './replay-context.ts';
import { copyProved, removeForGood, transfer, type Check } from './step-transfer.ts';
import { changedFlags, decidePlace } from './three-way.ts';

type Of<K extends OpChange['kind']> = Extract<OpChange, { kind: K }>;

export async function copy(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  target: OpTarget,
  change: Of<'copy'>,
): Promise<StepOutcome> {
  await copyProved(context, session, op, locatedAt(target), getMailbox(context, change.targetMailboxId));
  return {};
}

/** A later move or restore of the same mail that is still to come: it is carried out from here, and this one is part of it. */
export function laterPlace({ store }: ReplayContext, op: Op): Op | null {
  if (op.entryId === null || op.attempts > 0 || op.state !== 'queued') return null;
  const next = store.ops.ofEntry(op.entryId).find((one) => one.id > op.id && one.change.kind !== 'set-flags');
  return next && (next.change.kind === 'move' || next.change.kind === 'restore') ? next : null;
}

/** Moves by the three-way rule; to the Trash only what the other side has not changed. `op` as it was before it was claimed. */
export async function move(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  target: OpTarget,
  change: Of<'move'>,
): Promise<StepOutcome> {
  const to = getMailbox(context, change.targetMailboxId);
  const baseline = baselineFor(op, context.side);
  const verdict = decidePlace(baseline?.mailboxId ?? null, target.mailbox.id, to.id);
  if (verdict === 'agreed') return {};
  if (verdict === 'conflict' && hasLabel(context, op, to)) return {};
  if (verdict === 'conflict') throw conflict(context.side, 'moved elsewhere');
  const later = laterPlace(context, op);
  if (later !== null) return { note: { partOf: later.id } };
  const check: Check | undefined =
    to.role === 'trash' ? (summary) => requireUnchanged(context, baseline, flagsToText(summary.flags), 'trash') : undefined;
  return transfer(context, session, op, locatedAt(target), to, check);
}

/** Where mailboxes are labels, a mail stands in others besides the one by which it goes. */
const hasLabel = ({ store, accountId }: ReplayContext, { entryId }: Op, to: Mailbox): boolean =>
  entryId !== null &&
  hasLabels(store, accountId) &&
  store.placements.ofEntry(entryId).some((one) => one.mailboxId === to.id && one.state === 'present');

/** @throws MailError changed-on-both-sides */
function requireUnchanged(
  { side }: ReplayContext,
  baseline: { readonly flags: string } | null,
  server: string,
  of: 'trash' | 'forever',
): void {
  if (changedFlags(baseline?.flags ?? null, server, of).length > 0) throw conflict(side, 'flags changed');
}

/** Deletes for good, and only what nobody has touched since; conditional on MODSEQ where the server can. */
export async function remove(context: ReplayContext, session: ImapSession, op: Op, target: OpTarget): Promise<StepOutcome> {
  const baseline = baselineFor(op, context.side);
  if (baseline && baseline.mailboxId !== null && baseline.mailboxId !== target.mailbox.id) throw conflict(context.side, 'moved elsewhere');
  return removeForGood(context, session, locatedAt(target), ({ flags }) => {
    // A repeated try finds our own mark.
    const theirs = op.attempts > 0 ? flags.filter((flag) => flag.toLowerCase() !== '\\deleted') : flags;
    requireUnchanged(context, baseline, flagsToText(theirs), 'forever');
  });
}
