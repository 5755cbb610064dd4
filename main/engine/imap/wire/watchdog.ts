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
}

/** Looks per stall time: fine enough for figures of minutes, and a machine that slept counts as one look only. */
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
  readonly #onSilence: (reason: 'silent' | 'stalled' | 'dripping') => void;
  #patience: Patience = { silenceMs: Infinity, stallMs: Infinity };
  #cancel: (() => void) | null = null;
  #silentMs = 0;
  #lookedMs = 0;
  #bytes = 0;
  #startBytes = 0;

  constructor(clock: Clock, watched: Watched, onSilence: (reason: 'silent' | 'stalled' | 'dripping') => void) {
    this.#clock = clock;
    this.#watched = watched;
    this.#onSilence = onSilence;
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
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  get #stepMs(): number {
    return Math.max(5, Math.min(this.#patience.stallMs, this.#patience.silenceMs) / LOOKS);
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
    const reason = this.#verdict(bytes);
    if (reason === null) this.#schedule();
    else {
      this.#cancel = null;
      this.#onSilence(reason);
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
