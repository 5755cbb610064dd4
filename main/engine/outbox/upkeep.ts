import { packError } from '../../../shared/errors.ts';
import type { OutboxContext } from './context.ts';

const DAY_MS = 86_400_000;
/** Bytes of filed mail are kept for a day: the mirror has the copy in Sent by then. */
const BYTES_KEPT_MS = DAY_MS;
/** Clocks are wrong by this much without anything being forgotten early. */
const SPARE_MS = 2 * DAY_MS;
const SHORTEST_DAYS = 14;

/** Lets go of what ended, once a day. */
export class Upkeep {
  readonly #context: OutboxContext;
  #cancel: (() => void) | null = null;

  constructor(context: OutboxContext) {
    this.#context = context;
  }

  /** How long mail that ended is listed: as long as sent mail is mirrored. */
  keptMs(): number {
    const days = this.#context.accounts().map(({ config }) => config.retention.outgoingDays);
    return Math.max(SHORTEST_DAYS, ...days) * DAY_MS;
  }

  start(): void {
    const { clock, log } = this.#context;
    try {
      const forgotten = this.#forget();
      if (forgotten > 0) log.info({ ev: 'outbox.forgotten', items: forgotten });
    } catch (error) {
      // A disk that is full: what is kept a day longer harms nobody, while a timer that throws would end the process.
      log.warn({ ev: 'outbox.upkeep-failed', code: packError(error).code });
    }
    this.#cancel = clock.after(DAY_MS, () => this.start());
  }

  #forget(): number {
    const { store, clock } = this.#context;
    const now = clock.now();
    return store.forgetEnded(now - BYTES_KEPT_MS, now - this.keptMs() - SPARE_MS);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
