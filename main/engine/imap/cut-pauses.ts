import { MailError } from '../../../shared/errors.ts';
import type { Clock } from '../core/clock.ts';
import type { ImapSession } from './gateway.ts';
import { isLesserFailure } from './lesser-failure.ts';

/** One cut may be anybody's doing, and the work is taken up at once; from the second in a row on it waits this long, doubled each time. */
const FIRST_PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 15 * 60_000;
/** So often the server may end the connection at one piece of work, with nothing else wrong with it, before it is taken at its word: over about an hour. */
export const MAX_LONE_CUTS = 8;

interface Cuts {
  /** Since something else than a cut ended the work. */
  inRow: number;
  total: number;
  /** On the monotonic clock. */
  pausedUntil: number;
  /** The last complete look at the side before the last cut; undefined where that is not known. */
  lookedAt: number | null | undefined;
}

/** Who wants to know of cuts. */
export interface CutWatch {
  /** When the last complete look at the side ended; null where there was none. */
  lookedAt(): number | null;
  /** @param isAlone everything else went well since the last cut at this piece of work: a complete look came to its end */
  onCut(isAlone: boolean): void;
}

const NONE: Cuts = { inRow: 0, total: 0, pausedUntil: -Infinity, lookedAt: undefined };

/**
 * Pieces of work during which the connection broke. Some servers end the connection in place of a refusal (a message over their limit, a
 * filter on the way): begun anew with each session, one such piece would keep everything else from ever being done, the mirror included.
 */
export class CutPauses {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #cuts = new Map<number, Cuts>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether this piece of work has to let others go first. */
  isPaused(key: number): boolean {
    return (this.#cuts.get(key)?.pausedUntil ?? -Infinity) > this.#clock.monotonic();
  }

  /** A person asks for it: it is not held back any more, and counted anew. */
  forget(key: number): void {
    this.#cuts.delete(key);
  }

  /** How often the connection broke during it and not by its being refused. */
  total(key: number): number {
    return this.#cuts.get(key)?.total ?? 0;
  }

  /** Does the work; a connection that ends meanwhile is noted. @throws what the work throws */
  async around<T>(key: number, session: Pick<ImapSession, 'isOpen'>, work: () => Promise<T>, watch?: CutWatch): Promise<T> {
    try {
      const done = await work();
      this.#cuts.delete(key);
      return done;
    } catch (error) {
      const before = this.#cuts.get(key) ?? NONE;
      if (isCut(error, session)) this.#cutAgain(key, before, watch);
      else if (isLesserFailure(error, session)) this.#cuts.set(key, { ...before, inRow: 0, pausedUntil: -Infinity });
      throw error;
    }
  }

  #cutAgain(key: number, { inRow, total, lookedAt: last }: Cuts, watch: CutWatch | undefined): void {
    // Past the maximum the exponent need not grow.
    const pauseMs = inRow === 0 ? 0 : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(inRow - 1, 20));
    const lookedAt = watch?.lookedAt();
    this.#cuts.set(key, { inRow: inRow + 1, total: total + 1, pausedUntil: this.#clock.monotonic() + pauseMs, lookedAt });
    watch?.onCut(last !== undefined && lookedAt !== null && lookedAt !== last);
  }
}

function isCut(error: unknown, session: Pick<ImapSession, 'isOpen'>): boolean {
  if (!(error instanceof MailError) || error.code === 'cancelled') return false;
  return error.scope === 'connection' || (!session.isOpen && error.scope !== 'store' && error.scope !== 'account');
}
