import type { AccountId } from '../../shared/model/ids.ts';
import type { Drill } from '../../shared/model/drill.ts';
import { call, listen, once } from '../api.ts';
import { session } from './session.svelte.ts';

/** Tests of the emergency access, newest first: a cache of the engine's. Loaded with the page that shows them. */
class Drills {
  #lists = $state.raw<ReadonlyMap<AccountId, readonly Drill[]>>(new Map());
  readonly #listen = once(() => {
    listen('drill.changed', () => {
      for (const id of this.#lists.keys()) void this.load(id);
    });
  });

  of(accountId: AccountId): readonly Drill[] {
    return this.#lists.get(accountId) ?? [];
  }

  async load(accountId: AccountId): Promise<void> {
    this.#listen();
    // What fails is asked again with the next change.
    const drills = await call('drill.list', { accountId }).catch(() => this.of(accountId));
    this.#lists = new Map([...this.#lists, [accountId, drills]]);
  }

  async start(accountId: AccountId, sendTo: Drill['sendTo']): Promise<void> {
    await session.attempt(async () => void (await call('drill.start', { accountId, sendTo })));
    await this.load(accountId);
  }

  async cancel(accountId: AccountId): Promise<void> {
    await session.attempt(async () => void (await call('drill.cancel', { accountId })));
    await this.load(accountId);
  }
}

export const drills = new Drills();
