import type { Clock } from '../../core/clock.ts';

/** What the watchdog needs to see of a connection. */
export interface Watched {
  /** Bytes received since the beginning. */
  bytesReceived(): number;
  /** True when part of an answer has come and the rest has not. */
  isMidAnswer(): boolean;
  /** True while the next answer is not read because our own reader is not done with the last one. */
  isReaderBusy(): boolean;
}

export interface Patience {
  /** Silence between answers. */
  readonly silenceMs: number;
  /** Silence inside an answer. */
  readonly stallMs: number;
  /** Silence of either kind that is told before the connection is given up. */
  readonly overdueMs: number;
}

export interface WatchdogHooks {
  /** The connection is to be given up. */
  readonly onGiveUp: (reason: 'silent' | 'stalled' | 'dripping') => void;
  /** The answer is overdue (true), or comes after all (false). */
  readonly onOverdue: (isOverdue: boolean) => void;
}

/** Looks per shortest of the times: fine enough for figures of minutes, and a machine that slept counts as one look only. */
const LOOKS = 8;
/** A server that keeps dripping is given this long, and longer by what it delivers. */
const DRIP_MS = 10 * 60_000;
const DRIP_BYTES_PER_MS = 0.5;

/**
 * Notices that a server does not answer any more. Counts silent looks and not clock time, so that an own pause (a long
 * transaction, a machine asleep) is not taken for the server's.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #watched: Watched;
  readonly #hooks: WatchdogHooks;
  #patience: Patience = { silenceMs: Infinity, stallMs: Infinity, overdueMs: Infinity };
  #cancel: (() => void) | null = null;
  #silentMs = 0;
  #lookedMs = 0;
  #bytes = 0;
  #startBytes = 0;
  #isOverdue = false;

  constructor(clock: Clock, watched: Watched, hooks: WatchdogHooks) {
    this.#clock = clock;
    this.#watched = watched;
    this.#hooks = hooks;
  }

  start(patience: Patience): void {
    this.stop();
    this.#patience = patience;
    this.#silentMs = 0;
    this.#lookedMs = 0;
    this.#bytes = this.#watched.bytesReceived();
    this.#startBytes = this.#bytes;
    this.#schedule();
  }

  /** From now on with other patience, silence counted anew. */
  change(patience: Patience): void {
    this.#patience = patience;
    this.#silentMs = 0;
    this.#lookedMs = 0;
    this.#startBytes = this.#watched.bytesReceived();
    if (this.#cancel === null) return;
    this.#cancel();
    this.#schedule();
  }

  /** What was waited for has come. */
  answered(): void {
    this.#tellOverdue(false);
    this.stop();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#isOverdue = false;
  }

  #tellOverdue(isOverdue: boolean): void {
    if (this.#isOverdue === isOverdue) return;
    this.#isOverdue = isOverdue;
    this.#hooks.onOverdue(isOverdue);
  }

  get #stepMs(): number {
    const { stallMs, silenceMs, overdueMs } = this.#patience;
    return Math.max(5, Math.min(stallMs, silenceMs, overdueMs) / LOOKS);
  }

  #schedule(): void {
    const step = this.#stepMs;
    this.#cancel = this.#clock.after(step, () => this.#look(step));
  }

  #look(step: number): void {
    const bytes = this.#watched.bytesReceived();
    const hasMoved = bytes !== this.#bytes || this.#watched.isReaderBusy();
    this.#bytes = bytes;
    this.#silentMs = hasMoved ? 0 : this.#silentMs + step;
    if (!this.#watched.isReaderBusy()) this.#lookedMs += step;
    this.#tellOverdue(this.#silentMs >= this.#patience.overdueMs);
    const reason = this.#verdict(bytes);
    if (reason === null) this.#schedule();
    else {
      this.#cancel = null;
      this.#hooks.onGiveUp(reason);
    }
  }

  #verdict(bytes: number): 'silent' | 'stalled' | 'dripping' | null {
    const { silenceMs, stallMs } = this.#patience;
    if (this.#watched.isMidAnswer() && this.#silentMs >= stallMs) return 'stalled';
    if (this.#silentMs >= silenceMs) return 'silent';
    const allowedMs = Math.max(DRIP_MS, silenceMs) + (bytes - this.#startBytes) / DRIP_BYTES_PER_MS;
    return this.#lookedMs > allowedMs ? 'dripping' : null;
  }
}
