import type { AccountId, EntryId, MailboxId, OpId } from '../../../shared/model/ids.ts';
import type { UndoToken } from '../../../shared/model/action.ts';
import type { DeriveContext } from '../store/derive-entry.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { ShownEntry } from '../store/entries.ts';
import type { OpChange, OpOrigin } from '../store/ops.ts';
import { baselineOf } from './baseline.ts';

export interface RecorderOptions {
  readonly store: EngineStore;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How entries of an account are shown; asked again after a mailbox was planned. */
  view(accountId: AccountId): DeriveContext;
}

/**
 * Journals what one action of the person does, as one group, and shows it at once. Lives inside one transaction: either all
 * of the action is recorded and shown, or nothing.
 */
export class Recorder {
  readonly store: EngineStore;
  readonly now: number;
  readonly groupId: number;
  readonly #view: RecorderOptions['view'];
  readonly #views = new Map<AccountId, DeriveContext>();
  readonly #lists = new Set<MailboxId>();
  readonly #touched = new Set<EntryId>();

  constructor({ store, now, view }: RecorderOptions) {
    this.store = store;
    this.now = now;
    this.#view = view;
    this.groupId = store.ops.beginGroup(now);
  }

  /** Lists that have to be shown anew. */
  get lists(): MailboxId[] {
    return [...this.#lists];
  }

  /** What was done, to be undone as one; counts mails. */
  get token(): UndoToken {
    return { undoId: this.groupId, count: this.#touched.size };
  }

  /** Journals a change of one mail; show() or refresh() follows in the same transaction. */
  note(entryId: EntryId, shown: ShownEntry, change: OpChange, origin: Omit<OpOrigin, 'groupId' | 'baseline'> = {}): OpId {
    this.#touched.add(entryId);
    const baseline = baselineOf(this.store, entryId, shown);
    return this.store.ops.record(shown.accountId, entryId, change, this.now, { ...origin, groupId: this.groupId, baseline });
  }

  /** Journals a change and shows the mail where it is now. */
  change(entryId: EntryId, shown: ShownEntry, change: OpChange, origin?: Omit<OpOrigin, 'groupId' | 'baseline'>): void {
    this.note(entryId, shown, change, origin);
    this.refresh(entryId, shown);
  }

  /** Journals a change that concerns a mailbox, or files a stored source. */
  ofAccount(accountId: AccountId, change: OpChange): OpId {
    return this.store.ops.record(accountId, null, change, this.now, { groupId: this.groupId });
  }

  /** Shows flags at once; cheaper than refresh() for thousands. */
  showFlags(entryId: EntryId, bits: number): void {
    for (const id of this.store.entries.setShownFlags(entryId, bits)) this.#lists.add(id);
  }

  /** Shows a mail as placements and open changes have it. */
  refresh(entryId: EntryId, before: ShownEntry): void {
    this.#touched.add(entryId);
    this.#lists.add(before.viewMailboxId);
    for (const id of this.store.entries.refresh(entryId, this.#viewOf(before.accountId))) this.#lists.add(id);
  }

  /** Mailboxes changed: how entries are shown has to be asked anew. */
  forgetView(accountId: AccountId): void {
    this.#views.delete(accountId);
  }

  #viewOf(accountId: AccountId): DeriveContext {
    const known = this.#views.get(accountId) ?? this.#view(accountId);
    this.#views.set(accountId, known);
    return known;
  }
}
