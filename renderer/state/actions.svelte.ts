import type { CallResult } from '../../shared/ipc/contract.ts';
import type { FailedChange, UndoToken } from '../../shared/model/action.ts';
import type { AccountId, EntryId } from '../../shared/model/ids.ts';
import type { ViewMailbox } from '../../shared/model/mailbox.ts';
import type { MessageRow } from '../../shared/model/message.ts';
import { call, listen, once } from '../api.ts';
import { accountOf, canReceive, isShownIn, nextMark, rowsFor, type MessageAction } from '../list/message-actions.ts';
import { accountName } from './account-name.ts';
import { mailboxName } from './mailbox-name.ts';
import { messageList } from './message-list.svelte.ts';
import { Newest } from './newest.ts';
import { session } from './session.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const UNDO_MS = 9_000;
const BRIEF_MS = 3_000;

/** Rows of a list of conversations stand for all mails of theirs in its mailbox. */
const areConversations = (rows: readonly MessageRow[]): boolean => rows.some(({ conversation }) => conversation !== null);

/** What was done last, and how it is taken back. */
interface Done {
  readonly undoId: number;
  /** The row that was open, to be opened again. */
  readonly entryId: EntryId | null;
}

/** What a person does with mail, and what of it could not be carried over. */
class Actions {
  failed = $state.raw<readonly FailedChange[]>([]);
  isFailedOpen = $state(false);
  /** Where the choice of a mailbox is open, and for which messages. */
  picking = $state.raw<{ readonly anchor: Element | null; readonly rows: readonly MessageRow[] } | null>(null);
  /** Messages being dragged. */
  dragged = $state.raw<readonly MessageRow[]>([]);
  #open = $state.raw<CallResult<'actions.open'>>([]);
  #last: Done | null = null;
  /** Takes away the notice of what was done before. */
  #hideToast: () => void = () => undefined;
  readonly #listen = once(() => listen('actions.changed', () => void this.load()));
  readonly #newest = new Newest();

  /** The list on screen; null in a search. */
  readonly shown = $derived.by((): ViewMailbox | null => {
    if (messageList.isSearch) return null;
    return session.mailboxes.find((one) => one.key === messageList.mailboxKey) ?? null;
  });

  /** Changes of an account that wait for a server. */
  openOf(accountId: AccountId): number {
    return this.#open.find((one) => one.accountId === accountId)?.count ?? 0;
  }

  /** Those of the messages for which the action makes sense. */
  rowsFor(action: MessageAction, rows: readonly MessageRow[] = messageList.targets): MessageRow[] {
    return rowsFor(action, rows, this.shown?.role ?? null);
  }

  async load(): Promise<void> {
    this.#listen();
    // What fails is asked again with the next change, or when the engine runs again.
    const answer = await this.#newest.ask(() => Promise.all([call('actions.failed'), call('actions.open')]));
    if (answer) [this.failed, this.#open] = answer;
  }

  /** Archives, deletes or restores what is chosen. */
  async run(action: 'archive' | 'delete' | 'restore', rows: readonly MessageRow[] = messageList.targets): Promise<void> {
    const suited = this.rowsFor(action, rows);
    const words = session.words.actions.done;
    await this.#do(suited, (chosen) => call(`messages.${action}`, chosen), words[action]);
  }

  async move(rows: readonly MessageRow[], mailbox: ViewMailbox): Promise<void> {
    const { mailboxId } = mailbox;
    const suited = this.rowsFor('move', rows);
    if (mailboxId === null || !canReceive(mailbox, accountOf(suited))) return;
    const name = mailboxName(mailbox, session.words.folders);
    await this.#do(
      suited,
      (chosen) => call('messages.move', { ...chosen, mailboxId }),
      (count) => session.words.actions.done.move(count, name),
    );
  }

  /** Read or unread, star or none: set where one of them lacks it. */
  async mark(flag: 'seen' | 'flagged', rows: readonly MessageRow[] = messageList.targets): Promise<void> {
    const isSet = nextMark(rows, flag);
    const ids = rows.filter((row) => (flag === 'seen' ? row.isSeen : row.isFlagged) !== isSet).map((row) => row.id);
    if (ids.length === 0) return;
    const entryId = messageList.openRowId;
    this.#offerUndo(
      await messageList.setFlag(ids, flag, isSet, areConversations(rows)),
      session.words.actions.done[isSet ? flag : (`un${flag}` as const)],
      entryId,
    );
  }

  /** Why what is dragged cannot be put there; null where it can, and where it lies already. */
  whyNot(mailbox: ViewMailbox, rows: readonly MessageRow[] = this.dragged): string | null {
    const own = accountOf(rows);
    if (isShownIn(this.shown, mailbox) || canReceive(mailbox, own)) return null;
    const { moveSeveralAccounts, notMoved } = session.words.actions;
    if (own === null) return moveSeveralAccounts;
    if (mailbox.accountId !== null && mailbox.accountId !== own) return notMoved.otherAccount(accountName(own, session.accounts));
    return notMoved.notHere(mailboxName(mailbox, session.words.folders));
  }

  /** Drops what is dragged onto a mailbox, or says why it stays where it is. */
  async drop(mailbox: ViewMailbox): Promise<void> {
    const reason = this.whyNot(mailbox);
    if (reason === null) await this.move(this.dragged, mailbox);
    else toasts.show({ text: reason, countdown: null, action: null, endsAt: Date.now() + UNDO_MS, onEnd: null });
  }

  /** Opens the choice of a mailbox beside an element. */
  pick(anchor: Element | null, rows: readonly MessageRow[] = messageList.targets): void {
    const suited = this.rowsFor('move', rows);
    if (suited.length > 0) this.picking = { anchor, rows: suited };
  }

  /** Takes back what was done last. */
  async undo(): Promise<void> {
    const last = this.#last;
    if (!last) return;
    const { undoId, entryId } = last;
    this.#last = null;
    this.#hideToast();
    const isDone = await session.attempt(async () => void (await call('actions.undo', { undoId })));
    if (!isDone) return;
    this.#tell(session.words.actions.undone, null);
    await messageList.refresh(messageList.shown.first, messageList.shown.end);
    if (entryId !== null) messageList.selectId(entryId);
  }

  async dismiss({ opId, draftId }: FailedChange): Promise<void> {
    const of = opId !== null ? { opId } : draftId !== null ? { draftId } : null;
    if (of !== null) await session.attempt(async () => void (await call('actions.dismiss', of)));
    await this.load();
  }

  async #do(
    rows: readonly MessageRow[],
    work: (chosen: { entryIds: EntryId[]; areConversations: boolean }) => Promise<UndoToken>,
    words: (count: number) => string,
  ): Promise<void> {
    if (rows.length === 0) return;
    const ids = rows.map((row) => row.id);
    const entryId = messageList.openRowId;
    let token: UndoToken | null = null;
    const isDone = await messageList.leaveWith(
      ids,
      async () => void (token = await work({ entryIds: ids, areConversations: areConversations(rows) })),
    );
    if (isDone) this.#offerUndo(token, words, entryId);
  }

  #offerUndo(token: UndoToken | null, words: (count: number) => string, entryId: EntryId | null): void {
    if (token !== null && token.count > 0) this.#tell(words(token.count), { undoId: token.undoId, entryId });
  }

  #tell(text: string, done: Done | null): void {
    this.#last = done;
    this.#hideToast();
    const label = session.words.actions.withKey(session.words.actions.undo, `${session.words.shortcuts.keyNames.Control} Z`);
    this.#hideToast = toasts.show({
      text,
      countdown: null,
      action: done && { label, run: () => void this.undo() },
      endsAt: Date.now() + (done ? UNDO_MS : BRIEF_MS),
      onEnd: null,
    });
  }
}

export const actions = new Actions();
