import { MailError } from '../../shared/errors.ts';

/** The calls of keytar that we use; tests give their own. */
export interface KeyringBackend {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
  /** Every item of the service, for a wipe. */
  findCredentials?(service: string): Promise<readonly { readonly account: string }[]>;
}

/** A locked keyring asks the person; an unattended one may never answer. */
const ANSWER_MS = 20_000;

const LOCKED = /locked|dismissed|prompt|-25308|user interaction/iu;

function classify(error: unknown): MailError {
  if (error instanceof MailError) return error;
  const text = error instanceof Error ? error.message : '';
  const code = LOCKED.test(text) ? 'keyring-locked' : 'keyring-unavailable';
  return new MailError(code, { scope: 'store', retry: 'ask', cause: error });
}

export async function loadKeytar(): Promise<KeyringBackend> {
  const module = (await import('keytar')) as unknown as KeyringBackend & { default?: KeyringBackend };
  return module.default ?? module;
}

/**
 * The operating system's keyring. Calls run one after another (parallel ones upset gnome-keyring) and with a time-out; what
 * was read is remembered, so that the keyring is asked once per item. A missing item is null, never an error.
 */
export class Keyring {
  readonly #service: string;
  readonly #load: () => Promise<KeyringBackend>;
  readonly #answerMs: number;
  readonly #known = new Map<string, Promise<string | null>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(service: string, options: { load?: () => Promise<KeyringBackend>; answerMs?: number } = {}) {
    this.#service = service;
    this.#load = options.load ?? loadKeytar;
    this.#answerMs = options.answerMs ?? ANSWER_MS;
  }

  /** @throws MailError keyring-locked, keyring-unavailable */
  get(item: string): Promise<string | null> {
    const known = this.#known.get(item);
    if (known) return known;
    const asked = this.#run((backend) => backend.getPassword(this.#service, item));
    this.#known.set(item, asked);
    // A failure is not remembered: the keyring may be unlocked meanwhile.
    asked.catch(() => this.#known.delete(item));
    return asked;
  }

  /** Stores and reads back: a keyring that takes a value and does not give it must not become the only place of a key. */
  async set(item: string, value: string): Promise<void> {
    this.#known.delete(item);
    await this.#run((backend) => backend.setPassword(this.#service, item, value));
    if ((await this.get(item)) === value) return;
    throw new MailError('keyring-unavailable', { scope: 'store', retry: 'ask', detail: 'the keyring did not keep what it was given' });
  }

  async delete(item: string): Promise<void> {
    this.#known.delete(item);
    await this.#run((backend) => backend.deletePassword(this.#service, item));
  }

  #run<T>(work: (backend: KeyringBackend) => Promise<T>): Promise<T> {
    const next = this.#last.then(() => this.#bounded(work));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #bounded<T>(work: (backend: KeyringBackend) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new MailError('keyring-locked', { scope: 'store', retry: 'ask', detail: 'the keyring does not answer' })),
        this.#answerMs,
      );
    });
    try {
      return await Promise.race([this.#load().then(work), late]);
    } catch (error) {
      throw classify(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
