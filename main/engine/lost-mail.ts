import { asEntryId, type AccountId, type EntryId } from '../../shared/model/ids.ts';
import type { Side } from '../../shared/model/account.ts';
import { nextTurn } from './core/clock.ts';
import type { Feature } from './feature.ts';
import type { FeatureContext } from './features.ts';
import type { SideJob } from './imap/side-job.ts';
import { forgetSetBack, lostMail } from './mirror/set-back.ts';

/** Mails in one go, after which others have their turn. */
const PORTION = 100;
/** Still on its way out of its mailbox: where it stands is being looked for. */
const IN_TRANSIT = new Set(['unlinked', 'superseded']);

const key = (accountId: AccountId): string => `put-back:${accountId}`;

/** What becomes of mail that the primary has lost or let vanish in mass, once a person has decided. A wish is noted first, and outlives the process. */
export class LostMail implements Feature {
  readonly #context: Pick<FeatureContext, 'store' | 'settleLost' | 'step'>;
  readonly #busy = new Set<AccountId>();

  constructor(context: Pick<FeatureContext, 'store' | 'settleLost' | 'step'>) {
    this.#context = context;
  }

  /**
   * All of it is put back, into mailboxes that are made anew where they are gone; or nothing is, and it stays recoverable.
   * @throws MailError account-missing
   */
  async decide(accountId: AccountId, isPutBack: boolean): Promise<void> {
    const { store, step } = this.#context;
    store.accounts.get(accountId);
    const ids = lostMail(store, accountId);
    if (isPutBack) {
      store.handle.tx('mirror.note-put-back', () => this.#note(accountId, [...new Set([...this.#wanted(accountId), ...ids])]));
      step('mirror.note-put-back');
      return this.#goOn(accountId);
    }
    await this.#settle(ids, false);
    forgetSetBack(store, accountId);
  }

  jobs(accountId: AccountId, side: Side): readonly SideJob[] {
    return side === 'primary' ? [{ name: 'lost-mail', run: () => this.#goOn(accountId) }] : [];
  }

  #wanted(accountId: AccountId): EntryId[] {
    const text = this.#context.store.meta.get(key(accountId));
    return text === null ? [] : (JSON.parse(text) as number[]).map(asEntryId);
  }

  #note(accountId: AccountId, ids: readonly EntryId[]): void {
    this.#context.store.meta.set(key(accountId), JSON.stringify(ids));
  }

  /** Puts back what is lost for certain by now; what may stand elsewhere waits for the next look. */
  async #goOn(accountId: AccountId): Promise<void> {
    const wanted = this.#wanted(accountId);
    if (wanted.length === 0 || this.#busy.has(accountId)) return;
    const { store, step } = this.#context;
    this.#busy.add(accountId);
    try {
      await this.#settle(wanted, true);
      const left = wanted.filter((id) => this.#isInTransit(id));
      if (left.length === wanted.length) return;
      store.handle.tx('mirror.put-back', () => this.#note(accountId, left));
      step('mirror.put-back');
    } finally {
      this.#busy.delete(accountId);
    }
  }

  async #settle(ids: readonly EntryId[], isPutBack: boolean): Promise<void> {
    const { store, settleLost } = this.#context;
    for (let at = 0; at < ids.length; at += PORTION) {
      if (at > 0) await nextTurn();
      settleLost(
        ids.slice(at, at + PORTION).filter((id) => store.entries.exists(id)),
        isPutBack,
      );
    }
  }

  #isInTransit(id: EntryId): boolean {
    const primary = this.#context.store.placements.ofEntry(id).filter(({ side }) => side === 'primary');
    return primary.some(({ state }) => IN_TRANSIT.has(state)) && primary.every(({ state }) => state !== 'present');
  }
}
