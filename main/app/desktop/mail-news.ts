import type { EntryId } from '../../../shared/model/ids.ts';
import type { MessageRow } from '../../../shared/model/message.ts';
import { Arrivals, type InboxLook } from './arrivals.ts';

/** Mail that comes together is told together. */
const COLLECT_MS = 1_500;
/** However much comes, no more than one notification in this time. */
const GAP_MS = 8_000;

/** What is told of new mail, and when: together, seldom, and not of what was read or removed elsewhere meanwhile. */
export class MailNews {
  readonly #arrivals = new Arrivals();
  readonly #tell: (rows: readonly MessageRow[]) => () => void;
  #waiting: MessageRow[] = [];
  #told: { readonly ids: ReadonlySet<EntryId>; readonly takeAway: () => void } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #lastAt = 0;

  /** @param tell shows a notification, newest first; returns what takes it away again */
  constructor(tell: (rows: readonly MessageRow[]) => () => void) {
    this.#tell = tell;
  }

  /** @param looks one for each account that has an inbox */
  look(looks: readonly InboxLook[]): void {
    const rows = new Map(looks.flatMap((look) => look.rows.map((row) => [row.id, row])));
    const isUnread = (id: EntryId): boolean => rows.get(id)?.isSeen === false;
    this.#arrivals.keepOnly(new Set(looks.map(({ accountId }) => accountId)));
    const news = looks.flatMap((look) => this.#arrivals.look(look));
    this.#waiting = [...news, ...this.#waiting.filter(({ id }) => isUnread(id))];
    if (this.#told && ![...this.#told.ids].some(isUnread)) this.#withdraw();
    if (this.#waiting.length === 0 || this.#timer) return;
    this.#timer = setTimeout(() => this.#flush(), Math.max(COLLECT_MS, this.#lastAt + GAP_MS - Date.now()));
  }

  /** The person has seen the list: what was told is no news any more, nor is what waits to be told. */
  takeAway(): void {
    this.passOver();
    this.#withdraw();
  }

  /** What has come is not told, however soon the next may be. */
  passOver(): void {
    this.#waiting = [];
  }

  #withdraw(): void {
    this.#told?.takeAway();
    this.#told = null;
  }

  #flush(): void {
    this.#timer = undefined;
    const rows = this.#waiting.toSorted((a, b) => b.internalDate - a.internalDate);
    this.passOver();
    if (rows.length === 0) return;
    this.#lastAt = Date.now();
    this.#withdraw();
    this.#told = { ids: new Set(rows.map(({ id }) => id)), takeAway: this.#tell(rows) };
  }
}
