import type { ContinuityMode, ModeReason, OutageCause } from '../../../shared/model/continuity.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { Clock } from '../core/clock.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { Outage } from '../store/outages.ts';
import { nextMode, situationOf, type ModeEvent, type ModeStep, type OutagePhase } from './mode.ts';

export interface ModeKeeperOptions {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly accountId: AccountId;
  readonly step: (name: string) => void;
}

/** What goes into the rows beside the step itself. */
export interface ModeNote {
  readonly cause: OutageCause | null;
  /** Milliseconds since 1970 of the first sign of trouble. */
  readonly troubleAt: number;
  /** Not the person but IT holds the mode, or lets go of it. */
  readonly isPolicy?: boolean;
}

const BY_POLICY: Partial<Readonly<Record<ModeReason, ModeReason>>> = {
  'forced-by-person': 'forced-by-policy',
  'released-by-person': 'released-by-policy',
};

/** The mode of one account and its outage: each change is durable before anybody is told. */
export class ModeKeeper {
  readonly #options: ModeKeeperOptions;
  #mode: ContinuityMode;
  #reason: ModeReason = 'started';
  #since: number;
  #outage: Outage | null;

  /** Takes up an outage that a restart has interrupted where it was. */
  constructor(options: ModeKeeperOptions) {
    this.#options = options;
    const { store, clock, accountId } = options;
    this.#outage = store.outages.current(accountId);
    this.#since = clock.now();
    this.#mode = this.phase === 'none' ? 'normal' : this.phase === 'open' ? 'continuity' : 'recovering';
    const [last] = store.outages.modeChanges(accountId, 1);
    if (this.#outage !== null && last?.to === this.#mode) {
      this.#reason = last.reason;
      this.#since = last.at;
    }
  }

  get mode(): ContinuityMode {
    return this.#mode;
  }

  get reason(): ModeReason {
    return this.#reason;
  }

  get since(): number {
    return this.#since;
  }

  get outage(): Outage | null {
    return this.#outage;
  }

  get phase(): OutagePhase {
    if (this.#outage === null) return 'none';
    return this.#outage.backAt === null ? 'open' : 'back';
  }

  /** Notes that the mode of before the restart is not the present one. */
  recordStart(): void {
    const { store, clock, accountId } = this.#options;
    const [last] = store.outages.modeChanges(accountId, 1);
    if (last === undefined || last.to === this.#mode) return;
    const cause = this.#outage?.cause ?? null;
    store.handle.tx('continuity.started', () =>
      store.outages.recordMode(accountId, { at: clock.now(), from: last.to, to: this.#mode, reason: 'started', cause }),
    );
  }

  /** Makes the step that the event means here; false where it means nothing, or nothing new. */
  apply(event: ModeEvent, note: ModeNote): boolean {
    const step = nextMode(situationOf(this.#mode, this.phase), event);
    if (step === null) return false;
    const made = note.isPolicy ? { ...step, reason: BY_POLICY[step.reason] ?? step.reason } : step;
    const isMoved = made.mode !== this.#mode;
    const hasNewCause = this.#outage !== null && note.cause !== null && made.mode === 'continuity' && note.cause !== this.#outage.cause;
    if (!isMoved && made.reason === this.#reason && made.outage === 'keep' && !hasNewCause) return false;
    const { store, clock, accountId } = this.#options;
    const now = clock.now();
    store.handle.tx('continuity.mode', () => {
      this.#changeOutage(made, note, now);
      const cause = made.mode === 'offline' ? 'network-down' : note.cause;
      if (isMoved) store.outages.recordMode(accountId, { at: now, from: this.#mode, to: made.mode, reason: made.reason, cause });
    });
    this.#options.step('continuity.mode');
    this.#outage = store.outages.current(accountId);
    if (isMoved) this.#since = now;
    this.#mode = made.mode;
    this.#reason = made.reason;
    return true;
  }

  #changeOutage({ mode, outage: change }: ModeStep, { cause, troubleAt }: ModeNote, now: number): void {
    const { outages } = this.#options.store;
    const { accountId } = this.#options;
    const current = this.#outage;
    if (change === 'open') {
      const what = cause ?? 'forced';
      outages.start(accountId, { cause: what, isDrill: what === 'drill', troubleAt, startedAt: now });
    }
    if (current === null) return;
    if (change === 'back') outages.setBack(current.id, now);
    if (change === 'reopen') outages.setBack(current.id, null);
    if (change === 'end') outages.end(current.id, now);
    const isInOutage = change === 'reopen' || (change === 'keep' && mode === 'continuity');
    // A drill into which a real outage falls is a drill no more.
    if (isInOutage && cause !== null && cause !== 'network-down') outages.setCause(current.id, cause, cause === 'drill');
  }
}
