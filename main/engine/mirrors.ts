import type { AccountId } from '../../shared/model/ids.ts';
import type { AccountMirror } from './account-mirror.ts';
import { Mutex } from './core/mutex.ts';

/**
 * The mirrors of all accounts. Of one account there is never more than one at work, whoever asks for it, and when: two would carry the same
 * change to the server twice.
 */
export class Mirrors {
  readonly #make: (id: AccountId) => AccountMirror;
  readonly #isStaying: (id: AccountId) => boolean;
  readonly #made = new Map<AccountId, AccountMirror>();
  /** Those of them that run; one that was made for a single look does not. */
  readonly #started = new Set<AccountId>();
  readonly #turns = new Map<AccountId, Mutex>();
  #isRunning = false;

  /** @param isStaying false for an account that is to go: its mirror is not begun anew */
  constructor(make: (id: AccountId) => AccountMirror, isStaying: (id: AccountId) => boolean = () => true) {
    this.#make = make;
    this.#isStaying = isStaying;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Of every account that has one. */
  get all(): readonly AccountMirror[] {
    return [...this.#made.values()];
  }

  get(id: AccountId): AccountMirror | undefined {
    return this.#made.get(id);
  }

  /** From here on accounts are mirrored: these, and those that are added. */
  start(ids: readonly AccountId[]): void {
    this.#isRunning = true;
    for (const id of ids) if (!this.#started.has(id)) this.#start(id);
  }

  /**
   * Begins anew with what is stored by then.
   * @param change done while nothing of the account runs; what it throws is thrown, and then the mirror goes on as it was
   */
  restart(id: AccountId, change: () => void = () => undefined): Promise<void> {
    return this.#inTurn(id, async () => {
      await this.#made.get(id)?.stop();
      try {
        change();
      } finally {
        // One that has stopped says nothing any more.
        this.#made.delete(id);
        if (this.#isRunning && this.#isStaying(id)) this.#start(id);
      }
    });
  }

  /** Ends the mirror of an account. */
  remove(id: AccountId): Promise<void> {
    return this.#inTurn(id, async () => {
      await this.#made.get(id)?.stop();
      this.#made.delete(id);
      this.#started.delete(id);
    });
  }

  /** Ends them all. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await Promise.all(this.all.map((one) => one.stop()));
    this.#made.clear();
    this.#started.clear();
  }

  /** Made for one look; it is not started. */
  once(id: AccountId): AccountMirror {
    const mirror = this.#make(id);
    this.#made.set(id, mirror);
    return mirror;
  }

  #start(id: AccountId): void {
    const mirror = this.#make(id);
    this.#made.set(id, mirror);
    this.#started.add(id);
    mirror.start();
  }

  #inTurn(id: AccountId, work: () => Promise<void>): Promise<void> {
    const turn = this.#turns.get(id) ?? new Mutex();
    this.#turns.set(id, turn);
    return turn.run(work);
  }
}
