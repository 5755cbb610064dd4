import type { EntryId } from '../../shared/model/ids.ts';
import type { MessageFilter, MessageRow } from '../../shared/model/message.ts';
import { call } from '../api.ts';
import { engineQuery } from '../list/highlight.ts';
import { PageCache } from '../list/page-cache.ts';
import { FIRST_ROWS, session } from './session.svelte.ts';

const PAGE_ROWS = FIRST_ROWS;
const MAX_PAGES = 80;
const SEARCH_ROWS = 200;

/** The list on screen: pages of a mailbox, or the answer to a search. */
class MessageList {
  mailboxKey = $state<string | null>(null);
  filter = $state<MessageFilter>('all');
  query = $state('');
  isEverywhere = $state(true);
  total = $state(0);
  isLoading = $state(false);
  hasMore = $state(false);
  selectedId = $state<EntryId | null>(null);
  selectedIndex = $state(-1);
  /** A person chose the mailbox; until then the inbox opens as soon as it is known. */
  isChosen = false;
  /** Grows with every change of rows; what is drawn depends on it. */
  version = $state(0);
  readonly #cache = new PageCache<MessageRow>(PAGE_ROWS, MAX_PAGES);
  #found: readonly MessageRow[] = [];
  readonly #asked = new Set<number>();
  #generation = 0;

  get isSearch(): boolean {
    return this.query.trim() !== '';
  }

  row(index: number): MessageRow | undefined {
    return this.isSearch ? this.#found[index] : this.#cache.row(index);
  }

  /** Shows another mailbox, filter or search from its top. */
  show(change: { mailboxKey?: string | null; filter?: MessageFilter; query?: string; isEverywhere?: boolean }): void {
    if (change.mailboxKey !== undefined) this.mailboxKey = change.mailboxKey;
    if (change.filter !== undefined) this.filter = change.filter;
    if (change.query !== undefined) this.query = change.query;
    if (change.isEverywhere !== undefined) this.isEverywhere = change.isEverywhere;
    this.#generation += 1;
    this.#cache.clear();
    this.#asked.clear();
    this.#found = [];
    this.total = 0;
    this.selectedIndex = -1;
    this.version += 1;
    if (this.isSearch) void this.#search();
    else if (!this.#takeFirstPage()) void this.ensure(0, PAGE_ROWS);
  }

  /** Rows that came with the overview, for the mailbox that opens first. */
  #takeFirstPage(): boolean {
    const first = session.firstPage;
    session.firstPage = null;
    if (first === null || first.mailboxKey !== this.mailboxKey || this.filter !== 'all') return false;
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

  select(index: number): void {
    const row = this.row(index);
    this.selectedIndex = index;
    this.selectedId = row?.id ?? null;
  }

  /** Marks rows here at once and hands the change to the engine. */
  async setFlag(ids: readonly EntryId[], flag: 'seen' | 'flagged', isSet: boolean): Promise<void> {
    const changed = new Set<number>(ids);
    const apply = (row: MessageRow): MessageRow => (flag === 'seen' ? { ...row, isSeen: isSet } : { ...row, isFlagged: isSet });
    this.#cache.patch((row) => (changed.has(row.id) ? apply(row) : null));
    this.#found = this.#found.map((row) => (changed.has(row.id) ? apply(row) : row));
    this.version += 1;
    await session.attempt(async () => void (await call('messages.setFlag', { entryIds: [...ids], flag, isSet })));
  }

  async #loadPage(page: number): Promise<void> {
    const { mailboxKey, filter } = this;
    if (mailboxKey === null) return;
    const generation = this.#generation;
    this.#asked.add(page);
    this.isLoading = true;
    await session.attempt(async () => {
      const answer = await call('messages.list', { mailboxKey, filter, offset: page * PAGE_ROWS, limit: PAGE_ROWS });
      if (generation !== this.#generation) return;
      this.#cache.set(page, answer.rows);
      this.#accept(answer.total);
    });
    this.#asked.delete(page);
    this.isLoading = this.#asked.size > 0;
  }

  async #search(): Promise<void> {
    const generation = this.#generation;
    this.isLoading = true;
    await session.attempt(async () => {
      const mailboxKey = this.isEverywhere ? null : this.mailboxKey;
      const answer = await call('search.query', { text: engineQuery(this.query), mailboxKey, limit: SEARCH_ROWS });
      // A slower answer to an older query must not replace a newer one.
      if (generation !== this.#generation) return;
      this.#found = answer.rows;
      this.hasMore = answer.hasMore;
      this.#accept(answer.rows.length);
    });
    if (generation === this.#generation) this.isLoading = false;
  }

  #accept(total: number): void {
    this.total = total;
    const at = this.isSearch
      ? this.#found.findIndex((row) => row.id === this.selectedId)
      : this.#cache.findIndex((row) => row.id === this.selectedId);
    if (at >= 0) this.selectedIndex = at;
    this.version += 1;
  }
}

export const messageList = new MessageList();
