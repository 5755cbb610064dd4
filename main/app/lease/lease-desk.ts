import { uptime } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { app, powerMonitor, type WebContents } from 'electron';
import type { CallName } from '../../../shared/ipc/contract.ts';
import type { LeaseNotice, SideSyncState } from '../../../shared/model/sync.ts';
import type { ReadinessReport } from '../../../shared/readiness/report.ts';
import type { EngineService } from '../engine-service.ts';
import type { AppLog } from '../log-file.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import { SealedFile } from '../sealed-file.ts';
import { Lease } from './lease.ts';
import { refuseWhileOver, withoutNames, type LeaseKeeper } from './lease-gate.ts';
import { leaseRecordSchema, type LeaseStanding } from './lease-time.ts';

export const LEASE_FILE = 'lease.sealed';
const LOOK_MS = 10_000;
/** As for the app lock: the window hears of it, and gives what was typed in the last second to the engine. */
const SAVE_MS = 700;

export interface LeaseDeskParts {
  readonly engine: EngineService;
  readonly inForce: Pick<PolicyInForce, 'section' | 'keptState' | 'changeKept'>;
  readonly profileDir: string;
  readonly log: AppLog;
  /** The page of the window, while there is one. */
  readonly contents: () => WebContents | null;
}

/** Carries out IT's lease in the app: closes the window to mail when it is over, and opens it when there was contact. The engine goes on all the while. */
export class LeaseDesk implements LeaseKeeper {
  readonly #parts: LeaseDeskParts;
  readonly #lease: Lease;
  /** What the audit journal of this run knows. */
  #isNotedOver = false;
  #wasOver = false;
  /** The lease has just ended, and the window may save what was being written. */
  #isSaving = false;

  constructor(parts: LeaseDeskParts) {
    this.#parts = parts;
    const { engine, inForce, profileDir, log } = parts;
    this.#lease = new Lease({
      file: new SealedFile({
        file: path.join(profileDir, LEASE_FILE),
        purpose: 'lease 1',
        parse: (value) => leaseRecordSchema.parse(value),
        ev: 'lease',
        log,
      }),
      storeKey: () => engine.storeKey,
      read: () => ({ now: Date.now(), uptimeMs: uptime() * 1000 }),
      wasKept: () => inForce.keptState()?.isLeased ?? false,
      noteKept: (isLeased) => inForce.keptState()?.isLeased !== isLeased && inForce.changeKept({ isLeased }),
      lookNow: () => void engine.behind.call('sync.now', []).catch(() => undefined),
      onChange: (standing) => this.#changed(standing),
      log,
    });
    engine.lease = this;
  }

  /** Looks at the time from now on. Call after ready. */
  watch(): void {
    const look = (): void => this.#lease.look();
    setInterval(look, LOOK_MS).unref();
    powerMonitor.on('resume', look);
    powerMonitor.on('suspend', () => this.#lease.keep());
    app.on('before-quit', () => this.#lease.keep());
  }

  /** What IT's readiness report says of it. */
  get report(): ReadinessReport['lease'] {
    const { standing, days } = this.#lease;
    if (standing === null || days === null) return null;
    const { contactAt } = standing;
    return { days, contactAt: contactAt === null ? null : new Date(contactAt).toISOString(), isOver: this.isOver };
  }

  get isOver(): boolean {
    return this.#lease.standing?.phase === 'over';
  }

  get notice(): LeaseNotice | null {
    const { standing } = this.#lease;
    if (standing === null || standing.phase === 'kept') return null;
    const { contactAt, endsAt } = standing;
    return { contactAt, endsAt };
  }

  check(name: CallName): void {
    if (this.isOver) refuseWhileOver(name, this.#isSaving);
  }

  shown(states: readonly SideSyncState[]): readonly SideSyncState[] {
    return this.isOver ? withoutNames(states) : states;
  }

  heard(states: readonly SideSyncState[]): void {
    this.#lease.heard(states);
  }

  engineEnded(): void {
    this.#lease.ended();
  }

  /** The store's key is there, and what IT holds is known. */
  keysOpened(): void {
    this.#lease.open(this.#days);
  }

  keysClosed(): void {
    this.#lease.close();
  }

  policyChanged(): void {
    this.#lease.set(this.#days);
  }

  /** The engine takes entries of the journal from now on. */
  engineRuns(): void {
    this.#isNotedOver = false;
    this.#note();
  }

  get #days(): number | null {
    return this.#parts.inForce.section('lease')?.days ?? null;
  }

  #changed(standing: LeaseStanding | null): void {
    const { engine, log } = this.#parts;
    if (this.isOver !== this.#wasOver) log.write('warn', { ev: this.isOver ? 'lease.over' : 'lease.renewed', days: this.#days });
    else if (standing?.phase === 'ends-soon') log.write('info', { ev: 'lease.ends-soon', endsAt: standing.endsAt });
    const isLapsed = this.isOver && !this.#wasOver;
    this.#wasOver = this.isOver;
    this.#note();
    // Before the engine ran for the first time there is nothing to save, nor to forget.
    if (isLapsed && ['running', 'restarting'].includes(engine.behind.state().phase)) void this.#lapse();
    else engine.announce();
  }

  #note(): void {
    const { engine } = this.#parts;
    if (this.isOver === this.#isNotedOver || engine.behind.state().phase !== 'running') return;
    this.#isNotedOver = this.isOver;
    engine.notify({ type: 'lease', isOver: this.isOver });
  }

  /** The page is loaded anew, so that nothing of a mail stays in its memory. */
  async #lapse(): Promise<void> {
    const { engine, contents } = this.#parts;
    this.#isSaving = true;
    engine.announce();
    await wait(SAVE_MS);
    this.#isSaving = false;
    contents()?.reload();
  }
}
