import type { CallResult } from '../../shared/ipc/contract.ts';
import type { AppLog } from './log-file.ts';
import { SealedFile } from './sealed-file.ts';

export type Overview = CallResult<'overview.get'>;

/** An older one says too little of today. */
const MAX_AGE_MS = 48 * 3_600_000;
const MAX_BYTES = 4 * 1024 * 1024;

interface Kept {
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly overview: Overview;
}

/**
 * What the window showed first when it was last closed, sealed under the store's key, so that the next start need not wait
 * for the engine. Shown until the engine has the truth, a moment later; never the source of anything.
 */
export class FirstView {
  readonly #file: SealedFile<Kept>;
  readonly #now: () => number;

  constructor(file: string, log: AppLog, now: () => number = Date.now) {
    // Checked by the contract on its way to the window, which refuses that of another version.
    this.#file = new SealedFile({ file, purpose: 'first view 1', parse: (value) => value as Kept, ev: 'first-view', log });
    this.#now = now;
  }

  /** Null where there is none, or none of use: too old, damaged, or of another key. Never throws. */
  read(storeKey: Uint8Array): Overview | null {
    const kept = this.#file.read(storeKey);
    if (kept === null) return null;
    const age = this.#now() - kept.savedAt;
    return age >= 0 && age <= MAX_AGE_MS ? { ...kept.overview, sync: [], isProvisional: true } : null;
  }

  /** Keeps this for the next start. Never throws. */
  write(storeKey: Uint8Array, overview: Overview): void {
    if (overview.accounts.length === 0) return this.forget();
    const kept: Kept = { savedAt: this.#now(), overview };
    if (JSON.stringify(kept).length <= MAX_BYTES) this.#file.keep(storeKey, kept);
  }

  /** Mail it may show must not be seen any more. Never throws. */
  forget(): void {
    this.#file.remove();
  }
}
