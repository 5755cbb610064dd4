import type { EndpointRef } from '../../../shared/model/continuity.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { applyLook, forgetFailures, kindOf, settled, unknownHealth, type Health, type Look } from './health.ts';
import type { ProbeOutcome } from './probe.ts';
import { CALM_GAP_MS, HERD_SPREAD_MS, nextProbeMs } from './schedule.ts';

export interface EndpointWatchOptions {
  readonly endpoint: EndpointRef;
  readonly clock: Clock;
  readonly random: Random;
  readonly past: { readonly hasWorked: boolean; readonly hasFailed: boolean };
  readonly stableMs: () => number;
  /** Running time until which our own network settles. */
  readonly settlesAt: () => number;
  readonly probe: (endpoint: EndpointRef, isReachOnly: boolean) => Promise<ProbeOutcome>;
  /** A look has changed the health. */
  readonly onLook: (watch: EndpointWatch, look: Look, before: Health) => void;
}

/** A side that returns is followed by a look at its other service, but not at every flicker. */
const RETURN_GAP_MS = 10_000;

/** One endpoint: its health, and the probes that find it out where no connection stands. */
export class EndpointWatch {
  readonly #options: EndpointWatchOptions;
  #health: Health;
  #cancel: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #attempts = 0;
  #probedAt = -Infinity;
  #isRunning = false;

  constructor(options: EndpointWatchOptions) {
    this.#options = options;
    this.#health = unknownHealth(options.endpoint, options.clock.now(), options.past);
  }

  get health(): Health {
    return this.#health;
  }

  get endpoint(): EndpointRef {
    return this.#options.endpoint;
  }

  start(): void {
    this.#isRunning = true;
    this.#plan();
  }

  /** No more probes by itself; one that is under way ends with its time. */
  pause(): void {
    this.#isRunning = false;
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Takes what somebody else has seen. */
  take(of: Pick<Look, 'source' | 'isGood' | 'code'>): void {
    const { clock, settlesAt, onLook } = this.#options;
    const t = clock.monotonic();
    const look = { ...of, at: clock.now(), t };
    const before = this.#health;
    this.#health = applyLook(before, look, t < settlesAt());
    if (this.#health === before) return;
    if (this.#health.health === 'up') this.#attempts = 0;
    onLook(this, look, before);
    this.#plan();
  }

  setLive(isLive: boolean): void {
    if (this.#health.isLive !== isLive) this.#health = { ...this.#health, isLive };
  }

  forget(): void {
    this.#health = forgetFailures(this.#health, this.#options.clock.now());
    this.#attempts = 0;
    this.#plan();
  }

  settle(): void {
    this.#health = settled(this.#health);
  }

  /** Looks after this time, unless it was looked at not long before. */
  probeSoon(ms: number): void {
    if (this.#options.clock.monotonic() - this.#probedAt >= CALM_GAP_MS) this.#probeAfter(ms);
  }

  /** Its side answers again: looks within the time given, and where it was looked at in the last moments, when those are over. */
  probeOnReturn(spreadMs: number): void {
    const { clock, random } = this.#options;
    this.#probeAfter(Math.max(spreadMs * random.next(), this.#probedAt + RETURN_GAP_MS - clock.monotonic()));
  }

  /** Mail will go through it from now on. One that was up is looked at some time soon: a whole fleet asks in this moment. */
  probeBeforeUse(): void {
    this.probeSoon(this.#health.health === 'up' ? HERD_SPREAD_MS * this.#options.random.next() : 0);
  }

  #probeAfter(ms: number): void {
    if (!this.#isRunning || this.#running || this.#isTooSoon() || !Number.isFinite(ms)) return;
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(ms, () => this.#due());
  }

  /**
   * Somebody else fails, and what this one says would tell why. One that fails itself is looked at anyway; of one that was up it
   * is enough that it still answers, for a whole fleet asks in this moment.
   */
  askToTell(): void {
    const { health } = this.#health;
    if (health === 'unknown') this.probeSoon(0);
    else if (health === 'up' && this.#isRunning && !this.#running && !this.#isTooSoon()) void this.#look(true);
  }

  /** Looks now; resolves when it is known. */
  probeNow(): Promise<void> {
    return this.#look(false);
  }

  #look(isReachOnly: boolean): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#running ??= this.#probe(isReachOnly).finally(() => {
      this.#running = null;
      this.#plan();
    });
    return this.#running;
  }

  #isTooSoon(): boolean {
    const { health, hasFailed } = this.#health;
    const isCalm = !hasFailed && (health === 'up' || health === 'unknown');
    return isCalm && this.#options.clock.monotonic() - this.#probedAt < CALM_GAP_MS;
  }

  /** A submission server that could not be reached: its log-in is tried when it has been back for the stable time. */
  #isReachWorthTelling(): boolean {
    const { endpoint, health, confirmed, kind } = this.#health;
    return endpoint.service === 'smtp' && health === 'down' && confirmed === 'reach' && kind === 'reach';
  }

  #due(): void {
    this.#cancel = null;
    if (this.#isTooSoon()) this.#plan();
    else void this.#look(this.#isReachWorthTelling());
  }

  async #probe(isReachOnly: boolean): Promise<void> {
    this.#probedAt = this.#options.clock.monotonic();
    this.#attempts += 1;
    const outcome = await this.#options.probe(this.#options.endpoint, isReachOnly);
    if (!this.#isRunning) return;
    if (outcome.isGood) this.take({ source: 'probe', isGood: true, code: null });
    else if (kindOf(outcome.code) !== null) this.take({ source: 'probe', isGood: false, code: outcome.code });
    else this.#probedAt = Infinity; // our own trouble (keyring, store): nothing is learnt by asking again soon
  }

  #plan(): void {
    if (!this.#isRunning || this.#running) return;
    const { clock, random, stableMs, settlesAt } = this.#options;
    const isOwnTrouble = this.#probedAt === Infinity;
    if (isOwnTrouble) this.#probedAt = clock.monotonic();
    const input = { health: this.#health, t: clock.monotonic(), stableMs: stableMs(), attempts: this.#attempts };
    const ms = nextProbeMs({ ...input, settlesAt: settlesAt(), chance: random.next() });
    this.#cancel?.();
    this.#cancel = null;
    if (ms !== null) this.#cancel = clock.after(isOwnTrouble ? Math.max(ms, CALM_GAP_MS) : ms, () => this.#due());
  }
}
