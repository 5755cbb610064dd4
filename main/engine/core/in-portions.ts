import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

const RETRY_MS = 60_000;

export interface PortionPlan {
  /** Before the first portion, milliseconds. */
  readonly firstMs: number;
  /** Between portions while something is left. */
  readonly pauseMs: number;
  /** Before the next look when nothing was left; null ends it there. */
  readonly calmMs: number | null;
  /** Event under which a failure is logged. */
  readonly failedAs: string;
}

/** Does work in the background, a small portion at a time. */
export class InPortions {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #plan: PortionPlan;
  readonly #step: () => boolean;
  #cancel: (() => void) | null = null;

  /** @param step one portion; false when nothing was left */
  constructor(clock: Clock, log: Log, plan: PortionPlan, step: () => boolean) {
    this.#clock = clock;
    this.#log = log;
    this.#plan = plan;
    this.#step = step;
  }

  start(): void {
    this.#cancel ??= this.#clock.after(this.#plan.firstMs, () => this.#run());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** One portion at once; false where nothing was left, or it failed. */
  tryStep(): boolean {
    return this.#attempt() === 'more';
  }

  #run(): void {
    const outcome = this.#attempt();
    // What failed is tried again: the store may recover.
    const waitMs = outcome === 'more' ? this.#plan.pauseMs : (this.#plan.calmMs ?? (outcome === 'failed' ? RETRY_MS : null));
    this.#cancel = waitMs === null ? null : this.#clock.after(waitMs, () => this.#run());
  }

  #attempt(): 'more' | 'done' | 'failed' {
    try {
      return this.#step() ? 'more' : 'done';
    } catch (error) {
      this.#log.warn({ ev: this.#plan.failedAs, kind: error instanceof Error ? error.name : typeof error });
      return 'failed';
    }
  }
}
