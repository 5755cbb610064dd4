import { Backoff } from '../../main/engine/core/backoff.ts';
import type { PackedError } from '../../shared/errors.ts';
import type { Account, Side } from '../../shared/model/account.ts';
import type { SideSyncState } from '../../shared/model/sync.ts';
import type { HeapClock } from './heap-clock.ts';
import type { SeededRandom } from './random.ts';

export const LOGIN_MS = 60;
export const REFUSED_MS = 2;
export const SECOND = 1_000;

/** Both servers, as a fleet meets them: they count, second by second, and are there or not. */
export interface World {
  readonly clock: HeapClock;
  readonly series: Record<Side, { connections: number[]; logins: number[]; submissions: number[] }>;
  isUp(side: Side): boolean;
}

/** One more in the second of this time. */
export function count(list: number[], t: number): void {
  const at = Math.floor(t / SECOND);
  list[at] = (list[at] ?? 0) + 1;
}

/** The wait of a mirror between its attempts, as side-mirror.ts has it: the engine's own backoff, ended early by a call. */
export class Mirror {
  readonly #world: World;
  readonly #side: Side;
  readonly #backoff: Backoff;
  readonly #onState: (state: SideSyncState) => void;
  #state: SideSyncState;
  #cancel: (() => void) | null = null;

  constructor(world: World, side: Side, random: SeededRandom, accountId: Account['id'], onState: (state: SideSyncState) => void) {
    this.#world = world;
    this.#side = side;
    this.#backoff = new Backoff({ clock: world.clock, random });
    this.#onState = onState;
    const counts = { headersDone: 0, headersTotal: 0, bodiesDone: 0, bodiesTotal: 0 };
    const times = { lastCompleteAt: null, completeSince: null, retryAt: null };
    this.#state = { accountId, side, phase: 'stopped', isConnected: false, error: null, failedMailboxes: [], ...counts, ...times };
  }

  get isConnected(): boolean {
    return this.#state.isConnected;
  }

  connect(): void {
    const { clock, series } = this.#world;
    this.#cancel = null;
    this.#patch({ phase: 'connecting' });
    count(series[this.#side].connections, clock.monotonic());
    if (!this.#world.isUp(this.#side)) {
      clock.after(REFUSED_MS, () =>
        this.#wait({ code: 'connect-refused', scope: 'connection', retry: 'later', side: this.#side, detail: '' }),
      );
      return;
    }
    count(series[this.#side].logins, clock.monotonic());
    clock.after(LOGIN_MS, () => {
      this.#backoff.connected();
      this.#patch({ phase: 'watching', isConnected: true, error: null });
    });
  }

  /** The server is gone, and every connection with it. */
  drop(): void {
    if (!this.#state.isConnected) return;
    const error: PackedError = { code: 'connection-lost', scope: 'connection', retry: 'later', side: this.#side, detail: '' };
    this.#patch({ isConnected: false, error });
    this.#backoff.lost();
    this.#wait(error);
  }

  look(): void {
    if (this.#cancel === null) return;
    this.#cancel();
    this.#cancel = null;
    this.connect();
  }

  #wait(error: PackedError): void {
    const delay = this.#backoff.nextDelayMs();
    this.#patch({ phase: 'waiting-to-retry', isConnected: false, error });
    this.#cancel = this.#world.clock.after(delay, () => this.connect());
  }

  #patch(change: Partial<SideSyncState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onState(this.#state);
  }
}
