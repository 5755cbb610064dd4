import type { SideSyncState } from '../../../shared/model/sync.ts';

/**
 * Which sides of accounts are in contact with their server, by what the engine tells of them. A connection counts from when it was made, which
 * is after the log-in, until it is lost. After a gap in time (sleep, or a clock that was set) what the engine believes of its connections
 * may be old: each has to be proved anew, by a new connection or a whole look at the mailboxes.
 */
export class ContactWatch {
  readonly #seen = new Map<string, SideSyncState>();
  readonly #live = new Set<string>();

  get isLive(): boolean {
    return this.#live.size > 0;
  }

  /** Takes the states of all sides. */
  heard(states: readonly SideSyncState[]): void {
    const keys = new Set<string>();
    for (const state of states) {
      const key = `${state.accountId}/${state.side}`;
      keys.add(key);
      const before = this.#seen.get(key);
      this.#seen.set(key, state);
      if (!state.isConnected) this.#live.delete(key);
      else if (before?.isConnected !== true || before.lastCompleteAt !== state.lastCompleteAt) this.#live.add(key);
    }
    for (const key of [...this.#seen.keys()].filter((one) => !keys.has(one))) this.#forget(key);
  }

  /** Time has passed in which nothing was watched. */
  gap(): void {
    this.#live.clear();
  }

  /** The engine went, and its connections with it. */
  ended(): void {
    this.#live.clear();
    this.#seen.clear();
  }

  #forget(key: string): void {
    this.#seen.delete(key);
    this.#live.delete(key);
  }
}
