import { packError } from '../../shared/errors.ts';
import type { Side } from '../../shared/model/account.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { ServerAlert } from '../../shared/model/server-alert.ts';
import type { Feature } from './feature.ts';
import type { FeatureContext } from './features.ts';

/** What servers want the person to be told, from their first word until it is put away. */
export class Alerts implements Feature {
  readonly #context: Pick<FeatureContext, 'deps' | 'store' | 'onEvent'>;

  constructor(context: Pick<FeatureContext, 'deps' | 'store' | 'onEvent'>) {
    this.#context = context;
  }

  /** A server has said so. Never throws: a look at mail does not end by it. The words go to no log. */
  note(accountId: AccountId, side: Side, text: string): void {
    const { deps, store, onEvent } = this.#context;
    try {
      if (!store.alerts.note(accountId, side, text, deps.clock.now())) return;
    } catch (error) {
      // Told again at the next log-in, when the disk may take it.
      deps.log.warn({ ev: 'imap.alert-not-kept', account: accountId, side, code: packError(error).code });
      return;
    }
    deps.log.info({ ev: 'imap.alert', account: accountId, side });
    onEvent('alerts.changed', null);
  }

  /** Of all accounts, oldest first. */
  list(): ServerAlert[] {
    const { accounts, alerts } = this.#context.store;
    return accounts
      .list()
      .flatMap(({ id }) => alerts.open(id))
      .sort((a, b) => a.at - b.at);
  }

  dismiss(accountId: AccountId, id: number): void {
    if (this.#context.store.alerts.dismiss(accountId, id)) this.#context.onEvent('alerts.changed', null);
  }

  accountRemoved(id: AccountId): void {
    this.#context.store.alerts.forget(id);
    this.#context.onEvent('alerts.changed', null);
  }
}
