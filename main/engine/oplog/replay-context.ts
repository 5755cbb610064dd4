import { MailError } from '../../../shared/errors.ts';
import { asMailboxId, type AccountId, type EntryId } from '../../../shared/model/ids.ts';
import type { Side } from '../../../shared/model/account.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { CutPauses } from '../imap/cut-pauses.ts';
import { packAppendNote, unpackAppendNote, type AppendIntent } from '../imap/proved-append.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Mailbox } from '../store/mailboxes.ts';
import type { Op, OpState } from '../store/ops.ts';
import type { Placement } from '../store/placements.ts';

export interface ReplayContext {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly accountId: AccountId;
  readonly side: Side;
  /** By operation. */
  readonly cuts: CutPauses;
  /** When the last complete look at the side ended, milliseconds since 1970; null where there was none. */
  lookedAt(): number | null;
  /** Notes a step in the journal, durable on return. */
  record(op: Op, state: OpState, stepResult: Op['stepResult']): void;
  readonly step: (name: string) => void;
  /** How entries are shown again once an operation is confirmed or refused. */
  view(): DeriveContext;
  /** Mail that only the relay holds, and that the primary will get: changes wait for it to arrive there. */
  awaitsPrimary(entryId: EntryId): boolean;
  readonly onEntriesChanged: (mailboxIds: readonly number[]) => void;
}

/** A message that now stands in a mailbox of the primary by our doing, proved. */
export interface Arrival {
  readonly mailbox: Mailbox;
  readonly uidValidity: Placement['uidValidity'];
  readonly uid: Placement['uid'];
  /** What the server tells of it, where that may differ from what is known of the mail. */
  readonly seen?: Pick<Placement, 'flags' | 'internalDate' | 'sizeBytes' | 'structureDigest' | 'emailId'>;
  readonly sourceId?: Placement['sourceId'];
}

/** What the carrying out of one operation left to be stored with its confirmation. */
export interface StepOutcome {
  /** The message is no longer where it was. */
  readonly isSourceGone?: boolean;
  /** The server kept the original, marked as deleted, because it cannot remove single messages (no UIDPLUS). */
  readonly isSourceLeft?: boolean;
  /** Flags as the server has them now. */
  readonly flags?: readonly string[];
  readonly arrival?: Arrival | null;
  /** More to be kept as evidence. */
  readonly note?: Op['stepResult'];
}

/** @throws MailError mailbox-missing */
export function getMailbox({ store }: Pick<ReplayContext, 'store'>, id: number): Mailbox {
  const mailbox = store.mailboxes.get(asMailboxId(id));
  if (mailbox && mailbox.vanishedAt === null) return mailbox;
  throw new MailError('mailbox-missing', { scope: 'mailbox', retry: 'never', detail: 'target mailbox is gone' });
}

/** Both sides changed the mail past the baseline: the server's state stays, the person is told. `what`: for logs, no content. */
export function conflict(side: Side, what: string): MailError {
  return new MailError('changed-on-both-sides', { scope: 'message', retry: 'never', side, detail: what });
}

/** An append's notes, kept in the journal. */
export function appendNotes(context: ReplayContext, op: Op): Pick<AppendIntent, 'noted' | 'record'> {
  return {
    noted: unpackAppendNote(op.stepResult),
    record: (note) => {
      context.record(op, 'claimed', { ...op.stepResult, ...packAppendNote(note) });
      context.step(note.isAcknowledged ? 'oplog.append-acknowledged' : 'oplog.floor-noted');
    },
  };
}
