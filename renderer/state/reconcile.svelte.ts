import type { AccountId, ReconcileRunId } from '../../shared/model/ids.ts';
import type { ReconcileRun } from '../../shared/model/reconcile.ts';
import { call, listen, once } from '../api.ts';
import { totalOf } from '../reconcile/summary.ts';
import { Newest } from './newest.ts';
import { session } from './session.svelte.ts';

/** What is carried back after outages: a cache of the engine's. */
class Reconcile {
  runs = $state.raw<readonly ReconcileRun[]>([]);
  /** Raised with every change, so that entries on screen are asked again. */
  version = $state(0);
  /** The run on the page; null for the newest. */
  shownId = $state<ReconcileRunId | null>(null);
  readonly #listen = once(() => listen('reconcile.changed', () => void this.load()));
  readonly #newest = new Newest();

  readonly shown = $derived(this.runs.find((one) => one.id === this.shownId) ?? this.runs[0] ?? null);
  /** Finished, and the person has not put the notice away. */
  readonly toTell = $derived(this.runs.filter((one) => one.state === 'finished' && !one.isAcknowledged));

  async load(): Promise<void> {
    this.#listen();
    // What fails is asked again with the next change, or when the engine runs again.
    this.runs = (await this.#newest.ask(() => call('reconcile.list'))) ?? this.runs;
    this.version += 1;
  }

  /** The run of an account that is not finished. */
  current(accountId: AccountId): ReconcileRun | undefined {
    return this.runs.find((one) => one.accountId === accountId && one.state !== 'finished');
  }

  progress({ balance }: ReconcileRun): { done: number; total: number } {
    const { expected, open } = totalOf(balance);
    return { done: expected - open, total: expected };
  }

  open(runId: ReconcileRunId): void {
    this.shownId = runId;
    session.view = 'reconcile';
  }

  async approve(runId: ReconcileRunId): Promise<void> {
    await session.attempt(async () => this.#put(await call('reconcile.approve', { runId })));
  }

  async acknowledge(runId: ReconcileRunId): Promise<void> {
    const run = this.runs.find((one) => one.id === runId);
    if (!run || run.isAcknowledged) return;
    this.#put({ ...run, isAcknowledged: true });
    await session.attempt(async () => void (await call('reconcile.acknowledge', { runId })));
  }

  #put(run: ReconcileRun): void {
    this.runs = this.runs.map((one) => (one.id === run.id ? run : one));
  }
}

export const reconcile = new Reconcile();
