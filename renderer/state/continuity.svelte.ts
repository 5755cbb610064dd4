import type { AccountId } from '../../shared/model/ids.ts';
import type { ContinuityControl } from '../../shared/model/continuity-config.ts';
import type { ContinuityState } from '../../shared/model/continuity.ts';
import { call, listen, once } from '../api.ts';
import { modeGroups } from '../status/mode-text.ts';
import { Newest } from './newest.ts';
import { session } from './session.svelte.ts';

/** Mode and health of each account: a cache of the engine's. */
class ContinuityView {
  states = $state.raw<readonly ContinuityState[]>([]);
  readonly groups = $derived(modeGroups(this.states));
  /** The account whose details are open, and beside what. */
  details = $state.raw<{ readonly accountId: AccountId; readonly anchor: Element | null } | null>(null);
  readonly #listen = once(() => {
    listen('continuity.state', (states) => {
      this.#newest.outdate();
      this.states = states;
    });
  });
  readonly #newest = new Newest();

  of(accountId: AccountId): ContinuityState | undefined {
    return this.states.find((one) => one.accountId === accountId);
  }

  showDetails(accountId: AccountId, anchor: Element | null): void {
    this.details = { accountId, anchor };
  }

  /** Asks for the states, and from then on hears of changes. What fails is asked again when the engine runs again. */
  async load(): Promise<void> {
    this.#listen();
    this.states = (await this.#newest.ask(() => call('continuity.state'))) ?? this.states;
  }

  /** @param stays the person wants to go on with the mail server */
  async failover(accountId: AccountId, stays = false): Promise<void> {
    await session.attempt(async () => this.#put(await call('continuity.failover', { accountId, stays })));
  }

  async control(accountId: AccountId, control: ContinuityControl): Promise<void> {
    await session.attempt(async () => this.#put(await call('continuity.control', { accountId, control })));
  }

  async probe(accountId: AccountId): Promise<void> {
    await session.attempt(async () => this.#put(await call('continuity.probe', { accountId })));
  }

  #put(state: ContinuityState): void {
    this.states = [...this.states.filter((one) => one.accountId !== state.accountId), state];
  }
}

export const continuity = new ContinuityView();
