import { existsSync, readFileSync, rmSync } from 'node:fs';
import { MailError, packError } from '../../shared/errors.ts';
import { seal, unseal } from '../keys/seal.ts';
import { writeFileAtomic } from '../keys/write-file.ts';
import type { AppLog } from './log-file.ts';

/** Logs name the kind of a fault, never what the file holds. */
const MAX_KIND_CHARS = 60;
const kindOf = (error: unknown): string => {
  const { code, detail } = packError(error);
  return error instanceof MailError ? code : detail.slice(0, MAX_KIND_CHARS);
};

export interface SealedFileOptions<T> {
  readonly file: string;
  /** Names kind and version: what was sealed for another purpose is not read. */
  readonly purpose: string;
  /** @throws where it is not such a value */
  readonly parse: (value: unknown) => T;
  /** First word of its log entries. */
  readonly ev: string;
  readonly log: AppLog;
}

/**
 * Something of the app's own that outlives a restart, as JSON in a file of the profile, sealed under the store's key: nobody without the key
 * can read it or write another one. An older copy of the file can be put in its place, though.
 */
export class SealedFile<T> {
  readonly #options: SealedFileOptions<T>;

  constructor(options: SealedFileOptions<T>) {
    this.#options = options;
  }

  get exists(): boolean {
    return existsSync(this.#options.file);
  }

  /** Null where there is none, or none that this key has sealed and that can be read. Never throws. */
  read(storeKey: Uint8Array): T | null {
    const { file, purpose, parse, ev, log } = this.#options;
    try {
      return this.exists ? parse(JSON.parse(unseal(purpose, readFileSync(file), storeKey))) : null;
    } catch (error) {
      log.write('warn', { ev: `${ev}.unusable`, kind: kindOf(error) });
      return null;
    }
  }

  /** Replaces it, durable on return. @throws MailError `store-full`, `store-read-only`, `store-io` */
  write(storeKey: Uint8Array, value: T): void {
    const { file, purpose } = this.#options;
    writeFileAtomic(file, seal(purpose, JSON.stringify(value), storeKey));
  }

  /** As write(), for what can be done without: a failure is only logged. False where it failed. */
  keep(storeKey: Uint8Array, value: T): boolean {
    const { ev, log } = this.#options;
    try {
      this.write(storeKey, value);
      return true;
    } catch (error) {
      log.write('warn', { ev: `${ev}.not-kept`, kind: kindOf(error) });
      return false;
    }
  }

  /** Never throws. */
  remove(): void {
    const { file, ev, log } = this.#options;
    try {
      rmSync(file, { force: true });
    } catch (error) {
      log.write('warn', { ev: `${ev}.not-removed`, kind: kindOf(error) });
    }
  }
}
