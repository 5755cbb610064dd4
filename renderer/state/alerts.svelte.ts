import type { ServerAlert } from '../../shared/model/server-alert.ts';
import { call, listen, once } from '../api.ts';
import { Newest } from './newest.ts';
import { session } from './session.svelte.ts';

/** What servers want the person to be told: a cache of the engine's. */
class Alerts {
  list = $state.raw<readonly ServerAlert[]>([]);
  readonly #listen = once(() => listen('alerts.changed', () => void this.load()));
  readonly #newest = new Newest();

  async load(): Promise<void> {
    this.#listen();
    // What fails is asked again with the next change, or when the engine runs again.
    this.list = (await this.#newest.ask(() => call('alerts.list'))) ?? this.list;
  }

  async dismiss({ accountId, id }: ServerAlert): Promise<void> {
    await session.attempt(async () => void (await call('alerts.dismiss', { accountId, id })));
  }
}

export const alerts = new Alerts();
