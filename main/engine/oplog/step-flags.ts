import { MailError } from '../../../shared/errors.ts';
import type { ImapSession, SelectedMailbox } from '../imap/gateway.ts';
import { isKept } from '../imap/kept-flags.ts';
import { flagBits, flagsToText } from '../store/flags.ts';
import type { Op, OpChange } from '../store/ops.ts';
import { baselineFor, guardOf, locatedAt, selectProven, type OpTarget } from './op-target.ts';
import type { ReplayContext, StepOutcome } from './replay-context.ts';
import { decideFlags, theirChanges } from './three-way.ts';

type SetFlags = Extract<OpChange, { kind: 'set-flags' }>;

/** Times a change is decided anew because somebody else was quicker. */
const MAX_ROUNDS = 8;

/**
 * A later change of the same flags that is still to come: this one is part of it. Carried out one after the other, what the other side set
 * to the same meanwhile would pass for our own doing, and be taken back by the second.
 */
export function laterFlags({ store }: ReplayContext, op: Op): Op | null {
  if (op.entryId === null || op.change.kind !== 'set-flags' || op.attempts > 0 || op.state !== 'queued') return null;
  const { change } = op;
  const next = store.ops.ofEntry(op.entryId).find((one) => one.id > op.id);
  if (next === undefined || next.change.kind !== 'set-flags' || next.state !== 'queued' || next.attempts > 0) return null;
  const named = new Set([...next.change.add, ...next.change.remove]);
  return [...change.add, ...change.remove].every((flag) => named.has(flag)) ? next : null;
}

/**
 * Adds and removes flags by the three-way rule. With CONDSTORE each STORE is conditional: where another client was quicker
 * (MODIFIED), the flags are read and decided again. Doing it twice does no harm.
 */
export async function setFlags(
  context: ReplayContext,
  session: ImapSession,
  op: Op,
  target: OpTarget,
  change: SetFlags,
): Promise<StepOutcome> {
  const baseline = baselineFor(op, context.side)?.flags ?? null;
  let modified = 0;
  const stored = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { selected, summary } = await selectProven(session, locatedAt(target));
    const server = flagsToText(summary.flags);
    const decided = decideFlags(baseline, server, keptOf(change, selected));
    // Some servers take every keyword, and keep not one.
    const decision = { ...decided, add: decided.add.filter((flag) => !stored.has(flag)) };
    const isDone = decision.add.length === 0 && decision.remove.length === 0;
    if (isDone) {
      if (decision.theirs.length > 0 || modified > 0)
        noteMeeting(context, op, { baseline, server, theirs: decision.theirs.length, modified });
      return { flags: summary.flags, note: { theirs: decision.theirs.length, modified, ...metNote(baseline, server, change) } };
    }
    // One STORE a round: it raises MODSEQ, and the next has to be conditional on the new one.
    const mode = decision.add.length > 0 ? 'add' : 'remove';
    const guard = guardOf(context, session, selected, { mailbox: target.mailbox, summary });
    const uids = [target.placement.uid];
    const { modified: passedOver } = await session.storeFlags(uids, mode, decision[mode], ...(guard === null ? [] : [guard]));
    if (passedOver.length > 0) modified += 1;
    else {
      for (const flag of decision[mode]) if (!flag.startsWith('\\')) stored.add(flag);
      context.step('oplog.flags-stored');
    }
  }
  throw new MailError('command-refused', { scope: 'message', retry: 'later', side: session.side, detail: 'the flags change all the time' });
}

/** A keyword that the mailbox does not keep is not asked for: some servers ignore it, some refuse the whole command. */
export function keptOf(change: SetFlags, selected: SelectedMailbox): SetFlags {
  const [add, remove] = [change.add, change.remove].map((flags) => flags.filter((flag) => isKept(selected, flag)));
  return { ...change, add: add!, remove: remove! };
}

/** For the report of a reconciliation: what the other side did meanwhile. */
export function metNote(baseline: string | null, server: string, change: SetFlags): Op['stepResult'] {
  const met = theirChanges(baseline, server, change);
  return met === '' ? {} : { met };
}

/** Both sides changed the flags: what each had is logged, so that nothing is overwritten in silence (bar I8). */
export function noteMeeting(
  { log }: ReplayContext,
  op: Op,
  met: { baseline: string | null; server: string; theirs: number; modified: number },
): void {
  const { change } = op;
  if (change.kind !== 'set-flags') return;
  log.info({
    ev: 'oplog.flags-met',
    op: op.id,
    baseline: flagBits(met.baseline ?? ''),
    server: flagBits(met.server),
    oursSet: flagBits(change.add.join(' ')),
    oursCleared: flagBits(change.remove.join(' ')),
    theirs: met.theirs,
    modified: met.modified,
  });
}
