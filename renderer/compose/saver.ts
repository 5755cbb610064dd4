/** What a save needs from outside; timers are given, so that tests need not wait. */
export interface SaverDeps {
  /** Durable on return. Rejects when it was not saved. */
  save(): Promise<void>;
  /** Calls back after so many milliseconds; returns the function that forgets it. */
  later(ms: number, work: () => void): () => void;
}

/** A pause in the typing that is taken for the time to save. */
export const SAVE_AFTER_MS = 1_000;
/** Who types without a pause is saved this often. */
export const SAVE_AT_LEAST_MS = 10_000;
const RETRY_MS = 5_000;

/** Saves some time after the last change, one save at a time; what changes during a save is saved by the next one. */
export class Saver {
  readonly #deps: SaverDeps;
  #changes = 0;
  #saved = 0;
  #running: Promise<void> | null = null;
  #forgetPause: (() => void) | null = null;
  #forgetLimit: (() => void) | null = null;
  #isStopped = false;

  constructor(deps: SaverDeps) {
    this.#deps = deps;
  }

  get isDirty(): boolean {
    return this.#changes > this.#saved;
  }

  changed(): void {
    if (this.#isStopped) return;
    this.#changes += 1;
    this.#forgetPause?.();
    this.#forgetPause = this.#deps.later(SAVE_AFTER_MS, () => void this.#quietly());
    this.#forgetLimit ??= this.#deps.later(SAVE_AT_LEAST_MS, () => void this.#quietly());
  }

  /** Everything up to now is saved on return. @throws what the save threw */
  async flush(): Promise<void> {
    while (this.isDirty && !this.#isStopped) {
      // A save that already runs may have begun before the last change.
      if (this.#running) await this.#running.catch(() => undefined);
      else await this.#saveOnce();
    }
  }

  /** Nothing is saved any more. Resolves when a save that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#forgetTimers();
    await this.#running?.catch(() => undefined);
  }

  /** Lets a stopped one go on. */
  resume(): void {
    this.#isStopped = false;
    if (this.isDirty) this.changed();
  }

  async #quietly(): Promise<void> {
    try {
      await this.flush();
    } catch {
      // The one who saves has shown why; what was typed is still here, so it is tried again.
      if (!this.#isStopped) this.#forgetPause = this.#deps.later(RETRY_MS, () => void this.#quietly());
    }
  }

  #saveOnce(): Promise<void> {
    this.#forgetTimers();
    const upTo = this.#changes;
    this.#running = this.#deps
      .save()
      .then(() => {
        this.#saved = Math.max(this.#saved, upTo);
      })
      .finally(() => (this.#running = null));
    return this.#running;
  }

  #forgetTimers(): void {
    this.#forgetPause?.();
    this.#forgetLimit?.();
    this.#forgetPause = null;
    this.#forgetLimit = null;
  }
}
