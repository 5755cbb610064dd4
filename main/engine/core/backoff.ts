import { limits } from '../../../shared/limits.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** The shortest a delay may be by chance, as a share of its full length: many clients must not come back in step. */
const SHORTEST_SHARE = 0.6;
/** The same of long ones: a fleet that lost its server in one moment would come back within a minute (docs/herd.md). */
const SHORTEST_LONG_SHARE = 0.45;
const LONG_MS = 60_000;

/**
 * Waiting times between connection attempts: exponential from limits.backoffFirstMs to limits.backoffMaxMs, each cut short
 * by chance. Starts anew only after a connection has lived for limits.provenSurvivalMs, not after a log-in: a server that
 * accepts and drops is asked as seldom as one that refuses. At most 12 attempts fall into the first ten minutes.
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #attempts = 0;
  #connectedAt: number | null = null;

  constructor({ clock, random }: { clock: Clock; random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A connection stands and its log-in was accepted. */
  connected(): void {
    this.#connectedAt = this.#clock.monotonic();
  }

  /** The connection has ended, for whatever reason. */
  lost(): void {
    const since = this.#connectedAt;
    this.#connectedAt = null;
    if (since !== null && this.#clock.monotonic() - since >= limits.provenSurvivalMs) this.#attempts = 0;
  }

  /** Milliseconds to wait before the next attempt; each call counts as one attempt. */
  nextDelayMs(): number {
    const full = Math.min(limits.backoffMaxMs, limits.backoffFirstMs * 2 ** this.#attempts);
    // Past the maximum the count need not grow: 2 ** n stays a finite number however long an outage lasts.
    if (full < limits.backoffMaxMs) this.#attempts += 1;
    const shortest = full < LONG_MS ? SHORTEST_SHARE : SHORTEST_LONG_SHARE;
    return Math.round(full * (shortest + (1 - shortest) * this.#random.next()));
  }
}
