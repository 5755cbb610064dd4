import { setTimeout } from 'node:timers/promises';
import type { KeyringBackend } from '../../main/keys/keyring.ts';

/** A keyring in memory that can be locked, missing, or wrong. */
export class FakeKeyring implements KeyringBackend {
  readonly items = new Map<string, string>();
  /** What every call fails with; null while it is well. */
  fails: string | null = null;
  running = 0;
  peak = 0;
  writes = 0;

  async #call<T>(work: () => T): Promise<T> {
    this.running += 1;
    this.peak = Math.max(this.peak, this.running);
    await setTimeout(1);
    this.running -= 1;
    if (this.fails !== null) throw new Error(this.fails);
    return work();
  }
  getPassword = (_service: string, account: string) => this.#call(() => this.items.get(account) ?? null);
  setPassword = (_service: string, account: string, value: string) =>
    this.#call(() => {
      this.writes += 1;
      this.items.set(account, value);
    });
  deletePassword = (_service: string, account: string) => this.#call(() => this.items.delete(account));
}
