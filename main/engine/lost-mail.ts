import type { AccountId, EntryId } from '../../shared/model/ids.ts';
import type { Side } from '../../shared/model/account.ts';
import { nextTurn } from './core/clock.ts';
import type { Feature } from './feature.ts';
import type { FeatureContext } from './features.ts';
import type { SideJob } from './imap/side-job.ts';
import { forgetSetBack, isHeldAtPrimary, lostMail } from './mirror/set-back.ts';

/** Mails in one go, after which others have their turn. */
const PORTION = 100;
/** Still on its way out of its mailbox: where it stands is being looked for. */
const IN_TRANSIT = new Set(['unlinked', 'superseded']);

interface Wish {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ids: readonly EntryId[];
}

const key = (accountId: AccountId): string => `put-back:${accountId}`;

/** What becomes of mail that the primary has lost or let vanish in mass, once a person has decided. A wish is noted first, and outlives the process. */
export class LostMail implements Feature {
  readonly #context: Pick<FeatureContext, 'deps' | 'store' | 'settleLost' | 'step'>;
  readonly #busy = new Set<AccountId>();

  constructor(context: Pick<FeatureContext, 'deps' | 'store' | 'settleLost' | 'step'>) {
    this.#context = context;
  }

  /**
   * All of it is put back, into mailboxes that are made anew where they are gone; or nothing is, and it stays recoverable.
   * @throws MailError account-missing
   */
  async decide(accountId: AccountId, isPutBack: boolean): Promise<void> {
    const {
      store,
      step,
      deps: { clock },
    } = this.#context;
    store.accounts.get(accountId);
    const ids = lostMail(store, accountId);
    if (isPutBack) {
      const before = this.#wish(accountId);
      const at = before.ids.length > 0 ? before.at : clock.now();
      store.handle.tx('mirror.note-put-back', () => this.#note(accountId, { at, ids: [...new Set([...before.ids, ...ids])] }));
      step('mirror.note-put-back');
      return this.#goOn(accountId);
    }
    await this.#settle(ids, null);
    forgetSetBack(store, accountId);
  }

  jobs(accountId: AccountId, side: Side): readonly SideJob[] {
    return side === 'primary' ? [{ name: 'lost-mail', run: () => this.#goOn(accountId) }] : [];
  }

  #wish(accountId: AccountId): Wish {
    const text = this.#context.store.meta.get(key(accountId));
    return text === null ? { at: 0, ids: [] } : (JSON.parse(text) as Wish);
  }

  #note(accountId: AccountId, wish: Wish): void {
    this.#context.store.meta.set(key(accountId), JSON.stringify(wish));
  }

  /** Puts back what is lost for certain by now; what may stand elsewhere waits for the next look. */
  async #goOn(accountId: AccountId): Promise<void> {
    const { at, ids } = this.#wish(accountId);
    if (ids.length === 0 || this.#busy.has(accountId)) return;
    const { store, step } = this.#context;
    this.#busy.add(accountId);
    try {
      await this.#settle(ids, at);
      const left = ids.filter((id) => this.#isInTransit(id));
      if (left.length === ids.length) return;
      store.handle.tx('mirror.put-back', () => this.#note(accountId, { at, ids: left }));
      step('mirror.put-back');
    } finally {
      this.#busy.delete(accountId);
    }
  }

  /** `wishedAt`: when a person wanted it back; null to leave it so. */
  async #settle(ids: readonly EntryId[], wishedAt: number | null): Promise<void> {
    for (let at = 0; at < ids.length; at += PORTION) {
      if (at > 0) await nextTurn();
      const lost = ids.slice(at, at + PORTION).filter((id) => this.#isLost(id, wishedAt ?? Infinity));
      if (lost.length > 0) this.#context.settleLost(lost, wishedAt !== null);
    }
  }

  /** Nothing was done about it since then: what was put back is seen there only with the next look. */
  #isLost(id: EntryId, since: number): boolean {
    const { entries, ops, placements } = this.#context.store;
    if (ops.isRestoredSince(id, since)) return false;
    return entries.shown(id)?.isRecoverable === true || placements.ofEntry(id).some(isHeldAtPrimary);
  }

  #isInTransit(id: EntryId): boolean {
    const primary = this.#context.store.placements.ofEntry(id).filter(({ side }) => side === 'primary');
    return primary.some(({ state }) => IN_TRANSIT.has(state)) && primary.every(({ state }) => state !== 'present');
  }
}
