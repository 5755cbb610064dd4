import type { PolicyState } from '../../shared/policy/state.ts';
import { call, listen } from '../api.ts';

/** What IT holds, as far as somebody looks at it. */
class PolicyView {
  state = $state.raw<PolicyState>({ sections: {}, faults: [], held: [], signIn: [], accounts: [], released: [] });
  #isListening = false;

  /** Asks now, and again whenever it changed. */
  async load(): Promise<void> {
    if (!this.#isListening) {
      this.#isListening = true;
      listen('policy.changed', () => void this.load());
      listen('accounts.changed', () => void this.load());
    }
    // The window shows what it knew before where the app does not answer.
    await call('policy.state').then(
      (state) => (this.state = state),
      () => undefined,
    );
  }
}

export const policy = new PolicyView();
