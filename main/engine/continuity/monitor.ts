import { MailError, type PackedError } from '../../../shared/errors.ts';
import type { Side } from '../../../shared/model/account.ts';
import { continuityInForce, type ContinuityControl } from '../../../shared/model/continuity-config.ts';
import type { ContinuityMode, ContinuityState, ModeChange } from '../../../shared/model/continuity.ts';
import type { AccountId } from '../../../shared/model/ids.ts';
import type { Route } from '../../../shared/model/outbox.ts';
import type { SideSyncState } from '../../../shared/model/sync.ts';
import { Throttle } from '../core/throttle.ts';
import type { EngineDeps } from '../deps.ts';
import type { EngineStore } from '../store/engine-store.ts';
import type { ImapSession } from '../imap/gateway.ts';
import type { SideJob } from '../imap/side-job.ts';
import { AccountMonitor } from './account-monitor.ts';
import type { DeliverySource } from './delivery-watch.ts';
import { probe, type ProbeDeps } from './probe.ts';
import { rehearseOutage } from './rehearse.ts';
import type { DrillPart } from './route.ts';

export interface MonitorOptions extends Pick<ProbeDeps, 'credentials' | 'reject' | 'onAlert'> {
  readonly deps: Pick<EngineDeps, 'clock' | 'random' | 'log' | 'imap' | 'smtp'>;
  readonly store: EngineStore;
  readonly step: (name: string) => void;
  /** Ends a mirror's wait for its next attempt. */
  readonly look: (accountId: AccountId, side: Side) => void;
  readonly deliveries: DeliverySource;
  /** The window is told, at most every 250 ms. */
  readonly onStates: (states: ContinuityState[]) => void;
}

/** Hears of each change that matters to the work of others: mode, reason, cause, route, who decides. */
export type ModeListener = (state: ContinuityState, previous: ContinuityState) => void;

export interface SubmissionReport {
  readonly accountId: AccountId;
  readonly side: Side;
  /** Why it failed; null when the server took the mail. */
  readonly error: Pick<PackedError, 'code' | 'retry'> | null;
  /** The mail that was refused, where the refusal may be about it alone. */
  readonly mail?: number | null;
}

const EVENT_MS = 250;

/** What others react to; evidence and times of looks are for the eye only. */
function essence(
  { mode, reason, cause, control, isHeldByPolicy, asksForFailover, outageId, isDrill }: ContinuityState,
  route: Route,
): string {
  return JSON.stringify([mode, reason, cause, control, isHeldByPolicy, asksForFailover, outageId, isDrill, route]);
}

interface Told {
  readonly state: ContinuityState;
  readonly essence: string;
  readonly text: string;
}

/** Health and mode of every account. A Feature of the engine (main/engine/feature.ts). */
export class ContinuityMonitor {
  readonly #options: MonitorOptions;
  readonly #accounts = new Map<AccountId, AccountMonitor>();
  readonly #told = new Map<AccountId, Told>();
  readonly #listeners = new Set<ModeListener>();
  readonly #events: Throttle;
  readonly #stop = new AbortController();
  #isRunning = false;
  #isOnline = true;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#events = new Throttle(options.deps.clock, EVENT_MS, () => options.onStates(this.states()));
  }

  start(): void {
    this.#isRunning = true;
    for (const { id } of this.#options.store.accounts.list()) this.#begin(id);
  }

  #begin(id: AccountId): void {
    const one = this.#of(id);
    one.start();
    // The system may have spoken before anybody listened.
    if (!this.#isOnline) one.networkChanged(false, false);
  }

  stop(): Promise<void> {
    this.#isRunning = false;
    this.#stop.abort(new MailError('cancelled', { scope: 'account', retry: 'never' }));
    for (const one of this.#accounts.values()) one.stop();
    this.#events.cancel();
    return Promise.resolve();
  }

  accountAdded(id: AccountId): void {
    if (this.#isRunning) this.#begin(id);
  }

  accountRemoved(id: AccountId): void {
    this.#accounts.get(id)?.stop();
    this.#accounts.delete(id);
    this.#told.delete(id);
  }

  sideChanged(state: SideSyncState): void {
    if (this.#isRunning) this.#accounts.get(state.accountId)?.sideChanged(state);
  }

  /** Looks for mail that does not reach the primary, where that is due. */
  jobs(accountId: AccountId, side: Side): readonly SideJob[] {
    if (side !== 'primary') return [];
    return [
      { name: 'continuity.deliveries', run: async (session: ImapSession) => this.#accounts.get(accountId)?.lookForDeliveries(session) },
    ];
  }

  networkChanged(isOnline: boolean, hasMoved = false): void {
    this.#isOnline = isOnline;
    if (this.#isRunning) for (const one of this.#accounts.values()) one.networkChanged(isOnline, hasMoved);
  }

  powerChanged(isSuspended: boolean): void {
    if (this.#isRunning) for (const one of this.#accounts.values()) one.powerChanged(isSuspended);
  }

  /** @throws MailError account-missing, as every question about an account. */
  state(accountId: AccountId): ContinuityState {
    return this.#of(accountId).state;
  }

  states(): ContinuityState[] {
    return this.#options.store.accounts.list().map(({ id }) => this.state(id));
  }

  mode(accountId: AccountId): ContinuityMode {
    return this.#of(accountId).keeper.mode;
  }

  /** Where mail leaves now: a side, or why it is held; in a drill, the drill's own test or any other. */
  route(accountId: AccountId, part: DrillPart = 'other'): Route {
    return this.#of(accountId).route(part);
  }

  /** Takes the outcome of a submission as a look at that side's submission. */
  report({ accountId, side, error, mail = null }: SubmissionReport): void {
    this.#of(accountId).report(side, error, mail);
  }

  /** Calls back after each change; returns the way to end that. */
  onChange(listener: ModeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Everything done in the outage is with the primary (`hadWork`: there was something): recovering ends. */
  reconciled(accountId: AccountId, hadWork = true): void {
    this.#of(accountId).reconciled(hadWork);
  }

  setControl(accountId: AccountId, control: ContinuityControl): ContinuityState {
    this.#of(accountId).setControl(control);
    return this.state(accountId);
  }

  /** A person agrees to work through the relay, or wants to go on with the primary. */
  answerFailover(accountId: AccountId, isAgreed: boolean): ContinuityState {
    this.#of(accountId).answerFailover(isAgreed);
    return this.state(accountId);
  }

  /** Looks at every endpoint now. */
  async probeNow(accountId: AccountId): Promise<ContinuityState> {
    await this.#of(accountId).probeAll();
    return this.state(accountId);
  }

  history(accountId: AccountId, limit: number): ModeChange[] {
    return this.#options.store.outages.modeChanges(accountId, limit);
  }

  /** The primary is treated as gone, without being touched. @throws MailError call-rejected in real trouble. */
  startDrill(accountId: AccountId): void {
    this.#of(accountId).startDrill();
  }

  /** How long the primary's end would take to be noticed now; see rehearse.ts. @throws MailError cancelled by the signal */
  rehearse(accountId: AccountId, signal: AbortSignal): Promise<number | null> {
    const { deps, store } = this.#options;
    const { clock, random } = deps;
    const account = store.accounts.get(accountId);
    return rehearseOutage(
      {
        ...{ account, clock, random, stableMs: continuityInForce(account.config).stableSeconds * 1_000 },
        isWitnessed: () => this.#isWitnessed(accountId),
        probeRelay: (endpoint) => probe(this.#probeDeps, account, endpoint, { stop: signal, isReachOnly: true }),
      },
      signal,
    );
  }

  endDrill(accountId: AccountId): void {
    this.#of(accountId).endDrill();
  }

  /** The account's configuration is another one. */
  configChanged(accountId: AccountId): void {
    this.#of(accountId).configChanged();
  }

  get #probeDeps(): ProbeDeps {
    const { deps, credentials, reject, onAlert } = this.#options;
    return { ...deps, credentials, reject, onAlert };
  }

  #of(accountId: AccountId): AccountMonitor {
    const known = this.#accounts.get(accountId);
    if (known) return known;
    const { deps, store, step, look, deliveries } = this.#options;
    const { clock, random, log } = deps;
    const made = new AccountMonitor({
      ...{ store, clock, random, log, accountId, step, deliveries },
      look: (side) => look(accountId, side),
      probe: (account, endpoint, isReachOnly) => probe(this.#probeDeps, account, endpoint, { stop: this.#stop.signal, isReachOnly }),
      isWitnessed: () => this.#isWitnessed(accountId),
      onChange: () => this.#tell(accountId),
    });
    this.#accounts.set(accountId, made);
    this.#told.set(accountId, this.#look(made));
    return made;
  }

  /** Another account has a connection that stands. */
  #isWitnessed(accountId: AccountId): boolean {
    return [...this.#accounts].some(([id, one]) => id !== accountId && one.isConnected);
  }

  #look(one: AccountMonitor): Told {
    const { state } = one;
    return { state, essence: essence(state, one.route('test')), text: JSON.stringify(state) };
  }

  #tell(accountId: AccountId): void {
    const one = this.#accounts.get(accountId);
    const before = this.#told.get(accountId);
    if (!one || !before) return;
    const now = this.#look(one);
    if (now.text !== before.text) this.#events.trigger();
    if (now.essence === before.essence) return;
    this.#told.set(accountId, now);
    this.#log(before.state, now.state);
    for (const listener of this.#listeners) listener(now.state, before.state);
  }

  #log(before: ContinuityState, { accountId, mode, reason, cause, isDrill }: ContinuityState): void {
    if (before.mode === mode && before.reason === reason) return;
    this.#options.deps.log.info({ ev: 'continuity.mode', account: accountId, from: before.mode, to: mode, reason, cause, isDrill });
  }
}
