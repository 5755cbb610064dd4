import { MailError, packError } from '../../shared/errors.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { AuditJournal } from './audit/journal.ts';
import { nextTurn } from './core/clock.ts';
import type { EngineDeps } from './deps.ts';
import type { Feature } from './feature.ts';
import type { Mirrors } from './mirrors.ts';
import type { EngineStore } from './store/engine-store.ts';

export interface AccountRemovalsOptions {
  readonly store: EngineStore;
  readonly deps: Pick<EngineDeps, 'secrets' | 'log'>;
  readonly journal: AuditJournal;
  readonly mirrors: Pick<Mirrors, 'remove'>;
  readonly features: () => readonly Feature[];
  /** Some of its mails are gone. */
  readonly onLess: () => void;
  /** The account is gone. */
  readonly onGone: () => void;
  readonly step: (name: string) => void;
}

/** Takes accounts out of the store, and goes on with the next start where the app ended meanwhile. */
export class AccountRemovals {
  readonly #options: AccountRemovalsOptions;
  readonly #running = new Map<AccountId, Promise<void>>();
  #isStopping = false;

  constructor(options: AccountRemovalsOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process has begun. */
  start(): void {
    const { store, deps } = this.#options;
    for (const { id, acceptLosses } of store.removal.begun()) {
      this.remove(id, acceptLosses).catch((error: unknown) => {
        const { code } = packError(error);
        if (code !== 'cancelled') deps.log.error({ ev: 'accounts.removal-failed', account: id, code });
      });
    }
  }

  /**
   * Removes an account, what is mirrored of it, and its secrets. Nothing happens on any server.
   * @throws MailError cancelled: the app ends, and the rest is done with its next start; store and keyring errors
   */
  remove(id: AccountId, acceptLosses: boolean): Promise<void> {
    const running = this.#running.get(id) ?? this.#remove(id, acceptLosses).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    return running;
  }

  /** Ends with the portion in hand. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.allSettled(this.#running.values());
  }

  async #remove(id: AccountId, acceptLosses: boolean): Promise<void> {
    const { store, deps, journal, mirrors, features, onLess, onGone, step } = this.#options;
    const { email } = store.accounts.get(id).config;
    store.removal.begin(id, acceptLosses);
    step('accounts.removal-begun');
    await mirrors.remove(id);
    for (const one of features()) await one.accountRemoved?.(id);
    while (store.removal.removeSome(id)) {
      step('accounts.removed-some');
      onLess();
      await nextTurn();
      if (this.#isStopping) throw new MailError('cancelled', { scope: 'account', retry: 'later' });
    }
    store.accounts.remove(id);
    step('accounts.removed');
    journal.append('account-removed', email, { acceptLosses });
    // Of a relay, too, that its template took away.
    for (const side of ['primary', 'relay'] as const) {
      for (const service of ['imap', 'smtp'] as const) await deps.secrets.delete(id, side, service);
    }
    onLess();
    onGone();
    while (!this.#isStopping && store.handle.compact() > 0) await nextTurn();
  }
}
