import { windowLimits as limits } from '../../shared/window-limits.ts';
import type { UndoToken } from '../../shared/model/action.ts';
import type { EntryId } from '../../shared/model/ids.ts';
import type { MessageFilter, MessageRow } from '../../shared/model/message.ts';
import { call } from '../api.ts';
import { nextAfter, nothing, only, all, ranged, rangeTo, renewed, toggled, withCursor, type Selection } from '../list/selection.ts';
import { engineQuery } from '../list/highlight.ts';
import { PageCache } from '../list/page-cache.ts';
import { FIRST_ROWS, session } from './session.svelte.ts';

const PAGE_ROWS = FIRST_ROWS;
const MAX_PAGES = 80;
const SEARCH_ROWS = 200;
/** More than a screen holds. */
const FIRST_FOUND = 30;
const REST_AFTER_MS = 200;
/** Rows that one call of the engine takes at most. */
export const MAX_CHOSEN = 10_000;
const BULK_ROWS = limits.listPageRows;

/** The list on screen: pages of a mailbox, or the answer to a search. */
class MessageList {
  mailboxKey = $state<string | null>(null);
  filter = $state<MessageFilter>('all');
  query = $state('');
  isEverywhere = $state(true);
  total = $state(0);
  isLoading = $state(false);
  hasMore = $state(false);
  /** The row that keys move, by its id, so that it is found again where rows come and go. */
  selectedId = $state<EntryId | null>(null);
  selection = $state.raw<Selection<EntryId, MessageRow>>(nothing());
  #anchorId: EntryId | null = null;
  /** Rows on screen, as the list last drew them. */
  shown = { first: 0, end: 0 };
  /** A person marked this one as unread while it was open: looking at it does not change that. */
  keptUnread: EntryId | null = null;
  /** A person chose the mailbox; until then the inbox opens as soon as it is known. */
  isChosen = false;
  /** Grows with every change of rows; what is drawn depends on it. */
  version = $state(0);
  readonly #cache = new PageCache<MessageRow>(PAGE_ROWS, MAX_PAGES);
  #found: readonly MessageRow[] = [];
  readonly #asked = new Set<number>();
  #generation = 0;
  #searchesWanted = 0;
  #isSearching = false;
  /** The generation whose answer is shown. */
  #foundFor = -1;

  get selectedIndex(): number {
    return this.selection.cursor;
  }

  /** Rows stand for conversations, where the mailbox has any. */
  readonly isGrouped = $derived(session.settings.listView === 'conversations');
  /** As the rows that are here were asked for. */
  isShownGrouped = false;
  /** The only row that is chosen. */
  readonly #openRow = $derived.by((): MessageRow | null => {
    const [first] = this.selection.chosen.values();
    return this.selection.isPicked ? null : (first ?? null);
  });
  /** The open row, where more mails than one are read in it. */
  readonly conversation = $derived((this.#openRow?.conversation?.total ?? 0) > 1 ? this.#openRow : null);
  /** The mail of the conversation that is being read. */
  read = $state.raw<MessageRow | null>(null);
  /** The message in the reading pane: none while several are being chosen. */
  readonly openMessage = $derived(this.conversation === null ? this.#openRow : (this.read ?? this.#openRow));
  readonly openId = $derived(this.openMessage?.id ?? null);
  /** The row of the list that it is read in. */
  readonly openRowId = $derived(this.#openRow?.id ?? null);

  /** What an action applies to. */
  readonly targets = $derived([...this.selection.chosen.values()]);

  get isSearch(): boolean {
    return this.query.trim() !== '';
  }

  row(index: number): MessageRow | undefined {
    return this.isSearch ? this.#found[index] : this.#cache.row(index);
  }

  /** The rows on screen are conversations: not every list has any. */
  get hasConversations(): boolean {
    void this.version;
    return !this.isSearch && this.row(0)?.conversation !== null;
  }

  /** Mails or conversations. */
  toggleView(): void {
    void session.change({ listView: this.isGrouped ? 'messages' : 'conversations' });
  }

  /** Shows another mailbox, filter or search from its top. */
  show(change: { mailboxKey?: string | null; filter?: MessageFilter; query?: string; isEverywhere?: boolean }): void {
    const wasSearch = this.isSearch;
    if (change.mailboxKey !== undefined) this.mailboxKey = change.mailboxKey;
    if (change.filter !== undefined) this.filter = change.filter;
    if (change.query !== undefined) this.query = change.query;
    if (change.isEverywhere !== undefined) this.isEverywhere = change.isEverywhere;
    this.#generation += 1;
    this.isShownGrouped = this.isGrouped;
    this.#cache.clear();
    this.#asked.clear();
    // What was found for the letters before stays until the answer for these is there: nothing flickers while one types.
    if (!wasSearch || !this.isSearch) {
      this.#found = [];
      this.total = 0;
    }
    // The open message stays open beside another list; a choice of several does not outlive the list it was made in.
    this.selection = this.selection.isPicked ? nothing() : withCursor({ ...this.selection, anchor: -1 }, -1);
    if (this.selection.chosen.size === 0) this.selectedId = null;
    this.version += 1;
    if (this.isSearch) void this.#search();
    else if (!this.#takeFirstPage()) void this.ensure(0, PAGE_ROWS);
  }

  /** Rows that came with the overview, for the mailbox that opens first. */
  #takeFirstPage(): boolean {
    const first = session.firstPage;
    session.firstPage = null;
    if (first === null || first.mailboxKey !== this.mailboxKey || this.filter !== 'all' || this.isGrouped) return false;
    this.#cache.set(0, first.rows);
    this.#accept(first.total);
    return true;
  }

  /** Sees to it that these rows come. */
  async ensure(first: number, end: number): Promise<void> {
    if (this.isSearch || this.mailboxKey === null) return;
    const pages = this.#cache.pagesFor(first, Math.max(end, first + 1)).filter((page) => !this.#cache.has(page) && !this.#asked.has(page));
    await Promise.all(pages.map((page) => this.#loadPage(page)));
  }

  /** Rows may have changed: what is on screen is asked again, the rest when it is scrolled to. Nothing jumps. */
  async refresh(first: number, end: number): Promise<void> {
    if (this.mailboxKey === null) return;
    if (this.isSearch) return this.#search();
    const visible = this.#cache.pagesFor(first, Math.max(end, first + 1));
    this.#cache.keepOnly(visible);
    await Promise.all(visible.map((page) => this.#loadPage(page)));
  }

  /** Chooses one row alone and opens it. */
  select(index: number): void {
    const row = this.row(index);
    this.#take(only(index, row), row?.id ?? null, row?.id ?? null);
  }

  /** Opens a message that need not be in the list. */
  async openAlone(id: EntryId): Promise<void> {
    const index = this.#indexOf(id);
    if (index >= 0) this.select(index);
    else await session.attempt(async () => this.#take(only(-1, (await call('messages.open', { entryId: id })).row), null, null));
  }

  /** Nothing is open and nothing chosen. */
  close(): void {
    this.#take(nothing(), null, null);
  }

  /** Moves the cursor and leaves what is chosen. */
  moveCursor(index: number): void {
    this.#take(withCursor(this.selection, index), this.row(index)?.id ?? null, this.#anchorId);
  }

  /** Adds a row to what is chosen, or takes it out. */
  toggle(index: number): void {
    const row = this.row(index);
    if (row) this.#take(toggled(this.selection, index, row), row.id, row.id);
  }

  /** Chooses everything from the anchor to here. */
  async extendTo(index: number, isAdding = false): Promise<void> {
    const { first, end } = rangeTo(this.selection, index);
    const generation = this.#generation;
    // Around the cursor, where there are more than can be acted on.
    const from = index >= first + MAX_CHOSEN ? end - MAX_CHOSEN : first;
    const rows = await this.#rows(from, Math.min(end, from + MAX_CHOSEN));
    if (rows === null || generation !== this.#generation) return;
    this.#take(ranged(this.selection, index, rows, isAdding), this.row(index)?.id ?? null, this.#anchorId ?? this.row(index)?.id ?? null);
  }

  /** Chooses every row of the list, at most MAX_CHOSEN. */
  async chooseAll(): Promise<void> {
    const generation = this.#generation;
    const rows = await this.#rows(0, Math.min(this.total, MAX_CHOSEN));
    if (rows !== null && generation === this.#generation) this.selection = all(this.selection, rows);
  }

  /** Back to the row under the cursor alone. */
  endChoice(): void {
    if (this.selection.cursor >= 0) this.select(this.selection.cursor);
    else this.close();
  }

  /**
   * Does something after which rows may leave the list, and goes on with the next row where the one under the cursor is gone.
   * @returns false when it failed; the person has been told
   */
  async leaveWith(ids: readonly EntryId[], work: () => Promise<void>): Promise<boolean> {
    const wasAt = this.selection.cursor;
    const next = nextAfter((index) => this.row(index), this.total, wasAt, new Set(ids));
    const generation = this.#generation;
    if (!(await session.attempt(work))) return false;
    if (generation !== this.#generation) return true;
    await this.refresh(this.shown.first, this.shown.end);
    if (generation !== this.#generation) return true;
    const isGone = ids.some((id) => this.selection.chosen.has(id) && this.#indexOf(id) < 0);
    if (isGone) this.selectId(next);
    else if (this.selection.isPicked) this.endChoice();
    return true;
  }

  /** Opens a message by its id, wherever it stands; nothing where it is not in the list. */
  selectId(id: EntryId | null): void {
    const index = id === null ? -1 : this.#indexOf(id);
    if (index >= 0) this.select(index);
    else this.close();
  }

  #take(selection: Selection<EntryId, MessageRow>, cursorId: EntryId | null, anchorId: EntryId | null): void {
    this.read = null;
    this.selection = selection;
    this.selectedId = cursorId;
    this.#anchorId = anchorId;
  }

  #indexOf(id: EntryId): number {
    return this.isSearch ? this.#found.findIndex((row) => row.id === id) : this.#cache.findIndex((row) => row.id === id);
  }

  /** Rows [first, end), from here where they all are here, else asked for; null when that failed. */
  async #rows(first: number, end: number): Promise<MessageRow[] | null> {
    const known = Array.from({ length: end - first }, (_, n) => this.row(first + n));
    if (known.every((row) => row !== undefined)) return known;
    const { mailboxKey, filter, isGrouped } = this;
    if (this.isSearch || mailboxKey === null) return known.filter((row) => row !== undefined);
    const rows: MessageRow[] = [];
    const isDone = await session.attempt(async () => {
      for (let offset = first; offset < end; offset += BULK_ROWS) {
        const answer = await call('messages.list', { mailboxKey, filter, offset, limit: Math.min(BULK_ROWS, end - offset), isGrouped });
        rows.push(...answer.rows);
      }
    });
    return isDone ? rows : null;
  }

  /** Marks rows here at once and hands the change to the engine; null when that failed, and the person has been told. */
  async setFlag(ids: readonly EntryId[], flag: 'seen' | 'flagged', isSet: boolean, areConversations = false): Promise<UndoToken | null> {
    const changed = new Set<number>(ids);
    if (flag === 'seen') this.keptUnread = !isSet && ids.length === 1 ? (areConversations ? this.openId : (ids[0] ?? null)) : null;
    const apply = (row: MessageRow): MessageRow => {
      // One mail does not speak for its conversation.
      if ((row.conversation !== null) !== areConversations) return row;
      return flag === 'seen' ? { ...row, isSeen: isSet } : { ...row, isFlagged: isSet };
    };
    this.#cache.patch((row) => (changed.has(row.id) ? apply(row) : null));
    this.#found = this.#found.map((row) => (changed.has(row.id) ? apply(row) : row));
    this.selection = renewed(this.selection, this.targets.filter((row) => changed.has(row.id)).map(apply));
    this.version += 1;
    let token: UndoToken | null = null;
    await session.attempt(async () => void (token = await call('messages.setFlag', { entryIds: [...ids], flag, isSet, areConversations })));
    return token;
  }

  async #loadPage(page: number): Promise<void> {
    const { mailboxKey, filter, isGrouped } = this;
    if (mailboxKey === null) return;
    const generation = this.#generation;
    this.#asked.add(page);
    this.isLoading = true;
    await session.attempt(async () => {
      const answer = await call('messages.list', { mailboxKey, filter, offset: page * PAGE_ROWS, limit: PAGE_ROWS, isGrouped });
      if (generation !== this.#generation) return;
      this.#cache.set(page, answer.rows);
      this.#follow(answer.rows);
      this.#accept(answer.total);
      this.selection = renewed(this.selection, answer.rows);
    });
    this.#asked.delete(page);
    this.isLoading = this.#asked.size > 0;
  }

  /** A conversation is known by its newest mail: where another is the newest now, it is still the same that is chosen. */
  #follow(rows: readonly MessageRow[]): void {
    const newest = new Map(rows.map((row) => [row.conversation?.threadId, row]));
    const followed = (row: MessageRow): MessageRow => (row.conversation && newest.get(row.conversation.threadId)) ?? row;
    for (const [id, row] of this.selection.chosen) {
      const now = followed(row).id;
      if (now === id) continue;
      this.selection = {
        ...this.selection,
        chosen: new Map([...this.selection.chosen.values()].map((one) => [followed(one).id, followed(one)])),
      };
      if (this.selectedId === id) this.selectedId = now;
      if (this.#anchorId === id) this.#anchorId = now;
    }
  }

  /** One query at a time: what is typed meanwhile is asked once that one is answered, and only its last state. */
  async #search(): Promise<void> {
    this.#searchesWanted += 1;
    this.isLoading = true;
    if (this.#isSearching) return;
    this.#isSearching = true;
    let asked = 0;
    let limit = SEARCH_ROWS;
    while (asked !== this.#searchesWanted && this.isSearch) {
      asked = this.#searchesWanted;
      // What fits on a screen comes first; a list that is already longer must not shrink when it is asked again.
      limit = this.#foundFor === this.#generation ? SEARCH_ROWS : FIRST_FOUND;
      await session.attempt(() => this.#askSearch(limit));
    }
    this.#isSearching = false;
    if (!this.isSearch) return;
    this.isLoading = false;
    if (this.hasMore && limit === FIRST_FOUND && this.#foundFor === this.#generation) this.#askRestLater();
  }

  /** Whoever still types sees nothing of the rest. */
  #askRestLater(): void {
    const generation = this.#generation;
    setTimeout(() => generation === this.#generation && void this.#search(), REST_AFTER_MS);
  }

  async #askSearch(limit: number): Promise<void> {
    const generation = this.#generation;
    const mailboxKey = this.isEverywhere ? null : this.mailboxKey;
    const answer = await call('search.query', { text: engineQuery(this.query), mailboxKey, limit });
    if (generation !== this.#generation) return;
    this.#foundFor = generation;
    this.#found = answer.rows;
    this.hasMore = answer.hasMore;
    this.#accept(answer.rows.length);
    this.selection = renewed(this.selection, answer.rows);
  }

  #accept(total: number): void {
    this.total = total;
    const { cursor, anchor } = this.selection;
    const at = this.selectedId === null ? -1 : this.#indexOf(this.selectedId);
    const from = this.#anchorId === null ? -1 : this.#indexOf(this.#anchorId);
    const moved = { cursor: at >= 0 ? at : Math.min(cursor, total - 1), anchor: from >= 0 ? from : Math.min(anchor, total - 1) };
    if (moved.cursor !== cursor || moved.anchor !== anchor) this.selection = { ...this.selection, ...moved };
    this.version += 1;
  }
}

export const messageList = new MessageList();
