import type { Clock } from '../core/clock.ts';

/** Lets one waiter sleep until it is woken or a time has passed; a wake that nobody awaits yet counts for the next wait. */
export class Wakeup {
  readonly #clock: Clock;
  #isWoken = false;
  #resume: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    if (this.#resume) this.#resume();
    else this.#isWoken = true;
  }

  /** @param ms null: until woken */
  wait(ms: number | null): Promise<void> {
    if (this.#isWoken) {
      this.#isWoken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const cancel = ms === null ? () => undefined : this.#clock.after(ms, () => done());
      const done = (): void => {
        cancel();
        this.#resume = null;
        resolve();
      };
      this.#resume = done;
    });
  }
}
