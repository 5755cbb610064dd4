import { existsSync, readFileSync, rmSync } from 'node:fs';
import { seal, unseal } from '../keys/seal.ts';
import { writeFileAtomic } from '../keys/write-file.ts';
import { packError } from '../../shared/errors.ts';
import type { CallResult } from '../../shared/ipc/contract.ts';
import type { AppLog } from './log-file.ts';

export type Overview = CallResult<'overview.get'>;

/** An older one says too little of today. */
const MAX_AGE_MS = 48 * 3_600_000;
const MAX_BYTES = 4 * 1024 * 1024;
const PURPOSE = 'first view 1';

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
  readonly #file: string;
  readonly #log: AppLog;
  readonly #now: () => number;

  constructor(file: string, log: AppLog, now: () => number = Date.now) {
    this.#file = file;
    this.#log = log;
    this.#now = now;
  }

  /**
   * Null where there is none, or none of use: too old, damaged, or of another key. Never throws. One of another version is
   * refused by the contract on its way to the window.
   */
  read(storeKey: Uint8Array): Overview | null {
    try {
      if (!existsSync(this.#file)) return null;
      const { savedAt, overview } = JSON.parse(unseal(PURPOSE, readFileSync(this.#file), storeKey)) as Kept;
      const age = this.#now() - savedAt;
      return age >= 0 && age <= MAX_AGE_MS ? { ...overview, sync: [], isProvisional: true } : null;
    } catch (error) {
      // It saves half a second; the engine answers in its place
      this.#log.write('info', { ev: 'first-view.unusable', kind: packError(error).detail });
      return null;
    }
  }

  /** Keeps this for the next start. Never throws. */
  write(storeKey: Uint8Array, overview: Overview): void {
    if (overview.accounts.length === 0) return this.forget();
    try {
      const text = JSON.stringify({ savedAt: this.#now(), overview });
      if (text.length <= MAX_BYTES) writeFileAtomic(this.#file, seal(PURPOSE, text, storeKey));
    } catch (error) {
      this.#log.write('warn', { ev: 'first-view.not-kept', kind: packError(error).detail });
    }
  }

  /** Mail it may show must not be seen any more. Never throws. */
  forget(): void {
    try {
      rmSync(this.#file, { force: true });
    } catch (error) {
      this.#log.write('warn', { ev: 'first-view.not-forgotten', kind: packError(error).detail });
    }
  }
}
