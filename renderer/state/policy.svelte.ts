import type { PolicyState } from '../../shared/policy/state.ts';
import { call, listen, once } from '../api.ts';
import { Newest } from './newest.ts';

/** What IT holds, as far as somebody looks at it. */
class PolicyView {
  state = $state.raw<PolicyState>({ sections: {}, faults: [], held: [], signIn: [], accounts: [], released: [] });
  readonly #listen = once(() => {
    listen('policy.changed', () => void this.load());
    listen('accounts.changed', () => void this.load());
  });
  readonly #newest = new Newest();

  /** Asks now, and again whenever it changed. */
  async load(): Promise<void> {
    this.#listen();
    // The window shows what it knew before where the app does not answer.
    this.state = (await this.#newest.ask(() => call('policy.state'))) ?? this.state;
  }
}

export const policy = new PolicyView();
