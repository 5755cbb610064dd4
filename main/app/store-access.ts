import { MailError, packError, type PackedError } from '../../shared/errors.ts';
import type { EngineState } from '../../shared/model/sync.ts';
import type { AppLog } from './log-file.ts';
import type { Secrets } from './secrets.ts';

/** Why there is no store key yet; the words of `engine.state`. */
export type LockReason = Exclude<EngineState['lock'], 'none' | 'lease-over'>;

/** What opening the keys gave: the key, or why there is none and how to go on. */
export type KeysAnswer =
  | (Recoverable & { readonly status: 'ready'; readonly storeKey: Uint8Array; readonly secrets: Secrets })
  | (Recoverable & {
      readonly status: 'locked';
      readonly reason: LockReason;
      readonly error?: PackedError | null;
      /** Enters or chooses the passphrase. @throws MailError `passphrase-wrong`, `passphrase-weak` */
      unlock(passphrase: string): Promise<KeysAnswer>;
    });

interface Recoverable {
  /** @throws MailError `recovery-key-wrong`, `passphrase-weak` */
  recover(recoveryKey: string, passphrase: string | null): Promise<KeysAnswer>;
}

export interface OpenedKeys {
  readonly storeKey: Uint8Array;
  readonly secrets: Secrets;
}

/**
 * The way from the keyring, or a passphrase, to the store key. One attempt at a time: parallel keyring calls upset some
 * keyrings, and two passphrase prompts must not create two keys.
 */
export class StoreAccess {
  readonly #openKeys: () => Promise<KeysAnswer>;
  readonly #log: AppLog;
  #answer: KeysAnswer | null = null;
  #error: PackedError | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor(openKeys: () => Promise<KeysAnswer>, log: AppLog) {
    this.#openKeys = openKeys;
    this.#log = log;
  }

  get keys(): OpenedKeys | null {
    return this.#answer?.status === 'ready' ? this.#answer : null;
  }

  get lock(): EngineState['lock'] {
    return this.#answer?.status === 'locked' ? this.#answer.reason : 'none';
  }

  /** Why the keys could not be opened, or are locked. */
  get error(): PackedError | null {
    return this.#error;
  }

  /** Asks the keyring (again). Never throws; look at `keys`, `lock` and `error`. */
  open(): Promise<void> {
    return this.#oneAtATime(async () => {
      if (this.keys) return;
      try {
        this.#take(await this.#openKeys());
      } catch (error) {
        this.#error = packError(error);
        this.#log.write('error', { ev: 'keys.open-failed', code: this.#error.code });
      }
    });
  }

  /** @throws MailError `passphrase-wrong`, `passphrase-weak`; `call-rejected` when the store is not waiting for this. */
  unlock(passphrase: string, expected: LockReason): Promise<void> {
    return this.#oneAtATime(async () => {
      if (this.#answer?.status !== 'locked' || this.#answer.reason !== expected) {
        throw new MailError('call-rejected', { scope: 'store', retry: 'never', detail: 'store is not waiting for this' });
      }
      this.#take(await this.#answer.unlock(passphrase));
    });
  }

  /** Opens the store by its recovery key. @throws MailError `recovery-key-wrong`, `passphrase-weak`, `call-rejected` */
  recover(recoveryKey: string, passphrase: string | null): Promise<void> {
    return this.#oneAtATime(async () => {
      if (this.#answer === null) throw new MailError('call-rejected', { scope: 'store', retry: 'never', detail: 'keys were not asked' });
      this.#take(await this.#answer.recover(recoveryKey, passphrase));
    });
  }

  /** What was answered no longer holds: the key proved wrong, or the store was set aside. */
  forget(): Promise<void> {
    return this.#oneAtATime(() => {
      this.#answer = null;
      this.#error = null;
      return Promise.resolve();
    });
  }

  /** Overwrites the key and drops the secrets. */
  close(): Promise<void> {
    this.keys?.storeKey.fill(0);
    return this.forget();
  }

  #take(answer: KeysAnswer): void {
    this.#answer = answer;
    this.#error = answer.status === 'locked' ? (answer.error ?? null) : null;
    this.#log.write('info', { ev: 'keys.answer', status: answer.status, lock: this.lock });
  }

  #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#running.then(work, work);
    this.#running = next.catch(() => undefined);
    return next;
  }
}
