import type { FailedChange, UndoToken } from '../../shared/model/action.ts';
import type { AccountId, EntryId, MailboxId, OpId } from '../../shared/model/ids.ts';
import type { Clock } from './core/clock.ts';
import { releaseLost } from './mirror/set-back.ts';
import { viewContext } from './mirror/view-context.ts';
import { describeChange } from './oplog/describe-op.ts';
import {
  recordArchiving,
  recordDeletions,
  recordMoves,
  recordPlaceChange,
  recordRestores,
  type MailboxChange,
  type PlaceChange,
} from './oplog/record-change.ts';
import { recordFlagChange, recordMark, type Mark, type PersonFlag } from './oplog/record-flag.ts';
import { Recorder } from './oplog/recorder.ts';
import { recordUndo } from './oplog/undo.ts';
import type { EngineStore } from './store/engine-store.ts';
import type { Op } from './store/ops.ts';

export interface ActionsOptions {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly onListsChanged: (ids: readonly MailboxId[]) => void;
  /** Open or failed changes are others than before. */
  readonly onChanged: () => void;
  /** Mail that was lost, deleted or held back is wanted again. */
  readonly onRestore: (ids: readonly EntryId[]) => void;
  /** Lets the changes be carried over soon. */
  readonly replaySoon: () => void;
}

/** One of the journal. */
type FailedOp = FailedChange & { readonly opId: OpId };

/** What a person does with mail: journalled and shown in one transaction, carried to the server as soon as it can be reached. */
export class Actions {
  readonly #options: ActionsOptions;

  constructor(options: ActionsOptions) {
    this.#options = options;
  }

  setFlag(entryIds: readonly EntryId[], flag: PersonFlag, isSet: boolean): UndoToken {
    return this.#record('oplog.record-flag', (recorder) => recordFlagChange(recorder, new Set(entryIds), flag, isSet));
  }

  /** @throws MailError not-found, mailbox-missing, call-rejected; nothing is recorded then. */
  move(entryIds: readonly EntryId[], mailboxId: MailboxId): UndoToken {
    return this.#record('oplog.record-moves', (recorder) => recordMoves(recorder, entryIds, mailboxId));
  }

  /** @throws MailError not-found */
  archive(entryIds: readonly EntryId[]): UndoToken {
    return this.#record('oplog.record-archiving', (recorder) => recordArchiving(recorder, entryIds));
  }

  /** To the Trash; what lies there is deleted for good. @throws MailError not-found, operation-unsafe (deleted already) */
  delete(entryIds: readonly EntryId[]): UndoToken {
    return this.#record('oplog.record-deletions', (recorder) => recordDeletions(recorder, entryIds));
  }

  /** @throws MailError not-found, mailbox-missing (the primary has never been read) */
  restore(entryIds: readonly EntryId[]): UndoToken {
    this.#options.onRestore(entryIds);
    return this.#record('oplog.record-restores', (recorder) => recordRestores(recorder, entryIds));
  }

  /**
   * Mail that the primary lost or let vanish at once: put back, into mailboxes that are made anew where they are gone, or left so.
   * @throws MailError as restore()
   */
  settleLost(entryIds: readonly EntryId[], isPutBack: boolean): UndoToken {
    if (isPutBack) this.#options.onRestore(entryIds);
    return this.#record('mirror.settle-lost', (recorder) => {
      for (const id of releaseLost(recorder.store, entryIds)) recorder.refresh(id, recorder.store.entries.shown(id)!);
      if (isPutBack) recordRestores(recorder, entryIds, true);
    });
  }

  /** Takes an action back. The token takes the taking back back; a second call does nothing. */
  undo(undoId: number): UndoToken {
    return this.#record('oplog.record-undo', (recorder) => recordUndo(recorder, undoId));
  }

  /**
   * Marks the original of an accepted reply or forward; the same key is recorded once. Null where nothing is to be done: the
   * mail is gone, or has the mark already.
   */
  recordMark(entryId: EntryId, mark: Mark, uniqueKey: string): OpId | null {
    let opId: OpId | null = null;
    this.#record('oplog.record-mark', (recorder) => {
      opId = recordMark(recorder, entryId, mark, uniqueKey);
    });
    return opId;
  }

  /** One mail's move, copy or permanent deletion, as it is told. @throws MailError not-found */
  changePlace(entryId: EntryId, change: PlaceChange): UndoToken {
    return this.#record('oplog.record-place', (recorder) => recordPlaceChange(recorder, entryId, change));
  }

  /** Creates, renames or deletes a mailbox on the primary, or files a stored source there. */
  changeMailbox(accountId: AccountId, change: MailboxChange): void {
    this.#record('oplog.record-mailbox', (recorder) => void recorder.ofAccount(accountId, change));
  }

  /** Changes that a server refused or that met another one there, newest first; those the person has seen are left out. */
  failed(): FailedOp[] {
    const { store } = this.#options;
    return store.accounts.list().flatMap(({ id }) => store.ops.failed(id).map((op) => this.#describe(op)));
  }

  dismiss(opId: OpId): void {
    const { store, clock, onChanged } = this.#options;
    store.handle.tx('oplog.dismiss', () => store.ops.dismiss(opId, clock.now()));
    onChanged();
  }

  /** How many changes wait for a server, by account. */
  open(): { accountId: AccountId; count: number }[] {
    const { store } = this.#options;
    return store.accounts.list().map(({ id }) => ({ accountId: id, count: store.ops.countOpen(id) }));
  }

  #describe(op: Op): FailedOp {
    const { store } = this.#options;
    const subject = op.entryId === null ? '' : (store.lists.rows([op.entryId])[0]?.subject ?? '');
    const { id: opId, accountId, entryId, change, lastError: error, createdAt } = op;
    const state = op.state === 'refused' ? 'refused' : 'conflict';
    return {
      opId,
      draftId: null,
      accountId,
      entryId,
      subject,
      kind: change.kind,
      state,
      detail: describeChange(store, change),
      error,
      createdAt,
    };
  }

  #record(name: string, work: (recorder: Recorder) => void): UndoToken {
    const { store, clock, onListsChanged, onChanged, replaySoon } = this.#options;
    const recorder = store.handle.tx(name, () => {
      const made = new Recorder({ store, now: clock.now(), view: (accountId) => viewContext(store, accountId) });
      work(made);
      return made;
    });
    if (recorder.lists.length > 0) onListsChanged(recorder.lists);
    onChanged();
    replaySoon();
    return recorder.token;
  }
}
