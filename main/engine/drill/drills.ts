import { MailError, packError } from '../../../shared/errors.ts';
import type { Drill, DrillStep } from '../../../shared/model/drill.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { DrillStore } from '../store/drills.ts';
import { drillSteps, type Finding, type StepContext } from './drill-steps.ts';
import type { DrillWorld } from './drill-world.ts';
import { firstSteps, scoreOf } from './score.ts';

export interface DrillsOptions {
  readonly store: DrillStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly world: DrillWorld;
  readonly onChange: () => void;
}

/** After a store that failed. */
const STORE_RETRY_MS = 5_000;

/**
 * "Test my emergency access": plays an outage on this device only, with the parts that a real one would use, and leaves a
 * scored report. One at a time for each account; the primary is given back whatever happens, also after a kill.
 */
export class Drills {
  readonly #options: DrillsOptions;
  readonly #running = new Map<AccountId, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  readonly #stopped = new AbortController();

  constructor(options: DrillsOptions) {
    this.#options = options;
  }

  /** A drill that a kill cut off is over: it is closed as cancelled and the primary given back. */
  start(): void {
    for (const one of this.#options.store.running()) void this.#closeSurely(one, 'cancelled');
  }

  async stop(): Promise<void> {
    this.#stopped.abort(cancelled());
    const all = [...this.#running.values()];
    for (const { stop } of all) stop.abort(cancelled());
    await Promise.all(all.map(({ ended }) => ended));
  }

  async accountRemoved(id: AccountId): Promise<void> {
    const running = this.#running.get(id);
    running?.stop.abort(cancelled());
    await running?.ended;
  }

  /** Newest first. */
  list(accountId: AccountId): Drill[] {
    return this.#options.store.list(accountId);
  }

  /** @throws MailError config-invalid (no relay), drill-not-now (one runs, or there is real trouble) */
  begin(accountId: AccountId, sendTo: Drill['sendTo']): Drill {
    const { store, clock, world } = this.#options;
    if (!world.hasRelay(accountId)) {
      throw new MailError('config-invalid', { scope: 'account', retry: 'ask', detail: 'this account has no relay' });
    }
    if (this.#running.has(accountId) || world.mode(accountId) !== 'normal') {
      throw new MailError('drill-not-now', { scope: 'account', retry: 'later', detail: 'a drill begins in normal work only' });
    }
    const drill = store.begin(accountId, sendTo, firstSteps(sendTo), clock.now());
    const stop = new AbortController();
    const ended = this.#run(drill, stop.signal).finally(() => this.#running.delete(accountId));
    this.#running.set(accountId, { stop, ended });
    this.#options.onChange();
    return drill;
  }

  /** Ends a running drill; the primary is used again at once. */
  async cancel(accountId: AccountId): Promise<void> {
    await this.accountRemoved(accountId);
  }

  async #run(first: Drill, signal: AbortSignal): Promise<void> {
    const { clock, world, log } = this.#options;
    const context: StepContext = { world, clock, signal, accountId: first.accountId, startedAt: first.startedAt, mail: null };
    let drill = first;
    let isWhole = false;
    try {
      for (const [index, step] of first.steps.entries()) {
        if (step.status === 'skipped') continue;
        if (signal.aborted) break;
        drill = this.#save(withStep(drill, index, { status: 'running' }));
        const result = await this.#step(context, step);
        if (signal.aborted) break;
        drill = this.#save(withStep(drill, index, result));
        log.info({ ev: 'drill.step', drill: drill.id, step: step.name, score: result.score });
      }
      isWhole = !signal.aborted;
    } catch (error) {
      // What a step throws is its finding: here the store has failed.
      log.error({ ev: 'drill.failed', drill: drill.id, code: packError(error).code });
    }
    await this.#closeSurely(drill, isWhole ? 'finished' : 'cancelled');
  }

  /** A store that fails is waited for: until the end is noted the primary counts as gone. What the engine's end cuts off, its next start closes. */
  async #closeSurely(drill: Drill, state: 'finished' | 'cancelled'): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopped;
    for (;;) {
      try {
        return this.#close(drill, state);
      } catch (error) {
        log.error({ ev: 'drill.not-closed', drill: drill.id, code: packError(error).code });
      }
      await clock.sleep(STORE_RETRY_MS, signal).catch(() => undefined); // ended by the stop
      if (signal.aborted) return;
    }
  }

  async #step(context: StepContext, step: DrillStep): Promise<Omit<DrillStep, 'name'>> {
    const { clock } = this.#options;
    const start = clock.monotonic();
    let finding: Finding;
    try {
      finding = await drillSteps[step.name](context);
    } catch (error) {
      finding = { score: 0, detail: '', error };
    }
    const { score, detail, count = null, relayClockMs = 0, error, isLeftOut } = finding;
    const durationMs = Math.max(0, Math.round(clock.monotonic() - start));
    const status = isLeftOut ? 'skipped' : score >= 1 ? 'passed' : 'failed';
    return { status, score, durationMs, detail, count, relayClockMs, error: error === undefined ? null : packError(error) };
  }

  #save(drill: Drill): Drill {
    this.#options.store.save(drill);
    this.#options.onChange();
    return drill;
  }

  #close(drill: Drill, state: 'finished' | 'cancelled'): void {
    const { clock, world } = this.#options;
    world.end(drill.accountId);
    const steps = drill.steps.map((one) =>
      one.status === 'waiting' || one.status === 'running' ? { ...one, status: 'skipped' as const } : one,
    );
    this.#save({ ...drill, state, steps, endedAt: clock.now(), score: state === 'finished' ? scoreOf(steps) : null });
  }
}

function withStep(drill: Drill, index: number, change: Partial<DrillStep>): Drill {
  return { ...drill, steps: drill.steps.map((one, n) => (n === index ? { ...one, ...change } : one)) };
}

const cancelled = (): MailError => new MailError('cancelled', { scope: 'account', retry: 'never' });
